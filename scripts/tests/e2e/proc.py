# SPDX-License-Identifier: GPL-2.0
"""What threads are doing, from /proc: how to know that a call waits."""
from __future__ import annotations

import os
from pathlib import Path

READ, POLL, IOCTL = 0, 7, 16


def state(task: Path | int) -> str:
    """A thread's state, a letter as in ps."""
    folder = task if isinstance(task, Path) else Path("/proc", str(task))
    stat = (folder / "stat").read_text(encoding="ascii", errors="replace")
    return stat[stat.rindex(")") + 2]


def waits_in(pid: int, call: int) -> bool:
    """Whether a thread sleeps, interruptibly, in a system call; of a process, its
    main thread."""
    words = Path(f"/proc/{pid}/syscall").read_text(encoding="ascii").split()
    return words[0] == str(call) and state(pid) == "S"


def own_thread_hangs() -> bool:
    """Whether a thread of this process waits uninterruptibly."""
    return any(state(task) == "D" for task in Path("/proc/self/task").iterdir())


def hangs_inside(task: Path, *functions: str) -> bool:
    """Whether a thread waits uninterruptibly, called by one of these of the kernel."""
    try:
        stack = (task / "stack").read_text(encoding="ascii")
        return state(task) == "D" and any(each in stack for each in functions)
    except OSError:
        return False


def comm(pid: str) -> bytes:
    """A process's name; as cheap as can be, since it is asked of all there are."""
    file = os.open(f"/proc/{pid}/comm", os.O_RDONLY)
    try:
        return os.read(file, 64)
    finally:
        os.close(file)


def kernel_threads(*names: str) -> dict[int, str]:
    """Kernel threads whose name begins with one of these, with their state."""
    beginnings = tuple(name.encode() for name in names)
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if comm(pid).startswith(beginnings):
                found[int(pid)] = state(int(pid))
        except OSError:
            continue
    return found


def hanging_threads(*names: str) -> bool:
    """Whether one of them waits uninterruptibly."""
    return "D" in kernel_threads(*names).values()

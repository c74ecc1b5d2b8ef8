# SPDX-License-Identifier: GPL-2.0
"""Memory that is not there, for this module only: the kernel's fault injection.

Which allocations fail is told by what is on the stack. Also those of the checkers
of the debug kernel are counted, which do without.
"""
from __future__ import annotations

import errno
import re
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Callable, Iterator

import spt

DEBUGFS = Path("/sys/kernel/debug")
KINDS = ("failslab", "fail_page_alloc")
PAGE = 4096
ANYWHERE = (0, 2 ** 64 - 1)
NOWHERE = (0, 0)

# More than can fail; how far it has gone down is how many have failed.
TIMES = 1 << 30

Range = tuple[int, int]


def symbols() -> list[tuple[int, str, str]]:
    """All functions of the kernel: address, name, module."""
    text = Path("/proc/kallsyms").read_text(encoding="ascii")
    found = re.findall(r"^(\w+) [tTwW] (\S+)(?:\t\[(\w+)\])?$", text, re.MULTILINE)
    return sorted((int(address, 16), name, module) for address, name, module in found)


def module_text() -> Range:
    """Where the code of the module is."""
    ours = [address for address, _, module in symbols() if module == spt.NAME]
    return ours[0], -(-(ours[-1] + 1) // PAGE) * PAGE


def function(name: str) -> Range:
    """Where one function is."""
    every = symbols()
    start = next(address for address, other, _ in every if other == name)
    return start, next(address for address, _, _ in every if address > start)


def set_all(name: str, value: object) -> None:
    """The same of slabs and of pages."""
    for kind in KINDS:
        (DEBUGFS / kind / name).write_text(str(value), encoding="ascii")


def set_up() -> None:
    """Any allocation may fail, and the log does not tell of each."""
    for name, value in (("probability", 0), ("interval", 1), ("space", 0),
                        ("verbose", 0), ("task-filter", "N"),
                        ("ignore-gfp-wait", "N"), ("stacktrace-depth", 32)):
        set_all(name, value)
    where(ANYWHERE)
    (DEBUGFS / "fail_page_alloc/ignore-gfp-highmem").write_text("N", encoding="ascii")
    (DEBUGFS / "fail_page_alloc/min-order").write_text("0", encoding="ascii")


def where(inside: Range, but: Range = NOWHERE) -> None:
    """What is called for by a function in the one, and by none in the other."""
    for name, value in zip(("require-start", "require-end",
                            "reject-start", "reject-end"), inside + but):
        set_all(name, value)


def failed() -> int:
    """How many have failed since they were counted."""
    return sum(TIMES - int((DEBUGFS / kind / "times").read_text(encoding="ascii"))
               for kind in KINDS)


@contextmanager
def failing(percent: int) -> Iterator[None]:
    """So many of those that where() tells, of whichever thread."""
    set_all("times", TIMES)
    set_all("probability", percent)
    try:
        yield
    finally:
        set_all("probability", 0)


@dataclass(frozen=True)
class Outcome:
    """What a call gave of which one allocation has failed."""

    nth: int
    value: Any
    error: int


def fail_one(call: Callable[[], Any], nth: int) -> tuple[Outcome, bool]:
    """Let the nth allocation of a call fail; whether there were so many is told."""
    value, error = None, 0
    with open("/proc/thread-self/fail-nth", "r+b", buffering=0) as file:
        file.write(str(nth).encode())
        try:
            value = call()
        except OSError as raised:
            error = raised.errno or errno.EIO
        left = int(file.read())
        file.write(b"0")
    return Outcome(nth, value, error), left == 0


def one_by_one(call: Callable[[], Any]) -> Iterator[Outcome]:
    """The first allocation of the call fails, the next time the second, and so on.

    The last outcome, of a call that had no more to fail, is told too.
    """
    for nth in count(1):
        outcome, was_reached = fail_one(call, nth)
        assert nth < 500, "there is no end to it"
        yield outcome
        if not was_reached:
            break


def allocations(call: Callable[[], Any]) -> int:
    """How many a call makes."""
    with open("/proc/thread-self/fail-nth", "r+b", buffering=0) as file:
        file.write(str(TIMES).encode())
        call()
        left = int(file.read())
        file.write(b"0")
    return TIMES - left

# SPDX-License-Identifier: GPL-2.0
"""What the module and the kernel say of it: counters, log, trace."""
from __future__ import annotations

import re
import time
from itertools import count
from pathlib import Path
from types import TracebackType

import spt
from tools import sh

FOLDER = Path("/sys/class/misc", spt.NAME)
TRACING = Path("/sys/kernel/tracing")


def text(name: str) -> str:
    """One of the files."""
    return (FOLDER / name).read_text(encoding="ascii").rstrip("\n")


def number(name: str) -> int:
    """A counter."""
    return int(text(name))


class KernelLog:
    """What the kernel has logged of the module since this was made."""

    numbers = count()

    def __init__(self) -> None:
        self._mark = f"e2e: mark {next(self.numbers)} {time.monotonic_ns()}"
        Path("/dev/kmsg").write_text(self._mark, encoding="ascii")

    def lines(self) -> list[str]:
        """Without time and prefix."""
        _, mark, log = sh("dmesg", "--notime").partition(self._mark)
        assert mark, "the kernel's log is too small"
        return [line.removeprefix(f"{spt.NAME}: ") for line in log.splitlines()
                if line.startswith(f"{spt.NAME}: ")]


def set_tracing(name: str, value: object) -> None:
    """One of the files of tracefs."""
    # Without truncating, which would remove what others have put there.
    with open(TRACING / name, "r+", encoding="ascii") as file:
        file.write(str(value))


class Probe:
    """A trace event of our own, by a kprobe where a function begins (p) or returns (r),
    inside of this."""

    EVENT = "e2e/probe"

    def __init__(self, where: str, function: str) -> None:
        self._definition = f"{where}:{self.EVENT} {function}"

    def __enter__(self) -> None:
        set_tracing("kprobe_events", self._definition)

    def __exit__(self, kind: type[BaseException] | None,
                 error: BaseException | None,
                 trace: TracebackType | None) -> None:
        set_tracing("kprobe_events", f"-:{self.EVENT}")


class Trace:
    """Trace events, enabled inside of it."""

    LINE = re.compile(r"^\s*(?P<task>.+-\d+)\s+\[\d+\]\s\S+\s+(?P<time>[\d.]+): "
                      r"(?P<event>\w+): (?P<text>.*)$")

    def __init__(self, *events: str) -> None:
        self._events = events

    def __enter__(self) -> Trace:
        set_tracing("trace_clock", "mono")
        (TRACING / "trace").write_text("", encoding="ascii")
        for event in self._events:
            set_tracing(f"events/{event}/enable", 1)
        return self

    def __exit__(self, kind: type[BaseException] | None,
                 error: BaseException | None,
                 trace: TracebackType | None) -> None:
        for event in self._events:
            set_tracing(f"events/{event}/enable", 0)

    def by_task(self) -> list[tuple[str, str, float, str]]:
        """Each event's thread, name, time on the monotonic clock, and what it tells."""
        found = []
        for line in (TRACING / "trace").read_text(encoding="utf-8").splitlines():
            if not line.startswith("#"):
                match = self.LINE.match(line)
                assert match, line
                found.append((match["task"], match["event"], float(match["time"]),
                              match["text"]))
        return found

    def lines(self) -> list[tuple[str, float, str]]:
        """The same without the thread."""
        return [line[1:] for line in self.by_task()]

# SPDX-License-Identifier: GPL-2.0
"""How long functions of the kernel take, call by call, by probes of their own."""
from __future__ import annotations

from collections import defaultdict

from status import TRACING, Trace, set_tracing


class Spans:
    """Of some functions, while inside of it."""

    def __init__(self, *functions: str) -> None:
        self._functions = functions
        self._trace = Trace(*(f"bench/{kind}_{name}" for name in functions
                              for kind in ("in", "out")))

    def __enter__(self) -> Spans:
        for name in self._functions:
            set_tracing("kprobe_events", f"p:bench/in_{name} {name}")
            set_tracing("kprobe_events", f"r:bench/out_{name} {name}")
        self._trace.__enter__()
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._trace.__exit__(None, None, None)
        for name in self._functions:
            set_tracing("kprobe_events", f"-:bench/in_{name}")
            set_tracing("kprobe_events", f"-:bench/out_{name}")

    def clear(self) -> None:
        """Forget what was."""
        (TRACING / "trace").write_text("", encoding="ascii")

    def calls(self) -> list[tuple[str, float, float]]:
        """Each call's function, when it began and ended, in seconds; by their ends.

        A function that calls itself is none of them.
        """
        begun: dict[tuple[str, str], float] = {}
        found = []
        for task, event, when, _ in self._trace.by_task():
            kind, _, name = event.partition("_")
            if kind == "in":
                begun[task, name] = when
            elif (task, name) in begun:
                found.append((name, begun.pop((task, name)), when))
        return found

    def all(self) -> dict[str, list[float]]:
        """Milliseconds of each call, by function."""
        took: dict[str, list[float]] = defaultdict(list)
        for name, began, ended in self.calls():
            took[name].append((ended - began) * 1000)
        return took

# SPDX-License-Identifier: GPL-2.0
"""Chance that can be repeated, and as many runs as were asked for."""
from __future__ import annotations

import itertools
import math
import random
import threading
import time
from types import TracebackType
from typing import Any, Callable, Iterator

from background import Background
from tools import SLOW


class Stress:
    """Of one test; another one has other chances, however the tests are chosen."""

    # Rounds, after those that were asked for: what a round does one time in ten
    # stays away in one test of 30,000.
    MORE = 100

    def __init__(self, name: str, seed: int, percent: float) -> None:
        self._name = name
        self._seed = seed
        self._percent = percent
        self._runs: dict[str, int] = {}
        self.random = random.Random(f"{seed} {name}")

    def scaled(self, full: int, debug: int | None = None) -> int:
        """How many of @full runs; on the debug kernel of @debug, a third of that."""
        if SLOW:
            full = full // 3 if debug is None else debug
        return max(2, math.ceil(full * self._percent / 100))

    def rounds(self, full: int, debug: int | None = None, what: str = "runs",
               enough: Callable[[], object] = lambda: True) -> Iterator[int]:
        """As many, counted as they are done; a failure tells which one it was.

        And more until @enough of what chance decides has happened.
        """
        asked = self.scaled(full, debug)
        for number in itertools.count():
            if number >= asked and enough():
                break
            assert number < asked + self.MORE, "chance has not done what it should"
            try:
                yield number
            except GeneratorExit:
                # The body of the loop failed, or broke out of it.
                print(f"stress: in round {number} with seed {self._seed}")
                raise
            self.count(1, what)

    def count(self, runs: int, what: str = "runs") -> None:
        """Runs that are not rounds."""
        self._runs[what] = self._runs.get(what, 0) + runs

    def pause(self, longest: float) -> None:
        """Up to so many seconds."""
        time.sleep(self.random.uniform(0, longest))

    def race(self, apart: float, *calls: Callable[[], Any]) -> list[Any]:
        """What they return that are begun at once, up to @apart seconds apart.

        Half of the time they are hardly apart at all: there the races are.
        """
        spread = apart if self.random.random() < 0.5 else apart / 50
        delays = [self.random.uniform(0, spread) for _ in calls]
        barrier = threading.Barrier(len(calls))

        def begin(call: Callable[[], Any], delay: float) -> Any:
            barrier.wait()
            time.sleep(delay)
            return call()

        running = [Background(lambda call=call, delay=delay: begin(call, delay))
                   for call, delay in zip(calls, delays)]
        return [one.result(120) for one in running]

    def summary(self) -> str:
        """For the table."""
        runs = ", ".join(f"{count} {what}" for what, count in self._runs.items())
        return f"stress: {self._name}: {runs or 'no run'}"


class Repeated:
    """Something that is done again and again by a thread of its own, inside of this."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self._call = call
        self._over = threading.Event()
        self._thread = Background(self._run)

    def _run(self) -> None:
        while not self._over.is_set():
            self._call()

    def check(self) -> None:
        """Fail if it has failed."""
        if not self._thread.is_running():
            self._thread.result()

    def end(self) -> None:
        """Once more at most, and fail if it has failed."""
        self._over.set()
        self._thread.result(60)

    def __enter__(self) -> Repeated:
        return self

    def __exit__(self, kind: type[BaseException] | None,
                 error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._over.set()
        if error is None:
            self.end()

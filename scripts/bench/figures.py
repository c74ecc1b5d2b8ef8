# SPDX-License-Identifier: GPL-2.0
"""What was measured, and what it is worth: ratios of medians, with their spread."""
from __future__ import annotations

import json
import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Iterator

Way = Callable[[], float]


def took(call: Callable[[], object]) -> float:
    """Milliseconds."""
    began = time.monotonic()
    call()
    return (time.monotonic() - began) * 1000


def turns(rounds: int, ways: dict[str, Way]) -> dict[str, list[float]]:
    """Each way once in each round, and each first in its turn.

    What drifts meanwhile, and what one leaves behind for the next, is the same for
    all of them.
    """
    names = list(ways)
    took: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds):
        at = number % len(names)
        for name in names[at:] + names[:at]:
            took[name].append(ways[name]())
    return took


@dataclass(frozen=True)
class Spread:
    """Of several times the same: the middle, and where the middle half lies."""

    median: float
    low: float
    high: float
    count: int

    @staticmethod
    def of(values: list[float]) -> Spread:
        """At least one."""
        low = high = values[0]
        if len(values) > 1:
            low, _, high = statistics.quantiles(values, n=4, method="inclusive")
        return Spread(statistics.median(values), low, high, len(values))

    @property
    def width(self) -> float:
        """Of the middle half, as a part of the middle."""
        return (self.high - self.low) / self.median


@dataclass(frozen=True)
class Row:
    """One line of the table.

    @goal: what the ratio must not exceed; without @theirs, what the median must not.
    @within: the ratio may exceed the goal by the spread of what it is of.
    """

    measure: str
    against: str
    goal: float
    ours: list[float]
    theirs: list[float] = field(default_factory=list)
    unit: str = "ms"
    within: bool = False

    @property
    def value(self) -> float:
        """What is to be compared with the goal."""
        ours = Spread.of(self.ours).median
        return ours / Spread.of(self.theirs).median if self.theirs else ours

    @property
    def limit(self) -> float:
        """What it may be."""
        if not self.within:
            return self.goal
        return self.goal + Spread.of(self.theirs).width

    @property
    def is_met(self) -> bool:
        """Whether it is."""
        return self.value <= self.limit

    def cells(self) -> list[str]:
        """For people."""
        number = f"{self.value:.3f}" + ("" if self.theirs else f" {self.unit}")
        goal = f"{self.goal:.3g}" + (f"+{self.limit - self.goal:.2f}"
                                     if self.within else "")
        return [number, goal, "yes" if self.is_met else "NO", self.measure,
                self.against, self._spread(self.ours), self._spread(self.theirs)]

    def _spread(self, values: list[float]) -> str:
        if not values:
            return "-"
        spread = Spread.of(values)
        return (f"{spread.median:.4g} ({spread.low:.4g}-{spread.high:.4g}) "
                f"{self.unit}, {spread.count}x")

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {"measure": self.measure, "against": self.against,
                "value": self.value, "goal": self.goal, "limit": self.limit,
                "met": self.is_met, "unit": self.unit, "ours": self.ours,
                "theirs": self.theirs}


HEAD = ["ratio", "goal", "met", "measure", "against", "ours (middle half)",
        "theirs (middle half)"]


def table(rows: list[Row]) -> Iterator[str]:
    """Its lines."""
    cells = [HEAD] + [row.cells() for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells)]
    for line in cells:
        yield "  ".join(text.ljust(width) for text, width in zip(line, widths)).rstrip()


def save(path: Path, machine: dict[str, str], rows: list[Row],
         profile: dict[str, Any]) -> None:
    """All of it."""
    path.write_text(json.dumps({"machine": machine, "rows":
                                [row.as_json() for row in rows],
                                "profile": profile}, indent=1), encoding="utf-8")

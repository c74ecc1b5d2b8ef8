# SPDX-License-Identifier: GPL-2.0
"""Many sessions are ended at once, or there are many others."""
from __future__ import annotations

import statistics
import time
from pathlib import Path
from typing import Callable, Iterator

import spt
from figures import Row, took, turns
from lio import Tpg
from load import Load
from one import NAME, stop
from spans import Spans
from spt import Device
from sptctl import SPTCTL
from targets import Targets
from tools import sh, until
from watcher import Watcher
from wire import WireInitiator

SIZES = (100, 1_000, 10_000)
LARGEST = SIZES[-1]
FEWER = SIZES[-2]


def at_once(lio: Targets, watcher: Watcher) -> Iterator[Row]:
    """By a selector, and by what LIO has for it."""
    for count, rounds, goal in ((100, 7, 1 / 25), (1_000, 3, 1 / 60)):
        tpg = lio.crowd(f"many{count}")
        with Load(tpg, count) as load:
            def ended(call: Callable[[], object]) -> float:
                load.fill()
                until(lambda: len(spt.starts()) == count, "all are there")
                took_them = took(call)
                assert not tpg.sockets() and not spt.starts()
                until(lambda: not load.count(), "they have noticed")
                watcher.drain()
                return took_them

            def by_selector() -> float:
                return ended(lambda: sh(SPTCTL, "stop", "--yes", "--target", tpg.iqn))

            def disable() -> float:
                took_them = ended(lambda: tpg.enable(False))
                tpg.enable()
                return took_them

            both = turns(rounds, {"sptctl": by_selector, "disable": disable})
        yield Row(f"stop {count:,}: sptctl stop --target", "echo 0 to the TPG's enable",
                  goal, both["sptctl"], both["disable"])


class Among:
    """One that is stopped while others are there."""

    def __init__(self, tpg: Tpg, watcher: Watcher) -> None:
        self._one = WireInitiator(tpg, NAME)
        self._watcher = watcher

    def _stopped(self, end: Callable[[Device, int], object]) -> float:
        self._one.login()
        cookie = self._watcher.start(NAME)
        with Device() as device:
            device.read_all()
            took_it = took(lambda: end(device, cookie))
            assert device.info(cookie) is None
        self._one.leave()
        self._watcher.drain()
        return took_it

    def ioctl(self) -> float:
        """The call alone."""
        return self._stopped(stop)

    def sptctl(self) -> float:
        """As it is typed."""
        return self._stopped(lambda _, cookie: sh(SPTCTL, "stop", f"{cookie:#x}"))

    def measure(self) -> dict[str, list[float]]:
        """Both."""
        return turns(20, {"the ioctl": self.ioctl, "sptctl stop": self.sptctl})


def listing(tpg: Tpg) -> Iterator[Row]:
    """Of all that there are."""
    sockets = f"( sport = :{tpg.portal.port} )"
    ways = {"sptctl": f"{SPTCTL} list", "wide": f"{SPTCTL} list --json",
            "ss": f"ss -tnH state established '{sockets}'"}
    for command in ways.values():
        assert len(sh("sh", "-c", command).splitlines()) >= LARGEST - 1
    both = turns(5, {name: lambda command=command:
                     took(lambda: sh("sh", "-c", f"{command} >/dev/null"))
                     for name, command in ways.items()})
    for name in ("sptctl", "wide"):
        words = ways[name].removeprefix(str(Path(SPTCTL).parent) + "/")
        yield Row(f"list {LARGEST:,}: {words}", "ss -tn of their sockets", 1,
                  both[name], both["ss"])


def wakeups(tpg: Tpg, watcher: Watcher) -> Iterator[Row]:
    """From the end in LIO to a reader."""
    one = WireInitiator(tpg, NAME)
    late = []
    with Spans("iscsit_close_session") as spans:
        for _ in range(20):
            one.login()
            watcher.start(NAME)
            spans.clear()
            one.begin_logout()
            woke = watcher.woken()
            one.see_the_end()
            (_, _, ended), = until(spans.calls, "its end is traced")
            late.append((woke - ended) * 1000)
            watcher.drain()
    yield Row(f"LIO's end of one of {LARGEST:,} to a reader's wake-up", "", 1, late)


def slab() -> int:
    """KiB of it, once it does not change much any more."""
    time.sleep(1)
    text = Path("/proc/meminfo").read_text(encoding="ascii")
    return int(text.partition("\nSlab:")[2].split()[0])


def loading(watcher: Watcher) -> list[int]:
    """KiB of slab that the module takes with the sessions that there are."""
    taken = []
    for _ in range(5):
        watcher.close()
        spt.rmmod()
        before = slab()
        spt.insmod()
        watcher.open()
        taken.append(slab() - before)
    return taken


def memory(fewer: list[int], most: list[int]) -> Row:
    """What the module keeps of each, beside what it takes for itself and for spare."""
    least = statistics.median(fewer)
    each = [(taken - least) * 1024 / (LARGEST - FEWER) for taken in most]
    return Row("kernel memory a session", "", 1024, each, unit="bytes")


def among(lio: Targets, watcher: Watcher) -> Iterator[Row]:
    """One of ever more."""
    tpg = lio.crowd("among")
    alone = Among(tpg, watcher).measure()
    taken: dict[int, list[int]] = {}
    measured = {}
    for size in SIZES:
        with Load(tpg, size - 1) as load:
            load.fill()
            watcher.drain()
            measured[f"{size:,}"] = Among(tpg, watcher).measure()
            if size in (FEWER, LARGEST):
                taken[size] = loading(watcher)
            if size == LARGEST:
                yield from listing(tpg)
                yield from wakeups(tpg, watcher)
                yield memory(taken[FEWER], taken[LARGEST])
    tpgs = lio.crowds("targets", 1_000)
    with Load(tpgs[0], len(tpgs), targets=len(tpgs)) as load:
        load.fill()
        watcher.drain()
        measured["1,000 targets"] = Among(tpgs[500], watcher).measure()
    # Before and after, so that what has changed of the machine does not count.
    again = Among(tpg, watcher).measure()
    for size, ways in measured.items():
        for name, times in ways.items():
            yield Row(f"stop one of {size}: {name}", "one alone", 1.2, times,
                      alone[name] + again[name])

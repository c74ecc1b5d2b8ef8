# SPDX-License-Identifier: GPL-2.0
"""What those pay who are left alone."""
from __future__ import annotations

import json
import statistics
import subprocess
from typing import Callable, Iterator, TypeVar

import initiator
import processors
import spt
from figures import Row
from initiator import Initiator
from lio import ramdisk
from load import Load
from spt import Device
from sptctl import SPTCTL
from targets import IQN, Targets
from tools import sh
from watcher import Watcher

T = TypeVar("T")


class Loaded:
    """The module and somebody who watches, or neither."""

    def __init__(self) -> None:
        self._watch: subprocess.Popen[bytes] | None = None

    def set(self, loaded: bool) -> None:
        """Putting probes in place is for one processor, see processors.py."""
        if self._watch:
            self._watch.kill()
            self._watch.wait()
            self._watch = None
        if loaded == spt.is_loaded():
            return
        processors.turn_others(False)
        if loaded:
            spt.insmod()
        else:
            spt.rmmod()
        processors.turn_others(True)

    def watch(self) -> None:
        """From now on."""
        self._watch = subprocess.Popen(  # pylint: disable=consider-using-with
            [SPTCTL, "watch", "--json"], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL)


def alternately(rounds: int, measure: Callable[[], list[T]]) -> dict[bool, list[T]]:
    """With and without the module, the first in turn."""
    loaded = Loaded()
    took: dict[bool, list[T]] = {True: [], False: []}
    for number in range(rounds):
        for on in (number % 2 == 0, number % 2 != 0):
            loaded.set(on)
            if on:
                loaded.watch()
            took[on] += measure()
    loaded.set(True)
    return took


def logins(lio: Targets, watcher: Watcher) -> Iterator[Row]:
    """A login and a logout."""
    watcher.close()
    with Load(lio.crowd("logins"), 1) as load:
        def cycles() -> list[float]:
            load.cycle(5)
            return [seconds * 1000 for seconds in load.cycle(40)]
        took = alternately(12, cycles)
        yield Row("one login and logout, with a watcher", "without the module", 1.02,
                  took[True], took[False])
        yield from held(cycles)
    watcher.open()


def held(cycles: Callable[[], list[float]]) -> Iterator[Row]:
    """The same while others are kept out."""
    counts = [0, 1, 1000]
    took: dict[int, list[float]] = {count: [] for count in counts}
    with Device() as device:
        for number in range(12):
            for count in counts[number % 3:] + counts[:number % 3]:
                names = [f"{IQN}:held{each}" for each in range(count)]
                for name in names:
                    assert device.set_hold(name) == spt.DONE
                took[count] += cycles()
                for name in names:
                    assert device.lift(name) == spt.DONE
    for count in counts[1:]:
        yield Row(f"one login and logout, holds of others: {count:,}", "no hold", 1.02,
                  took[count], took[0])


def fio(used: list[Initiator], way: str) -> tuple[float, float]:
    """Microseconds an I/O of all together, and of the slowest hundredth of each."""
    jobs = json.loads(sh(
        "fio", "--output-format=json", "--thread", "--direct=1", "--ioengine=libaio",
        "--iodepth=4", f"--rw={way}", "--bs=4k", "--time_based", "--runtime=2",
        "--ramp_time=1", "--size=16m", *(word for one in used for word in
        (f"--name={one.iface}", f"--filename={one.device()}"))))["jobs"]
    sides = [job[way.removeprefix("rand")] for job in jobs]
    slowest = [side["clat_ns"]["percentile"]["99.000000"] / 1000 for side in sides]
    return 1e6 / sum(side["iops"] for side in sides), statistics.mean(slowest)


def disks(lio: Targets, watcher: Watcher) -> Iterator[Row]:
    """fio on open-iscsi's disks."""
    watcher.close()
    tpg = lio.tpg(f"{IQN}:disks")
    made = [Initiator(tpg) for _ in range(8)]
    for number, one in enumerate(made):
        tpg.lun(number, lio.keep(ramdisk(16)))
        tpg.acl(one.name, number)
    tpg.enable()
    initiator.login_all(made)
    for count in (1, 8):
        for way in ("randread", "randwrite"):
            took = alternately(12, lambda: [fio(made[:count], way)])
            for number, what in enumerate(("us an I/O", "us the slowest hundredth")):
                ours, theirs = ([each[number] for each in took[on]]
                                for on in (True, False))
                yield Row(f"fio 4k {way}, {count} sessions, with a watcher: {what}",
                          "without the module", 1, ours, theirs, unit="us",
                          within=True)
    initiator.remove()
    watcher.open()

# SPDX-License-Identifier: GPL-2.0
"""Who is evicted gets nothing more to its disk, however hard it tries."""
from __future__ import annotations

import os
import random
import time
from pathlib import Path
from typing import Callable, Iterator

import pytest
import spt
from disk import HangingDisk
from lio import Lio, Tpg
from records import EVERY_TARGET
from spt import Device
from stress import Repeated, Stress
from stuck import Iblock
from tools import until
from wire import BLOCK, Closed, Refused, WireInitiator

Wire = Callable[..., WireInitiator]

NAME = "iqn.2024-01.com.example:evil"

# By an ISID each: LIO can forget to end a session that is replaced as it begins.
WRITERS = 4

# The longest that one of them takes between two steps of a login: let in before the
# hold, it is through after all others have been ended.
DAWDLE = 0.1


class Writes:
    """What has come to a disk: the kernel's own count."""

    def __init__(self, disk: HangingDisk) -> None:
        number = disk.path.stat().st_rdev
        self._stat = Path("/sys/dev/block",
                          f"{os.major(number)}:{os.minor(number)}", "stat")

    def _number(self, at: int) -> int:
        return int(self._stat.read_text(encoding="ascii").split()[at])

    def done(self) -> int:
        """How many writes have been done."""
        return self._number(4)

    def under_way(self) -> int:
        """How many requests are not done."""
        return self._number(8)


class Writer:
    """Logs in and writes, again and again."""

    def __init__(self, tpg: Tpg, isid: int,
                 dawdle: Callable[[], float] | None = None) -> None:
        self._one = WireInitiator(tpg, NAME, bytes([0x80, 0, 0, 1, 0, isid]))
        self._dawdle = dawdle
        self.writes = 0
        self.refusals = 0
        self._is_in = False
        self._work = Repeated(self._write)
        self.check = self._work.check

    def _login(self) -> None:
        if self._dawdle:
            self._one.begin_any_login()
            time.sleep(self._dawdle())
            self._one.finish_login(ping=False)
        else:
            self._one.login(ping=False)

    def _write(self) -> None:
        try:
            if not self._is_in:
                self._login()
            self._is_in = True
            self._one.write(self.writes % 1024, bytes(BLOCK))
            self.writes += 1
        except Refused as refusal:
            # While another one's login replaces this one, LIO may say so, too.
            self.refusals += refusal.status == Refused.FORBIDDEN
        except (Closed, ConnectionError):
            self._is_in = False

    def end(self) -> None:
        """No more."""
        self._work.end()
        self._one.leave()


@pytest.fixture(name="disk")
def disk_(hanging: Callable[[], HangingDisk]) -> HangingDisk:
    """What they write to."""
    return hanging()


@pytest.fixture(name="writes")
def writes_(disk: HangingDisk) -> Writes:
    """Of that disk."""
    return Writes(disk)


@pytest.fixture(name="writers")
def writers_(lio: Lio, disk: HangingDisk, module: None,
             stress: Stress) -> Iterator[list[Writer]]:
    """At work, on two TPGs, and one of them slow to log in."""
    backstore = lio.keep(Iblock(disk))
    # The bystander has 2.
    tpgs = [lio.tpg(tag=tag) for tag in (1, 3)]
    for tpg in tpgs:
        tpg.lun(0, backstore)
        tpg.demo()
        tpg.enable()
    made = [Writer(tpgs[number % 2], number) for number in range(WRITERS - 1)]
    chance = random.Random(stress.random.random())
    made.append(Writer(tpgs[1], WRITERS - 1, lambda: chance.uniform(0, DAWDLE)))
    yield made
    for one in made:
        one.end()


def evict(device: Device, stress: Stress) -> None:
    """By any of its sessions, of which each may be gone when it is asked for."""
    answer = spt.UNKNOWN
    while answer == spt.UNKNOWN:
        cookies = until(lambda: spt.cookies_of(NAME), "it is logged in")
        answer = device.evict(stress.random.choice(cookies), 600,
                              stress.random.choice((0, EVERY_TARGET)), 60)
    assert answer == spt.DONE, answer


def lift(device: Device) -> None:
    """Each of its holds: of this target, of every one."""
    for hold in device.holds():
        assert device.lift(hold.initiator, hold.target) == spt.DONE


def test_guarantee(writes: Writes, writers: list[Writer], aside: WireInitiator,
                   stress: Stress) -> None:
    """From the answer on not one write comes to the disk, until the hold is lifted."""
    with Device() as device:
        for _ in stress.rounds(400, debug=500):
            before = writes.done()
            until(lambda: writes.done() > before, "they write")
            stress.pause(0.03)
            evict(device, stress)
            done, refusals = writes.done(), sum(one.refusals for one in writers)
            assert writes.under_way() == 0
            assert not spt.cookies_of(NAME)
            stress.pause(0.05)
            until(lambda: sum(one.refusals for one in writers) > refusals, "they knock")
            assert writes.done() == done and not spt.cookies_of(NAME)
            lift(device)
            for one in writers:
                one.check()
    stress.count(sum(one.writes for one in writers), "writes")
    stress.count(sum(one.refusals for one in writers), "refusals")


def test_lifted_at_a_login(writes: Writes, writers: list[Writer],
                           stress: Stress) -> None:
    """Lifted and set again while they knock: no login hangs, none is told wrong."""
    with Device() as device:
        for _ in stress.rounds(400):
            stress.race(0.01, lambda: device.set_hold(NAME, "", 60),
                        lambda: device.lift(NAME))
            for one in writers:
                one.check()
        lift(device)
        before = writes.done()
        until(lambda: writes.done() > before, "they write")


def test_unloaded(writers: list[Writer], writes: Writes, stress: Stress) -> None:
    """While somebody is being refused."""
    for _ in stress.rounds(100):
        with Device() as device:
            evict(device, stress)
            refusals = sum(one.refusals for one in writers)
            until(lambda: sum(one.refusals for one in writers) > refusals, "they knock")
        stress.pause(0.01)
        until(lambda: not spt.is_in_use(), "it can be unloaded")
        before = writes.done()
        until(lambda: writes.done() > before, "they write")
        spt.insmod()
        for one in writers:
            one.check()

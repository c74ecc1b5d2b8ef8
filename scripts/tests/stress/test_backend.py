# SPDX-License-Identifier: GPL-2.0
"""A backend that hangs, fails or is slow: deadlines are kept, and the end comes."""
from __future__ import annotations

import time
from typing import Callable

import lio as lio_
import pytest
import spt
from background import Background
from disk import HangingDisk
from events import Events
from lio import Lio, Tpg
from proc import IOCTL
from records import NO_LIMIT
from spt import Device
from stress import Stress
from stuck import Iblock
from tools import LATE_TICKS, SLACK, patience, until
from wire import WireInitiator

Wire = Callable[..., WireInitiator]

# Seconds that the slow one takes for each command, at most.
DELAY_MAX = 3


class Backend:
    """A TPG with a bad LUN for one initiator, and a good one for another."""

    def __init__(self, lio: Lio, wire: Wire, disk: HangingDisk) -> None:
        self.disk = disk
        self.tpg: Tpg = lio.tpg()
        self.tpg.lun(0, lio.keep(Iblock(disk)))
        self.tpg.lun(1, lio.keep(lio_.ramdisk(1)))
        self.one = wire(self.tpg, login=False)
        self.other = wire(self.tpg, login=False)
        self.tpg.acl(self.one.name, 0)
        self.tpg.acl(self.other.name, 1)
        self.tpg.leave_alone(self.other.name)
        self.tpg.enable()
        self.other.login()

    def begin(self, stress: Stress) -> int:
        """A session with some commands on their way; its cookie."""
        self.one.login()
        cookie = spt.cookie_of(self.one.name)
        for _ in range(stress.random.randint(1, 32)):
            self.one.read(stress.random.randrange(8 << 11))
        stress.pause(0.05)
        return cookie

    def serves(self) -> None:
        """The rest of the target goes on."""
        began = time.monotonic()
        self.other.read(0)
        self.other.ping()
        assert time.monotonic() - began < SLACK

    def is_gone(self) -> None:
        """Nothing is left of the session that was bad."""
        until(lambda: not self.tpg.has_session(self.one.name), "LIO has let go of it")
        self.one.see_the_end()
        self.one.close()
        assert [start.initiator for start in spt.starts()] == [self.other.name]


@pytest.fixture(name="backend")
def backend_(lio: Lio, module: None, wire: Wire,
             hanging: Callable[[], HangingDisk]) -> Backend:
    """Good for now."""
    return Backend(lio, wire, hanging())


def assert_kept(device: Device, cookie: int, deadline: int) -> spt.Answer:
    """A stop that answers by its deadline, to within a second."""
    began = time.monotonic()
    answer = device.stop(cookie, deadline)
    took = time.monotonic() - began
    assert took < deadline + SLACK, f"{took} s for a deadline of {deadline} s"
    assert answer != spt.STILL_ENDING or took >= deadline - LATE_TICKS, took
    return answer


def assert_interruptible(device: Device, cookie: int) -> None:
    """Who waits without limit can be interrupted."""
    waiting = Background(lambda: device.stop(cookie, NO_LIMIT))
    until(lambda: waiting.waits_in(IOCTL), "the stop waits")
    waiting.interrupt()
    assert waiting.result(SLACK) == spt.INTERRUPTED


def test_hangs(backend: Backend, stress: Stress) -> None:
    """Suspended: the stop answers in time, and the end comes after the resume."""
    with Device() as device, Events() as events:
        for _ in stress.rounds(30, debug=12):
            backend.disk.suspend()
            cookie = backend.begin(stress)
            assert assert_kept(device, cookie, 1) == spt.STILL_ENDING
            backend.serves()
            assert_interruptible(device, cookie)
            waiting = Background(lambda one=cookie: device.stop(one, NO_LIMIT))
            until(lambda: waiting.waits_in(IOCTL), "the stop waits")
            stress.pause(0.5)
            backend.disk.resume()
            assert waiting.result() == spt.DONE
            backend.is_gone()
            events.rest()
        assert [start.initiator for start in events.live()] == [backend.other.name]


@pytest.mark.parametrize("target, arguments", [("error", ()), ("flakey", (1, 1))])
def test_fails(backend: Backend, stress: Stress, target: str,
               arguments: tuple[int, ...]) -> None:
    """Errors, always or every other second: they are no reason to wait."""
    backend.disk.become(target, *arguments)
    with Device() as device:
        for _ in stress.rounds(100, debug=30):
            cookie = backend.begin(stress)
            assert assert_kept(device, cookie, 10) == spt.DONE
            backend.serves()
            backend.is_gone()
            stress.pause(0.1)


def test_is_slow(backend: Backend, stress: Stress) -> None:
    """The end comes as soon as the last command is done, not later."""
    with Device() as device:
        for _ in stress.rounds(30, debug=12):
            delay = stress.random.uniform(0.1, DELAY_MAX)
            backend.disk.become("delay", int(delay * 1000))
            cookie = backend.begin(stress)
            began = time.monotonic()
            answer = assert_kept(device, cookie, 1)
            backend.serves()
            if answer != spt.DONE:
                assert answer == spt.STILL_ENDING
                assert device.stop(cookie, int(patience(30))) in (spt.DONE, spt.UNKNOWN)
            assert time.monotonic() - began < delay + SLACK
            backend.is_gone()

# SPDX-License-Identifier: GPL-2.0
"""read() and poll(): what they give, when they wait and what ends that."""
from __future__ import annotations

import errno
import os
import select
import signal
from typing import Callable

import pytest
import spt
from background import Background
from events import Events
from lio import Tpg
from proc import READ, waits_in
from records import START, STOP, STOPPED, Start, Stop
from spt import Device
from tools import SLOW, until
from wire import WireInitiator

Wire = Callable[..., WireInitiator]

# LIO drops an initiator that leaves its pings unanswered for 45 seconds: they all
# have to log in before that.
MANY = 80 if SLOW else 200


def test_to_ask_only(tpg: Tpg, module: None, wire: Wire) -> None:
    """A file that cannot be read: it is told nothing, and every request is answered."""
    one = wire(tpg)
    cookie = spt.cookie_of(one.name)
    with Device(os.O_WRONLY) as device:
        assert device.read_raw(START.size) == (b"", errno.EBADF)
        poll = select.poll()
        poll.register(device.fd, select.POLLIN)
        assert poll.poll(0) == [(device.fd, select.POLLERR)]
        assert device.known(cookie).initiator == one.name
        assert spt.is_in_use()
        assert device.stop(cookie) == spt.DONE
        assert device.stop(cookie) == spt.UNKNOWN
    assert not spt.is_in_use()


def test_nonblocking(tpg: Tpg, module: None, wire: Wire) -> None:
    """EAGAIN at the end, poll agrees before and after each record."""
    for _ in range(3):
        wire(tpg)
    with Device() as device:
        for _ in range(3):
            assert device.is_readable()
            assert len(device.read(START.size)) == 1
        assert not device.is_readable()
        assert device.read_raw(START.size) == (b"", errno.EAGAIN)


def test_blocking_read_is_ended_by_a_signal(
        tpg: Tpg, module: None, wire: Wire, caught: list[int]) -> None:
    """Records first, then it waits, interruptibly."""
    one = wire(tpg)
    main = os.getpid()

    def interrupt() -> None:
        until(lambda: waits_in(main, READ), "the test waits in the kernel")
        os.kill(main, signal.SIGUSR1)

    with Device(flags=0) as device:
        start, = device.read()
        assert one.name in start.nexus
        helper = Background(interrupt)
        assert device.read_raw(START.size) == (b"", errno.EINTR)
        helper.result()
        assert caught == [signal.SIGUSR1]
        assert not device.is_readable()


def test_small_buffer(tpg: Tpg, module: None, wire: Wire) -> None:
    """EINVAL, and nothing is lost by it; never a part of a record."""
    for _ in range(2):
        wire(tpg)
    with Device() as device:
        for size in (0, 1, START.size - 1):
            assert device.read_raw(size) == (b"", errno.EINVAL)
        raw, _ = device.read_raw(2 * START.size - 1)
        assert len(raw) == START.size
        assert len(device.read_all()) == 1
        assert device.read_raw(START.size - 1) == (b"", errno.EINVAL)


def test_as_many_as_fit(tpg: Tpg, module: None, wire: Wire) -> None:
    """To the byte, whichever records are next."""
    with Device() as device, Events() as witness:
        for number in range(1, 4):
            wire(tpg).logout()
            witness.until_ended(number)
        pair = START.size + STOP.size
        for size, lengths in ((pair - 1, [START.size]), (START.size, [STOP.size]),
                              (pair, [pair]), (pair + START.size, [pair])):
            for length in lengths:
                raw, _ = device.read_raw(size)
                assert len(raw) == length
        assert not device.is_readable()
    for _ in range(50):
        wire(tpg)
    with Device() as device:
        cookies = [start.cookie for start in device.read_all()]
        for cookie in cookies:
            device.stop(cookie)
        raw, _ = device.read_raw(START.size)
        assert len(raw) == START.size // STOP.size * STOP.size
        assert len(device.read_all()) == 50 - len(raw) // STOP.size


def test_two_openers(tpg: Tpg, module: None, wire: Wire) -> None:
    """Each reads all, at its own pace."""
    for _ in range(3):
        wire(tpg)
    with Device() as first, Device() as second:
        start, = first.read(START.size)
        assert second.is_readable()
        assert [start, *first.read_all()] == second.read_all()
        assert not first.is_readable() and not second.is_readable()


def test_since_open(tpg: Tpg, module: None, wire: Wire) -> None:
    """First who was there at the open, then what has happened since, in order."""
    early = wire(tpg)
    with Device() as device:
        late = wire(tpg)
        cookie = spt.cookie_of(early.name)
        assert spt.stop(cookie) == spt.DONE
        first, second, third = device.read_all()
        assert isinstance(first, Start) and first.initiator == early.name
        assert isinstance(second, Start) and second.initiator == late.name
        assert third == Stop(first.cookie, STOPPED) and first.cookie == cookie
        assert device.info(first.cookie) is None
        assert device.known(second.cookie).initiator == late.name


@pytest.mark.parametrize("size", [1704, 100_000])
def test_many(tpg: Tpg, module: None, wire: Wire, size: int) -> None:
    """Two hundred sessions, as many records in each read() as fit."""
    names = {wire(tpg).name for _ in range(MANY)}
    with Device() as device:
        lengths = []
        found = []
        while more := device.read(size):
            lengths.append(len(more))
            found += more
        fit = size // START.size
        assert lengths == [fit] * (MANY // fit) + [MANY % fit] * bool(MANY % fit)
        cookies = [start.cookie for start in found]
        assert cookies == sorted(set(cookies))
        assert {start.initiator for start in found} == names
        assert {device.known(cookie).initiator for cookie in cookies} == names


def test_stop_many(tpg: Tpg, module: None, wire: Wire) -> None:
    """All of them begun at once; all of them end."""
    wires = [wire(tpg) for _ in range(MANY)]
    with Device() as device:
        cookies = [start.cookie for start in device.read_all()]
        assert len(cookies) == MANY
        for cookie in cookies:
            assert device.stop(cookie, 0) in (spt.BEGUN, spt.DONE, spt.UNKNOWN)
        for cookie in cookies:
            assert device.stop(cookie) in (spt.DONE, spt.UNKNOWN)
    assert spt.starts() == [] and not tpg.sockets()
    for one in wires:
        one.see_the_end()

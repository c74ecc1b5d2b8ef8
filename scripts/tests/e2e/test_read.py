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
from lio import Tpg
from proc import READ, waits_in
from spt import START, Device
from tools import until
from wire import WireInitiator

Wire = Callable[..., WireInitiator]
MANY = 200


def is_readable(device: Device) -> bool:
    """poll() at this moment."""
    poll = select.poll()
    poll.register(device.fd, select.POLLIN)
    events = poll.poll(0)
    assert events in ([], [(device.fd, select.POLLIN)])
    return bool(events)


def test_nonblocking(tpg: Tpg, module: None, wire: Wire) -> None:
    """EAGAIN at the end, poll agrees before and after each record."""
    for _ in range(3):
        wire(tpg)
    with Device() as device:
        for _ in range(3):
            assert is_readable(device)
            assert len(device.read(START.size)) == 1
        assert not is_readable(device)
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
        assert not is_readable(device)


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


def test_two_openers(tpg: Tpg, module: None, wire: Wire) -> None:
    """Each reads all, at its own pace."""
    for _ in range(3):
        wire(tpg)
    with Device() as first, Device() as second:
        start, = first.read(START.size)
        assert is_readable(second)
        assert [start, *first.read_all()] == second.read_all()
        assert not is_readable(first) and not is_readable(second)


def test_alive_at_open(tpg: Tpg, module: None, wire: Wire) -> None:
    """The listing is that of the open, whatever becomes of the sessions."""
    early = wire(tpg)
    with Device() as device:
        wire(tpg)
        assert spt.stop(spt.cookie_of(early.name)) == spt.DONE
        start, = device.read_all()
        assert early.name in start.nexus
        assert device.info(start.cookie) is None


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
        assert {start.nexus.split(",")[0] for start in found} == names
        assert {device.known(cookie).initiator for cookie in cookies} == names


def test_stop_many(tpg: Tpg, module: None, wire: Wire) -> None:
    """All of them begun at once; all of them end."""
    wires = [wire(tpg) for _ in range(MANY)]
    with Device() as device:
        cookies = [start.cookie for start in device.read_all()]
        assert len(cookies) == MANY
        for cookie in cookies:
            assert device.stop(cookie, 0) in (spt.BEGUN, spt.UNKNOWN)
        for cookie in cookies:
            assert device.stop(cookie) in (spt.DONE, spt.UNKNOWN)
    assert spt.starts() == [] and not tpg.sockets()
    for one in wires:
        one.see_the_end()

# SPDX-License-Identifier: GPL-2.0
"""A reader that does not read is told so once, and can begin again."""
from __future__ import annotations

import errno
from pathlib import Path
from typing import Callable

import pytest
import spt
from events import Events
from lio import Lio, Tpg
from records import START, Start
from wire import WireInitiator

Wire = Callable[..., WireInitiator]

RING = 8


@pytest.fixture(name="small")
def small_(lio: Lio) -> None:
    """The module is loaded, with room for few events."""
    spt.insmod(f"events={RING}")


def dropped() -> int:
    """What the module says of it."""
    return int(Path("/sys/class/misc", spt.NAME, "events_dropped").read_text())


def come_and_go(tpg: Tpg, wire: Wire, witness: Events, count: int) -> None:
    """Sessions that one reader sees from beginning to end."""
    for _ in range(count):
        one = wire(tpg)
        start = witness.start(one.name)
        one.logout()
        witness.stop(start.cookie)


@pytest.mark.parametrize("replayed", [True, False])
def test_fallen_behind(tpg: Tpg, small: None, wire: Wire, replayed: bool) -> None:
    """EPIPE once, then who is there now, then what happens; others see it all."""
    before = {wire(tpg).name for _ in range(3)}
    with Events() as slow, Events() as witness:
        witness.rest()
        if replayed:
            assert {start.initiator for start in slow.rest()} == before
        come_and_go(tpg, wire, witness, 20)
        assert slow.device.is_readable()
        if not replayed:
            # What was there at the open is the reader's own.
            assert {start.initiator for start in slow.rest_until_behind()} == before
        else:
            assert slow.is_behind()
        assert dropped() == 40
        replay = slow.rest()
        assert all(isinstance(event, Start) for event in replay)
        assert slow.live() == witness.live()
        assert {start.initiator for start in slow.live()} == before
        come_and_go(tpg, wire, witness, 1)
        assert slow.rest() == witness.seen[-2:]
        assert slow.live() == witness.live() and dropped() == 40


def test_exactly_as_many_as_fit(tpg: Tpg, small: None, wire: Wire) -> None:
    """The promised number of events waits for a reader, and not one more."""
    with Events() as slow, Events() as witness:
        come_and_go(tpg, wire, witness, RING // 2)
        assert slow.rest() == witness.seen
        come_and_go(tpg, wire, witness, RING // 2)
        wire(tpg)
        witness.next()
        assert slow.is_behind()
        assert slow.rest() == witness.live() == slow.live()
        assert dropped() == RING + 1


def test_behind_again(tpg: Tpg, small: None, wire: Wire) -> None:
    """Every time that it happens it is told, also in the middle of a replay."""
    for _ in range(3):
        wire(tpg)
    with Events(size=START.size) as slow, Events() as witness:
        slow.rest()
        witness.rest()
        for _ in range(3):
            come_and_go(tpg, wire, witness, RING)
            slow.rest_until_behind()
            slow.next()
        slow.rest()
        assert slow.live() == witness.live() and dropped() == 3 * 2 * RING


def test_small_buffer_loses_nothing(tpg: Tpg, small: None, wire: Wire) -> None:
    """EINVAL comes before EPIPE, which is still to be told."""
    with Events() as slow, Events() as witness:
        come_and_go(tpg, wire, witness, RING)
        assert slow.device.read_raw(START.size - 1) == (b"", errno.EINVAL)
        assert slow.is_behind() and slow.rest() == []

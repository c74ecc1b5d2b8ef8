# SPDX-License-Identifier: GPL-2.0
"""Why a session ended, and whether it took the place of another one."""
from __future__ import annotations

from typing import Callable

import pytest
import spt
from background import Background
from disk import HangingDisk
from events import CLOSING, Events
from lio import Lio, Tpg
from proc import hanging_threads, own_thread_hangs
from records import (CONNECTION_LOST, LOGOUT, REINSTATED, REMOVED, STOPPED,
                     Start, Stop)
from stuck import Iblock, Stuck
from tools import LATE_TICKS, patience, rounds, sh, until
from wire import CLOSE_CONNECTION, WireInitiator

Wire = Callable[..., WireInitiator]

NAME = "iqn.2024-01.example:explicit"


@pytest.fixture(name="explicit")
def explicit_(lio: Lio, module: None) -> Tpg:
    """A TPG with an ACL."""
    tpg = lio.tpg(tag=2)
    tpg.acl(NAME)
    tpg.enable()
    return tpg


def test_stopped(tpg: Tpg, module: None, wire: Wire) -> None:
    """Somebody used the device."""
    one = wire(tpg)
    with Events() as events:
        start = events.start(one.name)
        assert spt.stop(start.cookie) == spt.DONE
        events.stop(start.cookie, STOPPED)


def test_logout(tpg: Tpg, module: None, wire: Wire) -> None:
    """The initiator closed its session."""
    one = wire(tpg)
    with Events() as events:
        start = events.start(one.name)
        one.logout()
        events.stop(start.cookie, LOGOUT)


# LIO takes locks in softirq when Time2Retain is over, which is reported.
@pytest.mark.stock
@pytest.mark.parametrize("time2retain", [0, 1])
def test_logout_of_the_connection(lio: Lio, module: None, wire: Wire,
                                  time2retain: int) -> None:
    """The initiator closed its last connection, and did not come back in time."""
    tpg = lio.open_tpg()
    one = wire(tpg, DefaultTime2Retain=time2retain)
    with Events() as events:
        start = events.start(one.name)
        one.logout(CLOSE_CONNECTION)
        events.stop(start.cookie, LOGOUT, patience(time2retain + 2))


def test_connection_lost(tpg: Tpg, module: None, wire: Wire) -> None:
    """The connection broke."""
    one = wire(tpg)
    with Events() as events:
        start = events.start(one.name)
        one.close()
        events.stop(start.cookie, CONNECTION_LOST, CLOSING)


def test_reinstated(tpg: Tpg, module: None, wire: Wire) -> None:
    """A second login of the same I_T nexus; the new session says so."""
    one = wire(tpg)
    with Events() as events:
        old = events.start(one.name)
        assert not old.is_reinstated
        for _ in range(rounds(9)):
            wire(tpg, one.name, isid=one.isid)
            pair = [events.next(CLOSING), events.next(CLOSING)]
            start, = (event for event in pair if isinstance(event, Start))
            assert Stop(old.cookie, REINSTATED) in pair
            assert start.is_reinstated and start.nexus == old.nexus
            old = start
        assert [start.is_reinstated for start in spt.starts()] == [1]


def test_not_reinstated(tpg: Tpg, module: None, wire: Wire) -> None:
    """The same ISID after a logout, or another one, replaces nobody."""
    one = wire(tpg)
    with Events() as events:
        start = events.start(one.name)
        for _ in range(rounds(9)):
            one.logout()
            events.stop(start.cookie, LOGOUT)
            one.login()
            start = events.start(one.name)
            assert not start.is_reinstated
        wire(tpg, one.name)
        other = events.start(one.name)
        assert not other.is_reinstated and other.nexus != start.nexus
        assert len(events.live()) == 2


def test_tpg_disabled(tpg: Tpg, module: None, wire: Wire) -> None:
    """Of all sessions of the TPG, and of no other's."""
    wires = [wire(tpg) for _ in range(10)]
    with Events() as events:
        assert len(events.rest()) == len(wires)
        tpg.enable(False)
        events.until_ended(len(wires))
        assert set(events.stops().values()) == {REMOVED}


def test_tpg_disabled_while_one_hangs(lio: Lio, module: None, wire: Wire,
                                      hanging: Callable[[], HangingDisk]) -> None:
    """LIO ends one after another; each end is told when it has come."""
    disk = hanging()
    backstore = Iblock(disk)
    lio.keep(backstore)
    tpg = lio.open_tpg()
    tpg.lun(0, backstore)
    wires = [wire(tpg) for _ in range(4)]
    last = wires.pop()
    with Events() as events:
        cookies = {event.initiator: event.cookie for event in events.rest()}
        disk.suspend()
        last.read(0)
        backstore.wait_until_stuck(last)
        disabling = Background(lambda: tpg.enable(False))
        for one in wires:
            events.stop(cookies[one.name], REMOVED, CLOSING)
        until(own_thread_hangs, "LIO waits for the last one")
        assert disabling.is_running() and not events.device.is_readable()
        disk.resume()
        events.stop(cookies[last.name], REMOVED, patience(30))
        disabling.result()


def test_queue_depth_changed(explicit: Tpg, wire: Wire) -> None:
    """LIO ends the session as if for a new login, but there is none."""
    one = wire(explicit, NAME)
    with Events() as events:
        start = events.start(NAME)
        (explicit.path / "acls" / NAME / "cmdsn_depth").write_text("7")
        events.stop(start.cookie, REINSTATED, CLOSING)
        # It has to begin after the tick in which that was seen.
        sh("sleep", 2 * LATE_TICKS)
        wire(explicit, NAME, isid=one.isid)
        assert not events.start(NAME).is_reinstated


def test_acl_removed(explicit: Tpg, wire: Wire) -> None:
    """An admin took the initiator's access away."""
    wire(explicit, NAME)
    with Events() as events:
        start = events.start(NAME)
        (explicit.path / "acls" / NAME).rmdir()
        events.stop(start.cookie, REMOVED, CLOSING)


def test_stopped_and_back(tpg: Tpg, module: None, wire: Wire) -> None:
    """An initiator that comes right back is not why its old session ended."""
    one = wire(tpg)
    with Events() as events:
        start = events.start(one.name)
        for _ in range(rounds(30)):
            assert spt.stop(start.cookie, 0) in (spt.BEGUN, spt.DONE)
            # Its socket is still open: nothing but the stop ends the session.
            one = wire(tpg, one.name, isid=one.isid)
            pair = [events.next(CLOSING), events.next(CLOSING)]
            assert Stop(start.cookie, STOPPED) in pair, pair
            start, = (event for event in pair if isinstance(event, Start))
            # It waited for the other one's end, or found it gone.
            assert start.is_reinstated in (0, 1)


def test_stopped_while_stuck(stuck: Stuck, wire: Wire) -> None:
    """The same when it is back before the end, and so takes the place."""
    with Events() as events:
        events.rest()
        assert spt.stop(stuck.cookie, 0) == spt.BEGUN
        # LIO lets it in when the old session's connections are closed, and
        # deregisters the old session meanwhile.
        login = Background(
            lambda: wire(stuck.tpg, stuck.one.name, isid=stuck.one.isid))
        until(lambda: hanging_threads("iscsi_np"), "the login waits for that")
        assert not events.device.is_readable()
        stuck.disk.resume()
        pair = [events.next(patience(30)), events.next(patience(30))]
        assert Stop(stuck.cookie, STOPPED) in pair, pair
        start, = (event for event in pair if isinstance(event, Start))
        assert start.initiator == login.result().name
        assert start.is_reinstated


def test_stopped_while_being_reinstated(stuck: Stuck, wire: Wire) -> None:
    """The other order: a stop of what is ending already is not why it ends."""
    with Events() as events:
        events.rest()
        login = Background(
            lambda: wire(stuck.tpg, stuck.one.name, isid=stuck.one.isid))
        until(lambda: hanging_threads("iscsi_np"), "the login waits for the end")
        assert stuck.stop_and_resume() == spt.DONE
        pair = [events.next(patience(30)), events.next(patience(30))]
        assert Stop(stuck.cookie, REINSTATED) in pair, pair
        start, = (event for event in pair if isinstance(event, Start))
        assert start.initiator == login.result().name
        assert start.is_reinstated


def test_logged_out_while_stopped(tpg: Tpg, module: None, wire: Wire) -> None:
    """Whoever is faster: the end is one of the two, told once."""
    one = wire(tpg)
    with Events() as events:
        start = events.start(one.name)
        for _ in range(rounds(20)):
            stop = Background(lambda cookie=start.cookie: spt.stop(cookie))
            one.leave()
            assert stop.result() in (spt.DONE, spt.UNKNOWN)
            assert events.stop(start.cookie).cause in (STOPPED, LOGOUT)
            start = events.start(one.login().name)
        until(lambda: [event.cookie for event in spt.starts()] == [start.cookie],
              "only the last one is left")

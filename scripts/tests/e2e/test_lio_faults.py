# SPDX-License-Identifier: GPL-2.0
"""LIO itself can lose a session that has no connection; the module copes.

Both ways to lose one are shown here without the module's help: it is loaded
only when LIO has lost it.  The demo mode matters: an explicit ACL of a lost
session could never be removed.
"""
from __future__ import annotations

import time
from pathlib import Path
from typing import Callable

import proc
import pytest
import spt
from lio import Lio, Tpg, session_threads
from tools import LATE_TICKS, patience, until
from wire import CLOSE_CONNECTION, WireInitiator

Wire = Callable[..., WireInitiator]

TIME2RETAIN = 3600
LOST = Path("/run/lost-by-lio")


@pytest.fixture(name="retaining")
def retaining_(lio: Lio) -> Tpg:
    """A TPG whose sessions wait long for Time2Retain.

    They are allocated by its portal's login thread: what kmemleak finds of that
    thread's is LIO's, however late it is found.
    """
    before = proc.kernel_threads("iscsi_np")
    tpg = lio.tpg()
    with LOST.open("a", encoding="ascii") as lost:
        for pid in proc.kernel_threads("iscsi_np").keys() - before:
            lost.write(f"{pid} ")
    tpg.param("DefaultTime2Retain", TIME2RETAIN)
    tpg.demo()
    tpg.enable()
    return tpg


def retained(wire: Wire, tpg: Tpg) -> WireInitiator:
    """An initiator whose session has lost its connection."""
    one = wire(tpg, DefaultTime2Retain=TIME2RETAIN)
    one.logout(CLOSE_CONNECTION)
    until(lambda: not tpg.sockets(), "the connection is closed")
    return one


@pytest.mark.parametrize("kprobes, seconds", [("Y", 5), ("N", 16)])
def test_lost_by_disabling(retaining: Tpg, wire: Wire, kprobes: str,
                           seconds: int) -> None:
    """LIO's count stays wrong; the end of others is seen all the same."""
    retained(wire, retaining)
    retaining.enable(False)
    retaining.enable()
    other, third = wire(retaining), wire(retaining)
    spt.insmod(f"kprobes={kprobes}")
    assert [start.initiator for start in spt.starts()] == [other.name, third.name]
    began = time.monotonic()
    assert spt.stop(spt.cookie_of(other.name)) == spt.DONE
    assert seconds - LATE_TICKS <= time.monotonic() - began < seconds + patience(4)
    other.see_the_end()
    third.logout()
    # Looked at when it has no connection any more, its end could not be told from that
    # of the lost one, without probes: see the README's limits.
    until(lambda: not session_threads(), "it has left LIO")
    until(lambda: spt.starts() == [], "the other end is seen", 30)
    assert spt.starts() == []
    assert not spt.is_in_use()


def test_lost_while_being_stopped(retaining: Tpg, wire: Wire) -> None:
    """A session that LIO has lost has not ended, and nobody is told so."""
    one = retained(wire, retaining)
    spt.insmod()
    cookie = spt.cookie_of(one.name)
    assert spt.stop(cookie, 0) == spt.BEGUN
    retaining.enable(False)
    assert spt.stop(cookie, 1) == spt.STILL_ENDING
    assert spt.is_in_use()
    until(lambda: not spt.is_in_use(), "the module goes", 30)


def test_lost_by_reinstatement(retaining: Tpg, wire: Wire) -> None:
    """A stop that can never end lets go of TPG and module after a while."""
    one = retained(wire, retaining)
    one.login()
    spt.insmod()
    old, new = (start.cookie for start in spt.starts())
    with spt.Device() as device:
        assert device.known(old).connections == 0
        assert device.known(new).connections == 1
    assert spt.stop(old, 1) == spt.STILL_ENDING
    assert spt.is_in_use()
    until(lambda: not spt.is_in_use(), "the module goes", 30)
    spt.insmod()
    old, new = (start.cookie for start in spt.starts())
    assert spt.stop(new) == spt.DONE
    assert [start.cookie for start in spt.starts()] == [old]

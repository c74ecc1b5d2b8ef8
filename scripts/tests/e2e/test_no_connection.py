# SPDX-License-Identifier: GPL-2.0
"""A session whose last connection has logged out, and only that.

It waits for Time2Retain, or for its initiator to continue it (RFC 7143 section
6.3.6).  Nothing can be done to it meanwhile; what is tested is that this is
said, and that the stop comes true as soon as it can.

Neither of the other ways out is taken here, both for faults of LIO's own: when
Time2Retain expires, it takes locks in softirq that it must not (lockdep), and
when the initiator reinstates the session, LIO stops the timer and forgets it.
"""
from __future__ import annotations

from typing import Callable

import spt
import sptctl
from background import Background
from lio import Lio
from records import ENDING, FAILED, LOGGED_IN, NO_LIMIT
from retained import NAME, TIME2RETAIN
from spt import Device
from tools import until
from wire import WireInitiator

Retained = tuple[WireInitiator, int]


def end(one: WireInitiator, cookie: int) -> None:
    """Continue the session, which ends it if it is being stopped."""
    stop = Background(lambda: spt.stop(cookie, NO_LIMIT))
    one.login(one.tsih)
    assert stop.result() == spt.DONE
    assert one.tpg.acl_session(NAME) is None and spt.starts() == []


def test_listed_as_failed(retained: Retained) -> None:
    """State failed, no connection, no peer; but still who it is."""
    one, cookie = retained
    info = spt.sessions()[NAME]
    assert (info.cookie, info.state, info.flags) == (cookie, FAILED, 0)
    assert (info.connections, info.peer, info.portal) == (0, "", "")
    assert info.time2retain == TIME2RETAIN
    assert (info.isid, info.tsih) == (one.isid, one.tsih)
    start, = spt.starts()
    # Seen when it still had its connection.
    assert start.peer == "127.0.0.1"
    assert 1 <= info.time2retain_left <= TIME2RETAIN
    assert not info.ending_since and not info.commands
    assert info.connection_states == bytes(8)
    told = sptctl.as_json("info", cookie)
    assert told["state"] == "failed"
    assert told["note"] == ("no connection: LIO keeps it "
                            f"{told['time2retain_left']}s more for its initiator")
    assert sptctl.run("list").out.splitlines()[1].split()[1] == "failed"
    end(one, cookie)


def test_first_seen_as_failed(retained: Retained) -> None:
    """A module that never saw the connection knows no peer."""
    one, _ = retained
    spt.rmmod()
    spt.insmod()
    start, = spt.starts()
    assert start.peer == "" and start.nexus.startswith(f"{NAME},i,0x{one.isid.hex()},")
    end(one, start.cookie)


def test_continued(retained: Retained) -> None:
    """It is the same session then, with the same cookie."""
    one, cookie = retained
    one.login(one.tsih)
    with Device() as device:
        until(lambda: device.known(cookie).state == LOGGED_IN, "it goes on")
        info = device.known(cookie)
        assert (info.connections, info.peer, info.flags) == (1, one.address, 0)
        assert device.stop(cookie) == spt.DONE


def test_stop_waits_for_a_connection(retained: Retained) -> None:
    """Pending, said so, and never leaked; it ends with the first chance."""
    one, cookie = retained
    assert spt.stop(cookie, 1) == spt.STILL_ENDING
    outcome = sptctl.run("stop", "--timeout", "1", cookie)
    assert outcome.code == sptctl.STILL_ENDING and outcome.one_line()
    with Device() as device:
        info = device.known(cookie)
    assert (info.state, info.flags) == (FAILED, ENDING)
    assert sptctl.run("list").out.splitlines()[1].split()[1] in ("ending", "stuck")
    assert "and Time2Retain is over in" in sptctl.as_json("info", cookie)["note"]
    assert spt.is_in_use()
    end(one, cookie)
    until(lambda: not spt.is_in_use(), "the module goes")


def test_login_of_another(retained: Retained, lio: Lio,
                          wire: Callable[..., WireInitiator]) -> None:
    """Others are not affected by a stop that pends."""
    one, cookie = retained
    tpg = lio.open_tpg(tag=2)
    assert spt.stop(cookie, 0) == spt.BEGUN
    other = wire(tpg)
    assert spt.stop(spt.cookie_of(other.name)) == spt.DONE
    end(one, cookie)

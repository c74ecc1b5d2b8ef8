# SPDX-License-Identifier: GPL-2.0
"""A stop of a session with several connections, in every stage of theirs.

Here nothing else ends such a session: LIO walks the list of its connections while
each of them may leave it, and follows one that has.  And a connection that may be
lost for recovery has no command, not even a ping: LIO keeps it for another one to
take over, with a lock that is not set up, or counted in what it frees earlier.
../faults/connections.py shows each of that.
"""
from __future__ import annotations

import pytest
import spt
from lio import Lio
from mcs import Connection, connections
from records import STOPPED
from stages import APART, LEVELS, disk_tpg, half_a_write, read_and_do_not_look
from stress import Stress
from tools import until
from watched import Watched, Wire
from wire import CLOSE_CONNECTION, FOR_RECOVERY, Closed, WireInitiator


def check_stopped(watched: Watched, one: WireInitiator, cookie: int,
                  answer: spt.Answer) -> None:
    """After a round: the stop has ended the session, which it always does here."""
    assert answer == spt.DONE
    one.see_the_end()
    watched.check([cookie], answer)


def test_in_a_login_that_joins(stress: Stress, lio: Lio, watched: Watched,
                               wire: Wire) -> None:
    """A further connection is being logged in: LIO waits for that, and so do we.

    The login is given up.  One that comes to its end joins a session that is being
    closed, which LIO then frees with the connection in it.
    """
    tpg = disk_tpg(lio, MaxConnections=2)
    watched.bystander(tpg)
    one = wire(tpg, login=False, MaxConnections=2)
    for _ in stress.rounds(60):
        cookie = watched.login(one)
        joining = Connection(one, 1)
        joining.begin_any_login(one.tsih)
        answer, _ = stress.race(APART, lambda: watched.device.stop(cookie),
                                joining.close)
        check_stopped(watched, one, cookie, answer)
    watched.finish(STOPPED)


@LEVELS
def test_several_connections(stress: Stress, lio: Lio, watched: Watched, wire: Wire,
                             level: int) -> None:
    """One stop closes all of them, whatever each of them is doing."""
    number = 4
    tpg = disk_tpg(lio, level=level, MaxConnections=number)
    watched.bystander(tpg)
    one = wire(tpg, login=False, MaxConnections=number, ErrorRecoveryLevel=level)
    for _ in stress.rounds(30):
        cookie = watched.login(one)
        all_of_it = list(connections(one, number))
        info = watched.device.known(cookie)
        assert (info.connections, info.erl) == (number, level)
        assert all(info.connection_states[:number])
        assert len(tpg.sockets()) == number + 1
        idle, *busy = stress.random.sample(all_of_it, number)
        idle.ping()
        for each in busy:
            stress.random.choice([half_a_write, read_and_do_not_look])(stress, each)
        stress.pause(APART)
        answer = watched.device.stop(cookie)
        assert answer == spt.DONE
        for each in all_of_it:
            each.see_the_end()
        watched.check([cookie], answer)
        assert len(tpg.sockets()) == 1
    watched.finish(STOPPED)


def quiet_connection(watched: Watched, one: WireInitiator,
                     cookie: int) -> WireInitiator:
    """A second one that has never had a command."""
    _, other = connections(one, 2, ping=False)
    until(lambda: watched.device.known(cookie).connections == 2, "it has joined")
    return other


def test_one_connection_of_two_is_lost(stress: Stress, lio: Lio, watched: Watched,
                                       wire: Wire) -> None:
    """At level 2 LIO keeps the session for that, but not when it is stopped."""
    tpg = disk_tpg(lio, level=2, MaxConnections=2)
    watched.bystander(tpg)
    one = wire(tpg, login=False, MaxConnections=2, ErrorRecoveryLevel=2)
    for _ in stress.rounds(40):
        cookie = watched.login(one)
        other = quiet_connection(watched, one, cookie)
        answer, _ = stress.race(APART, lambda: watched.device.stop(cookie),
                                other.break_off)
        check_stopped(watched, one, cookie, answer)
    watched.finish(STOPPED)


def logout_another(one: WireInitiator, other: WireInitiator, reason: int) -> None:
    """Log out the other connection, unless the stop was faster."""
    try:
        one.begin_logout(reason, other.cid)
    except Closed:
        pass


@pytest.mark.parametrize("reason", [CLOSE_CONNECTION, FOR_RECOVERY])
def test_one_connection_logs_out_another(stress: Stress, lio: Lio, watched: Watched,
                                         wire: Wire, reason: int) -> None:
    """One that is open, or has been lost and waits for recovery."""
    tpg = disk_tpg(lio, level=2, MaxConnections=2)
    watched.bystander(tpg)
    one = wire(tpg, login=False, MaxConnections=2, ErrorRecoveryLevel=2)
    for _ in stress.rounds(40):
        cookie = watched.login(one)
        other = quiet_connection(watched, one, cookie)
        if reason == FOR_RECOVERY:
            other.break_off()
            until(lambda: watched.device.known(cookie).connections == 1, "it is lost")
        answer, _ = stress.race(APART, lambda: watched.device.stop(cookie),
                                lambda: logout_another(one, other, reason))
        check_stopped(watched, one, cookie, answer)
    watched.finish(STOPPED)

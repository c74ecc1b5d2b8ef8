# SPDX-License-Identifier: GPL-2.0
"""Faults of LIO's own that a stop could be blamed for: the module is not loaded.

No part of the tests: on the debug kernel each of these is meant to be reported.

    scripts/vm/run --kernel debug -- python3 -m pytest -p no:cacheprovider \\
        scripts/tests/stress/faults_connections.py --percent 100 -k WHICH
"""
from __future__ import annotations

from typing import Callable, Iterable

from lio import Lio, session_threads
from mcs import Connection, connections
from stages import APART, disk_tpg
from stress import Stress
from tools import until
from watched import Wire
from wire import Closed, WireInitiator


def all_gone() -> None:
    """No session has a thread left."""
    until(lambda: not session_threads(), "its threads have ended")


def test_tpg_disable(stress: Stress, lio: Lio, wire: Wire) -> None:
    """iscsit_stop_session() follows a connection that has left the list."""
    tpg = disk_tpg(lio, MaxConnections=4)
    one = wire(tpg, login=False, MaxConnections=4)
    for _ in stress.rounds(100, 100):
        lost = list(connections(one.login(), 4))
        stress.race(APART, lambda: tpg.enable(False),
                    *[each.break_off for each in lost])
        all_gone()
        tpg.enable()


def test_join(stress: Stress, lio: Lio, wire: Wire) -> None:
    """A connection is added to a session that is being closed, and freed with it."""
    tpg = disk_tpg(lio, MaxConnections=2)
    one = wire(tpg, login=False, MaxConnections=2)
    for _ in stress.rounds(100, 100):
        one.login()
        joining = Connection(one, 1)
        joining.begin_any_login(one.tsih)
        one.break_off()
        stress.pause(10 * APART)
        try:
            joining.finish_login(one.tsih)
        except (AssertionError, Closed):
            pass
        joining.close()
        all_gone()


def lose_one_of_two(lio: Lio, wire: Wire, rounds: Iterable[int],
                    begin: Callable[[WireInitiator], object]) -> None:
    """After it has begun something, and log out the session from the other one."""
    tpg = disk_tpg(lio, level=2, MaxConnections=2)
    one = wire(tpg, login=False, MaxConnections=2, ErrorRecoveryLevel=2)
    for _ in rounds:
        _, other = connections(one.login(), 2)
        begin(other)
        other.break_off()
        until(lambda: len(session_threads()) == 2, "LIO has seen the loss")
        one.logout()
        all_gone()


def test_recovery(stress: Stress, lio: Lio, wire: Wire) -> None:
    """A command of a lost connection is freed after the counter that it is in."""
    lose_one_of_two(lio, wire, stress.rounds(100, 100),
                    lambda other: other.begin_write(0, 1))


def test_recovery_of_a_ping(stress: Stress, lio: Lio, wire: Wire) -> None:
    """LIO waits for it as for a SCSI command, by a lock that it never set up."""
    lose_one_of_two(lio, wire, stress.rounds(3, 3), WireInitiator.ping)


def test_acl_rmdir(stress: Stress, lio: Lio, wire: Wire) -> None:
    """target_shutdown_sessions() follows a session that has ended meanwhile."""
    name = "iqn.2024-01.com.example:allowed"
    tpg = lio.tpg()
    tpg.enable()
    one = wire(tpg, name, login=False)
    for _ in stress.rounds(100, 100):
        acl = tpg.acl(name)
        one.login()
        stress.race(APART, acl.rmdir, one.break_off)
        all_gone()

# SPDX-License-Identifier: GPL-2.0
"""Usage: connections.py disable|join|recovery|ping

What LIO does wrong when a session of several connections loses one, or gets one.
"""
from __future__ import annotations

import random
import sys
from typing import Callable

import lio as lio_
from lio import Lio, session_threads
from mcs import Connection, connections
from stages import APART, disk_tpg
from stress import Stress
from tools import sh, until
from wire import Closed, Refused, WireInitiator

# It takes some luck.
ROUNDS = 400


def all_gone() -> None:
    """No session has a thread left."""
    until(lambda: not session_threads(), "its threads have ended")


def disable(lio: Lio, chance: Stress) -> Callable[[], None]:
    """iscsit_stop_session() follows a connection that has left the list."""
    tpg = disk_tpg(lio, MaxConnections=4)
    one = WireInitiator(tpg, MaxConnections=4)

    def once() -> None:
        lost = list(connections(one.login(), 4))
        chance.race(APART, lambda: tpg.enable(False),
                    *[each.break_off for each in lost])
        all_gone()
        tpg.enable()

    return once


def join(lio: Lio, chance: Stress) -> Callable[[], None]:
    """A connection is added to a session that is being closed, and freed with it."""
    tpg = disk_tpg(lio, MaxConnections=2)
    one = WireInitiator(tpg, MaxConnections=2)

    def once() -> None:
        one.login()
        joining = Connection(one, 1)
        joining.begin_any_login(one.tsih)
        one.break_off()
        chance.pause(10 * APART)
        try:
            joining.finish_login(one.tsih)
        except (Closed, Refused):
            pass
        joining.close()
        all_gone()

    return once


def lose_one_of_two(lio: Lio, begin: Callable[[WireInitiator], object]) \
        -> Callable[[], None]:
    """After it has begun something, and log out the session from the other one."""
    tpg = disk_tpg(lio, level=2, MaxConnections=2)
    one = WireInitiator(tpg, MaxConnections=2, ErrorRecoveryLevel=2)

    def once() -> None:
        _, other = connections(one.login(), 2)
        begin(other)
        other.break_off()
        until(lambda: len(session_threads()) == 2, "LIO has seen the loss")
        one.logout()
        all_gone()

    return once


def recovery(lio: Lio, _chance: Stress) -> Callable[[], None]:
    """A command of a lost connection is freed after the counter that it is in."""
    return lose_one_of_two(lio, lambda other: other.begin_write(0, 1))


def ping(lio: Lio, _chance: Stress) -> Callable[[], None]:
    """LIO waits for it as for a SCSI command, by a lock that it never set up."""
    return lose_one_of_two(lio, WireInitiator.ping)


def main() -> None:
    """Until the kernel says so, or for so long that it should have."""
    lio_.load()
    seed = random.SystemRandom().getrandbits(32)
    print(f"seed {seed}")
    once = globals()[sys.argv[1]](Lio(), Stress(sys.argv[1], seed, 100))
    for number in range(ROUNDS):
        if any(word in sh("dmesg") for word in ("BUG: ", "INFO: ", "general protection")):
            print(f"seen after {number} rounds")
            break
        once()


main()

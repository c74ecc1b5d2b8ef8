# SPDX-License-Identifier: GPL-2.0
"""A stop in every stage of a session's life, and whatever was negotiated.

Each stage is entered many times, and the stop comes at a random moment of it.
"""
from __future__ import annotations

from typing import Callable

import pytest
import spt
from background import Background
from disk import HangingDisk
from events import Events
from lio import Backstore, Lio, Tpg, ramdisk
from mcs import Connection, connections
from proc import IOCTL
from records import FAILED, LOGOUT, NO_LIMIT, REINSTATED, STOPPED
from stress import Stress
from stuck import Iblock
from tools import until
from watched import Watched, Wire
from wire import BLOCK, CLOSE_CONNECTION, Closed, WireInitiator

# How far two calls that race are apart at most.
APART = 0.03

# Time2Retain must never be over: LIO's timer takes locks that it must not.
TIME2RETAIN = 3600

LEVELS = pytest.mark.parametrize("level", [0, 1, 2])


def disk_tpg(lio: Lio, backstore: Backstore | None = None, level: int = 0,
             **params: object) -> Tpg:
    """A demo-mode TPG with one LUN, which offers this at login."""
    tpg = lio.open_tpg(level=level, DefaultTime2Retain=TIME2RETAIN, **params)
    tpg.lun(0, backstore or lio.keep(ramdisk(1)))
    return tpg


def test_before_the_first_command(stress: Stress, tpg: Tpg, watched: Watched,
                                  wire: Wire) -> None:
    """As soon as it is told, which is before LIO's login thread is done with it."""
    watched.bystander(tpg)
    one = wire(tpg, login=False)
    with Events() as events:
        events.rest()
        for _ in stress.rounds(120):
            login = Background(lambda: watched.counted(one.login(ping=False)))
            start = events.start(one.name)
            stress.pause(APART / 10)
            answer = watched.device.stop(start.cookie)
            assert answer == spt.DONE
            login.result()
            one.see_the_end()
            watched.check([start.cookie], answer)
            events.stop(start.cookie, STOPPED)
    watched.finish(STOPPED)


def test_in_a_login_that_replaces(stress: Stress, tpg: Tpg, watched: Watched,
                                  wire: Wire) -> None:
    """The old session is stopped while a new login of its nexus is under way."""
    watched.bystander(tpg)
    one = wire(tpg, login=False)
    new = wire(tpg, one.name, isid=one.isid, login=False)
    for _ in stress.rounds(60):
        cookie = watched.login(one)
        new.begin_any_login()
        answer, _ = stress.race(APART, lambda: watched.device.stop(cookie),
                                lambda: watched.counted(new.finish_login()))
        replacing = spt.cookie_of(one.name)
        new.ping()
        watched.check([cookie, replacing], answer, watched.device.stop(replacing))
    watched.finish(STOPPED, REINSTATED)


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
        assert answer == spt.DONE
        one.see_the_end()
        watched.check([cookie], answer)
    watched.finish(STOPPED)


def half_a_write(stress: Stress, one: WireInitiator) -> None:
    """Some of the Data-Out PDUs that the target waits for, the last one cut."""
    parts, size = 4, 2 * BLOCK
    r2t = one.begin_write(stress.random.randrange(1024), parts * size // BLOCK)
    sent = stress.random.randrange(parts)
    for number in range(sent):
        one.data_out(r2t, bytes(size), number, number * size)
    one.data_out(r2t, bytes(size), sent, sent * size,
                 sent=stress.random.randrange(48 + size))


@LEVELS
def test_data_out(stress: Stress, lio: Lio, watched: Watched, wire: Wire,
                  level: int) -> None:
    """A write that is half done, and LIO in the middle of a PDU."""
    tpg = disk_tpg(lio, level=level)
    watched.bystander(tpg)
    one = wire(tpg, login=False, ErrorRecoveryLevel=level)
    for _ in stress.rounds(40):
        cookie = watched.login(one)
        assert watched.device.known(cookie).erl == level
        half_a_write(stress, one)
        stress.pause(APART)
        answer = watched.device.stop(cookie)
        assert answer == spt.DONE
        one.see_the_end()
        watched.check([cookie], answer)
    watched.finish(STOPPED)


def traffic(stress: Stress, one: WireInitiator) -> None:
    """What is written is read, until the target closes the connection."""
    try:
        while True:
            data = stress.random.randbytes(BLOCK)
            block = stress.random.randrange(2048)
            one.write(block, data)
            assert one.read_data(block) == data
            one.ping()
    except Closed:
        pass


@pytest.mark.parametrize("header, data", [("CRC32C", "None"), ("None", "CRC32C"),
                                          ("CRC32C", "CRC32C")])
def test_digests(stress: Stress, lio: Lio, watched: Watched, wire: Wire,
                 header: str, data: str) -> None:
    """Reads and writes with checksums; LIO's are right until the end."""
    tpg = disk_tpg(lio)
    digests = {"HeaderDigest": header, "DataDigest": data}
    watched.bystander(tpg, **digests)
    one = wire(tpg, login=False, **digests)
    for _ in stress.rounds(30):
        cookie = watched.login(one)
        running = Background(lambda: traffic(stress, one))
        stress.pause(3 * APART)
        answer = watched.device.stop(cookie)
        assert answer == spt.DONE
        running.result()
        watched.check([cookie], answer)
    watched.finish(STOPPED)


def test_zero_window(stress: Stress, lio: Lio, watched: Watched, wire: Wire) -> None:
    """The initiator does not read, so LIO's thread waits to send."""
    tpg = disk_tpg(lio)
    bystander = watched.bystander(tpg)
    one = wire(tpg, login=False)
    one.unread = 4096
    for _ in stress.rounds(60):
        cookie = watched.login(one)
        for _ in range(8):
            one.read(0, 2048)
        until(lambda: watched.device.known(cookie).commands, "LIO is sending")
        stress.pause(3 * APART)
        assert watched.device.known(cookie).commands, "the window was not full"
        answer = watched.device.stop(cookie)
        assert answer == spt.DONE
        # TCP goes on to offer what LIO had sent, and would take minutes for it.
        assert tpg.sockets() == {bystander.address}
        watched.check([cookie], answer)
    watched.finish(STOPPED)


def test_thousands_of_commands(stress: Stress, lio: Lio, watched: Watched, wire: Wire,
                               hanging: Callable[[], HangingDisk]) -> None:
    """As many as LIO's CmdSN window lets in, by five sessions that all end at once.

    The backend answers all of them when it will: before, while or after the
    sessions are stopped.
    """
    depth, disk = 512, hanging()
    tpg = disk_tpg(lio, lio.keep(Iblock(disk)))
    watched.bystander(tpg)
    # Only those that log in from now on.
    tpg.attribute("default_cmdsn_depth", depth)
    wires = [wire(tpg, login=False) for _ in range(5)]
    for _ in stress.rounds(10):
        cookies = [watched.login(one) for one in wires]
        disk.suspend()
        for one, cookie in zip(wires, cookies):
            for block in range(depth):
                one.read(block)
            one.ping()
            assert watched.device.known(cookie).commands >= depth
        stress.count(depth * len(wires), "commands")
        *answers, _ = stress.race(
            10 * APART, *[lambda cookie=cookie: watched.device.stop(cookie)
                          for cookie in cookies], disk.resume)
        assert set(answers) == {spt.DONE}
        watched.check(cookies, *answers)
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


def read_and_do_not_look(stress: Stress, one: WireInitiator) -> None:
    """Begin a read, the answer of which stays in the socket."""
    one.read(stress.random.randrange(1024), 16)


def test_one_connection_of_two_is_lost(stress: Stress, lio: Lio, watched: Watched,
                                       wire: Wire) -> None:
    """At level 2 LIO keeps the session for that, but not when it is stopped."""
    tpg = disk_tpg(lio, level=2, MaxConnections=2)
    watched.bystander(tpg)
    one = wire(tpg, login=False, MaxConnections=2, ErrorRecoveryLevel=2)
    for _ in stress.rounds(40):
        cookie = watched.login(one)
        _, other = connections(one, 2)
        read_and_do_not_look(stress, other)
        answer, _ = stress.race(APART, lambda: watched.device.stop(cookie),
                                other.close)
        assert answer == spt.DONE
        one.see_the_end()
        watched.check([cookie], answer)
    watched.finish(STOPPED)


@pytest.mark.parametrize("level", [0, 2])
def test_time2retain(stress: Stress, lio: Lio, watched: Watched, wire: Wire,
                     level: int) -> None:
    """Without a connection it ends with the first one that continues it.

    Time2Retain itself must not be over here, see above; nor is the session
    reinstated, as LIO then loses it.
    """
    tpg = disk_tpg(lio, level=level)
    watched.bystander(tpg)
    one = wire(tpg, login=False, DefaultTime2Retain=TIME2RETAIN,
               ErrorRecoveryLevel=level)
    for _ in stress.rounds(60):
        cookie = watched.login(one)
        one.logout(CLOSE_CONNECTION)
        until(lambda: watched.device.known(cookie).state == FAILED, "it has failed")
        stop = Background(lambda: watched.device.stop(cookie, NO_LIMIT))
        if stress.random.random() < 0.5:
            until(lambda: stop.waits_in(IOCTL), "the stop waits")
            stress.pause(APART)
            assert watched.device.known(cookie).time2retain_left
        one.login(one.tsih)
        answer = stop.result()
        assert answer == spt.DONE
        watched.check([cookie], answer)
    watched.finish(STOPPED, LOGOUT)

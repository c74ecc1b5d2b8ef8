# SPDX-License-Identifier: GPL-2.0
"""A stop in every stage of a session's life, and whatever was negotiated.

Each stage is entered many times, and the stop comes at a random moment of it.
"""
from __future__ import annotations

import time
from typing import Callable

import pytest
import spt
from background import Background
from disk import HangingDisk
from events import Events
from lio import Lio, Tpg
from proc import IOCTL
from records import FAILED, NO_LIMIT, REINSTATED, STOPPED
from stages import APART, LEVELS, TIME2RETAIN, disk_tpg, half_a_write
from stress import Stress
from stuck import Iblock
from tools import until
from watched import Watched, Wire
from wire import BLOCK, CLOSE_CONNECTION, Closed, WireInitiator

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

    def replace(pause: float) -> None:
        # The first request already has LIO end the session that it replaces.
        new.begin_any_login()
        time.sleep(pause)
        watched.counted(new.finish_login())

    for _ in stress.rounds(60):
        cookie = watched.login(one)
        pause = stress.random.uniform(0, APART)
        answer, _ = stress.race(APART, lambda: watched.device.stop(cookie),
                                lambda: replace(pause))
        replacing = spt.cookie_of(one.name)
        new.ping()
        watched.check([cookie, replacing], answer, watched.device.stop(replacing))
    watched.finish(STOPPED, REINSTATED)


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
        stress.pause(3 * APART)
        # LIO may be done with one before it has taken the next, but never with all.
        until(lambda: watched.device.known(cookie).commands, "the window is full")
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


def lose_by_logout(one: WireInitiator) -> None:
    """As an initiator does that will come back."""
    one.logout(CLOSE_CONNECTION)


# A lost connection has no command, not even a ping: LIO keeps it for another one to
# take over, with a lock that is not set up, or counted in what it frees earlier.
@pytest.mark.parametrize("level, lose", [(0, lose_by_logout), (2, lose_by_logout),
                                         (2, WireInitiator.break_off)])
def test_time2retain(stress: Stress, lio: Lio, watched: Watched, wire: Wire,
                     level: int, lose: Callable[[WireInitiator], None]) -> None:
    """Without a connection it ends with the first one that continues it.

    Time2Retain itself must not be over here: LIO's timer takes locks that it must
    not.  Nor is the session reinstated, as LIO then loses it.
    """
    tpg = disk_tpg(lio, level=level)
    watched.bystander(tpg)
    one = wire(tpg, login=False, DefaultTime2Retain=TIME2RETAIN,
               ErrorRecoveryLevel=level)
    for _ in stress.rounds(60):
        cookie = watched.login(one, ping=False)
        lose(one)
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
    watched.finish(STOPPED)

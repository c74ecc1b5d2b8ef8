# SPDX-License-Identifier: GPL-2.0
"""A stop against whatever else ends the session, or is about to, many times.

Whoever wins a round, the session has left, its end was told once, and those who
are logged in to the same target have noticed nothing.
"""
from __future__ import annotations

import errno
import os
import subprocess
from pathlib import Path
from typing import Callable

import pytest
import spt
from background import Background
from disk import HangingDisk
from lio import ISCSI, Backstore, Lio, Tpg
from proc import hangs_inside
from records import (CONNECTION_LOST, FAILED, LOGOUT, NO_LIMIT, REINSTATED, REMOVED,
                     STOPPED)
from spt import Device
from stages import APART, TIME2RETAIN
from stress import Stress
from stuck import Iblock
from tools import until
from watched import ENDS, Watched, Wire
from wire import CLOSE_CONNECTION, CLOSE_SESSION, FOR_RECOVERY, Closed, WireInitiator


def logout_if_open(one: WireInitiator, reason: int) -> None:
    """Log out, unless the stop was faster."""
    try:
        one.begin_logout(reason)
    except Closed:
        pass


def test_stop(stress: Stress, tpg: Tpg, watched: Watched, wire: Wire) -> None:
    """Several stops at once, some through one open file: all see the same end."""
    watched.bystander(tpg)
    one = wire(tpg, login=False)
    with Device() as device:
        for _ in stress.rounds(120):
            cookie = watched.login(one)
            answers = stress.race(APART, *4 * [lambda: device.stop(cookie)],
                                  lambda: spt.stop(cookie))
            assert spt.DONE in answers, answers
            watched.check([cookie], *answers)
            one.see_the_end()
    watched.finish(STOPPED)


@pytest.mark.parametrize("level", [0, 2])
def test_logout_of_the_session(stress: Stress, lio: Lio, watched: Watched,
                               wire: Wire, level: int) -> None:
    """The initiator's own end, with the usual recovery level and the highest."""
    tpg = lio.open_tpg(level=level)
    watched.bystander(tpg)
    one = wire(tpg, login=False, ErrorRecoveryLevel=level)
    for _ in stress.rounds(70):
        cookie = watched.login(one)
        answer, _ = stress.race(APART, lambda: watched.device.stop(cookie),
                                lambda: logout_if_open(one, CLOSE_SESSION))
        watched.check([cookie], answer)
    watched.finish(STOPPED, LOGOUT)


def waits_for_its_initiator(device: Device, cookie: int) -> bool:
    """Whether it has lost its last connection and Time2Retain runs."""
    info = device.info(cookie)
    return bool(info and info.state == FAILED and info.time2retain_left)


def logout_the_connection(one: WireInitiator) -> None:
    """What is left is a session without one."""
    logout_if_open(one, CLOSE_CONNECTION)


@pytest.mark.parametrize("level, lose", [
    (0, logout_the_connection), (2, logout_the_connection),
    (0, WireInitiator.break_off), (2, WireInitiator.break_off)])
def test_loss_of_the_connection(stress: Stress, lio: Lio, watched: Watched, wire: Wire,
                                level: int, lose: Callable[[WireInitiator], None]
                                ) -> None:
    """Where the stop comes too late, the session may wait for Time2Retain.

    It then ends once its initiator continues it.  No command is on the connection,
    not even a ping: LIO keeps those of a lost one in a way that is not right.
    """
    tpg = lio.open_tpg(level=level, DefaultTime2Retain=TIME2RETAIN)
    watched.bystander(tpg)
    one = wire(tpg, login=False, DefaultTime2Retain=TIME2RETAIN,
               ErrorRecoveryLevel=level)
    for _ in stress.rounds(60):
        cookie = watched.login(one, ping=False)
        stop, _ = stress.race(
            APART, lambda: Background(lambda: watched.device.stop(cookie, NO_LIMIT)),
            lambda: lose(one))
        until(lambda: not stop.is_running() or
              waits_for_its_initiator(watched.device, cookie), "it ends or waits")
        if stop.is_running():
            one.login(one.tsih)
            stress.count(1, "continued")
        watched.check([cookie], stop.result())
    watched.finish(STOPPED, LOGOUT, CONNECTION_LOST)


def test_logout_for_recovery(stress: Stress, lio: Lio, watched: Watched,
                             wire: Wire) -> None:
    """Refused with one connection, so it ends nothing: the stop does."""
    tpg = lio.open_tpg(level=2, DefaultTime2Retain=TIME2RETAIN)
    watched.bystander(tpg)
    one = wire(tpg, login=False, ErrorRecoveryLevel=2)
    for _ in stress.rounds(60):
        cookie = watched.login(one)
        answer, _ = stress.race(APART, lambda: watched.device.stop(cookie),
                                lambda: logout_if_open(one, FOR_RECOVERY))
        assert answer == spt.DONE
        watched.check([cookie], answer)
        one.see_the_end()
    watched.finish(STOPPED)


def test_reinstatement(stress: Stress, tpg: Tpg, watched: Watched,
                       wire: Wire) -> None:
    """A new login of the same I_T nexus is another session, and is not stopped."""
    watched.bystander(tpg)
    one = wire(tpg, login=False)
    new = wire(tpg, one.name, isid=one.isid, login=False)
    for _ in stress.rounds(80):
        cookie = watched.login(one)
        answer, _ = stress.race(APART, lambda: watched.device.stop(cookie),
                                lambda: watched.counted(new.login()))
        assert answer in ENDS
        new.ping()
        replacing = spt.cookie_of(one.name)
        assert replacing != cookie
        answer = watched.device.stop(replacing)
        assert answer == spt.DONE
        watched.check([cookie, replacing], answer)
    watched.finish(STOPPED, REINSTATED)


def test_tpg_disable(stress: Stress, lio: Lio, watched: Watched, wire: Wire) -> None:
    """Some of the TPG's sessions are stopped, all are removed."""
    watched.bystander(lio.open_tpg(tag=2))
    tpg = lio.open_tpg()
    wires = [wire(tpg, login=False) for _ in range(3)]
    for _ in stress.rounds(50):
        cookies = [watched.login(one) for one in wires]
        first, second, _ = stress.race(
            APART, lambda: watched.device.stop(cookies[0]),
            lambda: watched.device.stop(cookies[1]), lambda: tpg.enable(False))
        # LIO does not wait for a session to be gone that it finds ending already.
        until(lambda: len(spt.starts()) == 1, "the third is gone too")
        watched.check(cookies, first, second)
        tpg.enable()
    watched.finish(STOPPED, REMOVED)


def rmdir_error(folder: os.PathLike[str]) -> int:
    """Try to remove it as it is."""
    try:
        os.rmdir(folder)
    except OSError as error:
        return error.errno or 0
    return 0


def remove_while_it_ends(tpg: Tpg, cookie: int, device: Device) -> bool:
    """Whether it was ever seen held; it must not go before the session has."""
    acl = tpg.path / "acls/iqn.2024-01.com.example:nobody"
    # rmdir of a TPG with a demo-mode session that nobody holds is LIO's to use
    # freed.  The ACL makes rmdir harmless until the hold is seen.
    while rmdir_error(tpg.path) != errno.EBUSY:
        if not device.info(cookie):
            return False
    acl.rmdir()
    while error := rmdir_error(tpg.path):
        assert error == errno.EBUSY, os.strerror(error)
    assert device.info(cookie) is None, "removed before the session has left"
    return True


def test_tpg_rmdir(stress: Stress, lio: Lio, watched: Watched, wire: Wire) -> None:
    """EBUSY from when the stop has begun until its end, then it can go."""
    watched.bystander(lio.open_tpg(tag=1))
    held = 0
    for number in stress.rounds(80):
        tpg = lio.open_tpg(tag=number + 2)
        tpg.acl("iqn.2024-01.com.example:nobody")
        one = wire(tpg, login=False)
        cookie = watched.login(one)
        (tpg.path / "np" / str(tpg.portal)).rmdir()
        answer, seen = stress.race(
            APART / 10, lambda: watched.device.stop(cookie),
            lambda: remove_while_it_ends(tpg, cookie, watched.device))
        held += seen
        watched.check([cookie], answer)
        one.see_the_end()
        tpg.remove()
    stress.count(held, "seen held")
    assert held, "no rmdir has met a hold"
    watched.finish(STOPPED)


def test_portal_removal(stress: Stress, tpg: Tpg, watched: Watched,
                        wire: Wire) -> None:
    """A portal that goes takes no session with it, and a stop finds all it needs."""
    portal = tpg.path / "np" / str(tpg.portal)
    watched.bystander(tpg)
    one = wire(tpg, login=False)
    for _ in stress.rounds(60):
        cookie = watched.login(one)
        answer, _ = stress.race(APART, lambda: watched.device.stop(cookie),
                                portal.rmdir)
        assert answer == spt.DONE
        watched.check([cookie], answer)
        one.see_the_end()
        portal.mkdir()
    watched.finish(STOPPED)


def pin(one: WireInitiator, disk: HangingDisk) -> None:
    """Let it have a command that keeps its session from ending.

    LIO follows a session that it ends for its ACL after it has let go of the lock
    under which it found it.  One that ends by itself in between is used freed,
    whoever ends it, so here it ends only when LIO is past that.
    """
    disk.suspend()
    one.read(block=4096)
    one.ping()


def waits_for_session(task: Path) -> bool:
    """Whether LIO is past what pin() tells of."""
    return hangs_inside(task, "iscsit_release_sessions_for_tpg",
                        "core_tpg_del_initiator_node_acl")


def closed_tpg(lio: Lio, iqn: str, backstore: Backstore, name: str) -> Tpg:
    """One initiator may log in, and has the backstore as its LUN."""
    tpg = lio.tpg(iqn)
    tpg.lun(0, backstore)
    tpg.acl(name, 0)
    tpg.enable()
    return tpg


def test_acl_rmdir(stress: Stress, lio: Lio, watched: Watched, wire: Wire,
                   hanging: Callable[[], HangingDisk]) -> None:
    """LIO ends the session itself, or waits for the stop to have done so."""
    disk, name = hanging(), "iqn.2024-01.com.example:allowed"
    tpg = closed_tpg(lio, "iqn.2024-01.com.example:acl", lio.keep(Iblock(disk)), name)
    tpg.acl("iqn.2024-01.com.example:bystander")
    watched.bystander(tpg, "iqn.2024-01.com.example:bystander")
    one = wire(tpg, name, login=False)
    for _ in stress.rounds(80):
        cookie = watched.login(one)
        pin(one, disk)
        tpg.unmap(name)
        stop, removal = stress.race(
            APART, lambda: Background(lambda: watched.device.stop(cookie, NO_LIMIT)),
            lambda: Background((tpg.path / "acls" / name).rmdir))
        until(lambda: any(map(waits_for_session, Path("/proc/self/task").iterdir())),
              "LIO waits for the session")
        stress.pause(APART)
        disk.resume()
        removal.result()
        watched.check([cookie], stop.result())
        tpg.acl(name, 0)
    watched.finish(STOPPED, REMOVED)


def delete_target(iqn: str) -> subprocess.Popen[str]:
    """As an administrator would."""
    return subprocess.Popen(["targetcli", "/iscsi", "delete", iqn], text=True,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT)


def test_target_deletion(stress: Stress, lio: Lio, watched: Watched, wire: Wire,
                         hanging: Callable[[], HangingDisk]) -> None:
    """targetcli disables the TPG, removes its ACLs and then, unless held, itself."""
    disk = hanging()
    backstore = lio.keep(Iblock(disk))
    iqn = "iqn.2024-01.com.example:deleted"
    name = "iqn.2024-01.com.example:allowed"
    watched.bystander(lio.open_tpg())
    for _ in stress.rounds(8):
        one = wire(closed_tpg(lio, iqn, backstore, name), name, login=False)
        cookie = watched.login(one)
        pin(one, disk)
        deletion = delete_target(iqn)
        # From before it has begun to long after it waits for the session.
        stress.pause(4)
        stop = Background(lambda: watched.device.stop(cookie, NO_LIMIT))
        until(lambda: deletion.poll() is not None or
              waits_for_session(Path("/proc", str(deletion.pid))),
              "LIO waits for the session")
        assert deletion.poll() is None, deletion.communicate()
        stress.pause(APART)
        disk.resume()
        told, _ = deletion.communicate()
        watched.check([cookie], stop.result())
        # The TPG is held until the stop is told of the end.
        if (ISCSI / iqn).exists():
            stress.count(1, "refused")
            told, _ = delete_target(iqn).communicate()
        assert not (ISCSI / iqn).exists(), told
    watched.finish(STOPPED, REMOVED)

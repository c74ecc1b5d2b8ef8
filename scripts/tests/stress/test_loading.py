# SPDX-License-Identifier: GPL-2.0
"""The module comes and goes while everything else is going on.

With one processor, as probes are put where others run: see processors.py.
"""
from __future__ import annotations

import errno
from pathlib import Path
from typing import Callable, Iterator

import lio as lio_
import pytest
import spt
from background import Background
from events import Events
from lio import CONFIGFS, ISCSI, Lio, Tpg
from records import STOPPED
from spt import Device
from storm import Storm
from stress import Stress
from tools import SLOW, sh, until
from users import ABSENT, Users
from wire import WireInitiator

Wire = Callable[..., WireInitiator]

REFUSED = errno.EWOULDBLOCK

pytestmark = pytest.mark.usefixtures("one_processor")


@pytest.fixture(name="unconfigured")
def unconfigured_(lio: Lio) -> Iterator[None]:
    """LIO is loaded, and that is all."""
    ISCSI.rmdir()
    yield
    lio_.load()


@pytest.fixture(name="unmount")
def unmount_() -> Iterator[Callable[[], None]]:
    """Takes away what LIO is configured by, until the end of the test."""
    yield lambda: sh("umount", CONFIGFS.parent)
    mount()


def mount() -> None:
    """Give it back, no matter if it is there."""
    if not CONFIGFS.exists():
        sh("mount", "-t", "configfs", "config", CONFIGFS.parent)


def holders(name: str) -> list[str]:
    """The modules that use a module."""
    return [path.name for path in Path("/sys/module", name, "holders").iterdir()]


def test_loop(lio: Lio, stress: Stress) -> None:
    """Loaded and unloaded under login, logout, list, stop, info and watch."""
    tpg = lio.open_tpg()
    users = Users(stress, tpg)
    with Storm([tpg], 1_000_000, concurrent=8, linger_ms="0-300",
               pause=200 if SLOW else 40) as storm:
        for _ in stress.rounds(40, what="loads"):
            spt.insmod()
            stress.pause(0.5)
            until(lambda: not spt.is_in_use(), "it can be unloaded")
            stress.pause(0.1)
        spt.insmod()
        until(users.have_done_all, "somebody did each of the things")
        assert storm.is_running()
    users.finish()
    stress.count(sum(users.done.values()), "uses")
    until(lambda: not lio_.session_threads(), "the sessions have left LIO")
    until(lambda: not spt.starts(), "and are listed no more")


def test_twice(tpg: Tpg, wire: Wire, stress: Stress) -> None:
    """Two that load it at once, one that unloads it, one that opens it."""
    for _ in stress.rounds(40):
        one = wire(tpg)
        first, second, third, opened = stress.race(
            0.3, lambda: spt.insmod_error(""), lambda: spt.insmod_error(""),
            spt.unload_error, open_error)
        assert {first, second} <= {0, errno.EEXIST, errno.EBUSY}
        assert 0 in (first, second)
        assert third in (0, errno.ENOENT, errno.EBUSY, REFUSED)
        assert opened in (0, *ABSENT)
        if not spt.is_loaded():
            spt.insmod()
        assert spt.insmod_error("") == errno.EEXIST
        assert one.name in {start.initiator for start in spt.starts()}
        one.logout()
        spt.rmmod()


def open_error() -> int:
    """Open the device and close it again; the errno of that."""
    try:
        Device().close()
    except OSError as error:
        assert error.errno
        return error.errno
    return 0


def test_lio_stays(unconfigured: None, stress: Stress) -> None:
    """LIO cannot go while the module is there, and nothing else keeps it."""
    for _ in stress.rounds(20):
        spt.insmod()
        for name in ("iscsi_target_mod", "target_core_mod"):
            assert spt.NAME in holders(name)
            assert spt.unload_error(name) == REFUSED
        held = Background(lambda: [spt.unload_error("iscsi_target_mod")
                                   for _ in range(50)])
        stress.pause(0.1)
        assert set(held.result()) == {REFUSED}
        spt.rmmod()
        assert spt.unload_error("iscsi_target_mod") == 0
        assert spt.insmod_error("") == errno.ENOENT
        sh("modprobe", "iscsi_target_mod")


def test_before_lio_is_configured(unconfigured: None, lio: Lio, wire: Wire,
                                  stress: Stress) -> None:
    """What comes after it is seen: the target, its TPG, its sessions."""
    for _ in stress.rounds(40):
        spt.insmod()
        with Events() as events:
            assert events.rest() == []
            ISCSI.mkdir()
            tpg = lio.open_tpg()
            one = wire(tpg)
            start = events.start(one.name)
            assert events.device.stop(start.cookie) == spt.DONE
            events.stop(start.cookie, STOPPED)
            one.see_the_end()
        until(lambda: not lio_.session_threads(), "the session has left LIO")
        tpg.remove()
        tpg.path.parent.rmdir()
        ISCSI.rmdir()
        spt.rmmod()


def test_configfs_not_mounted(tpg: Tpg, wire: Wire, stress: Stress,
                              unmount: Callable[[], None]) -> None:
    """Nobody needs a mount to stop a session, or to hold its TPG meanwhile."""
    for _ in stress.rounds(40):
        one, other = wire(tpg), wire(tpg)
        unmount()
        spt.insmod()
        cookies = {start.initiator: start.cookie for start in spt.starts()}
        assert set(cookies) == {one.name, other.name}
        assert spt.stop(cookies[one.name]) == spt.DONE
        one.see_the_end()
        other.ping()
        mount()
        assert tpg.dynamic_sessions() == [other.name]
        other.logout()
        until(lambda: not spt.is_in_use(), "it can be unloaded")

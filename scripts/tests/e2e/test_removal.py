# SPDX-License-Identifier: GPL-2.0
"""Configuration changes during a stop.

The backend hangs, so the stop lasts as long as the test wants.
"""
from __future__ import annotations

import errno
import os
from typing import Callable

import pytest
import spt
from background import Background
from lio import Lio, Tpg
from proc import own_thread_hangs
from records import ENDING, FREE
from spt import Device
from stuck import Stuck
from tools import until
from wire import WireInitiator


def rmdir_error(tpg: Tpg) -> int:
    """Try to remove the TPG's folder, as it is, with what is in it."""
    try:
        os.rmdir(tpg.path)
    except OSError as error:
        return error.errno or 0
    return 0


def remove_acl(stuck: Stuck) -> None:
    """What deleting an ACL comes to."""
    stuck.tpg.unmap(stuck.one.name)
    (stuck.tpg.path / "acls" / stuck.one.name).rmdir()


def disable_tpg(stuck: Stuck) -> None:
    """What disabling a TPG comes to."""
    stuck.tpg.enable(False)


CHANGES = {"acl rmdir": remove_acl, "tpg disable": disable_tpg}


def test_tpg_rmdir(stuck: Stuck) -> None:
    """EBUSY until the session has left; then only its contents are in the way."""
    assert rmdir_error(stuck.tpg) == errno.ENOTEMPTY
    assert spt.stop(stuck.cookie, 0) == spt.BEGUN
    until(lambda: rmdir_error(stuck.tpg) == errno.EBUSY, "it is held")
    assert spt.stop(stuck.cookie, 1) == spt.STILL_ENDING
    assert rmdir_error(stuck.tpg) == errno.EBUSY
    assert stuck.stop_and_resume() == spt.DONE
    assert rmdir_error(stuck.tpg) == errno.ENOTEMPTY
    stuck.tpg.remove()
    assert not stuck.tpg.path.exists()


def test_tpg_rmdir_right_after_a_stop(
        lio: Lio, module: None, wire: Callable[..., WireInitiator]) -> None:
    """Who was told of the end can remove the TPG at once."""
    for _ in range(5):
        tpg = lio.open_tpg()
        cookie = spt.cookie_of(wire(tpg).name)
        (tpg.path / "np" / str(tpg.portal)).rmdir()
        assert spt.stop(cookie) == spt.DONE
        os.rmdir(tpg.path)


@pytest.mark.parametrize("change", CHANGES)
def test_change_that_waits(stuck: Stuck, change: str) -> None:
    """LIO waits for the session, and so does the stop; both see its end."""
    assert spt.stop(stuck.cookie, 0) == spt.BEGUN

    changing = Background(lambda: CHANGES[change](stuck))
    until(own_thread_hangs, "LIO waits for the session")
    with Device() as device:
        if change == "tpg disable":
            until(lambda: device.known(stuck.cookie).state == FREE,
                  "LIO lists it no more")
        assert device.known(stuck.cookie).flags & ENDING
    assert spt.stop(stuck.cookie, 1) == spt.STILL_ENDING
    assert spt.is_in_use()
    assert changing.is_running()
    assert stuck.stop_and_resume() == spt.DONE
    changing.result()
    assert spt.starts() == []


@pytest.mark.parametrize("change", CHANGES)
def test_stop_during_a_change(stuck: Stuck, change: str) -> None:
    """The other order: LIO is ending the session when the stop comes."""
    changing = Background(lambda: CHANGES[change](stuck))
    until(own_thread_hangs, "LIO waits for the session")
    assert spt.stop(stuck.cookie, 1) == spt.STILL_ENDING
    assert stuck.stop_and_resume() == spt.DONE
    changing.result()
    assert spt.starts() == []

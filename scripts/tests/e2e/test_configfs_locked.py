# SPDX-License-Identifier: GPL-2.0
"""Any program can keep configfs's root locked; only the stops may feel it."""
from __future__ import annotations

import ctypes
import os
import time
from typing import Callable, Iterator

import pytest
import spt
import sptctl
from background import Background
from events import Events
from lio import CONFIGFS, Tpg
from proc import IOCTL
from records import LOGOUT, NO_LIMIT, STOPPED
from spt import libc
from tools import LATE_TICKS, patience, until
from userfault import AbsentPage
from wire import WireInitiator

Wire = Callable[..., WireInitiator]

GETDENTS64 = 217


@pytest.fixture(name="unlock")
def unlock_(cleanup: list[Callable[[], object]]
            ) -> Iterator[Callable[[], None]]:
    """Somebody lists configfs's root, and is kept from it until this is called."""
    page = AbsentPage()
    root = os.open(CONFIGFS.parent, os.O_RDONLY | os.O_DIRECTORY)
    listing = Background(
        lambda: libc.syscall(GETDENTS64, root, ctypes.c_void_p(page.address), 4096))
    until(lambda: listing.waits_in(GETDENTS64), "it is locked")

    def unlock() -> None:
        page.appear()
        assert listing.result() > 0
    cleanup.append(unlock)
    yield unlock
    os.close(root)


def test_only_stops_wait(tpg: Tpg, module: None, wire: Wire,
                         unlock: Callable[[], None]) -> None:
    """Deadlines and signals are kept, events are told, devices can be opened."""
    one, other = wire(tpg), wire(tpg)
    with Events() as events:
        cookie = events.start(one.name).cookie
        second = events.start(other.name).cookie
        assert spt.stop(cookie, 0) == spt.BEGUN
        began = time.monotonic()
        assert spt.stop(cookie, 1) == spt.STILL_ENDING
        assert 1 - LATE_TICKS <= time.monotonic() - began < 1 + patience(2)

        third = wire(tpg)
        cookies = [cookie, second, events.start(third.name).cookie]
        assert [start.cookie for start in spt.starts()] == cookies
        assert len(sptctl.as_json("list")) == 3
        third.logout()
        events.stop(cookies.pop(), LOGOUT)
        # Nothing has been done to it, but it can still end by itself.
        one.ping()
        assert spt.stop(second, 0) == spt.BEGUN
        other.logout()
        events.stop(second, LOGOUT)

        waiting = Background(lambda: spt.stop(cookie, NO_LIMIT))
        until(lambda: waiting.waits_in(IOCTL), "the stop waits")
        unlock()
        assert waiting.result() == spt.DONE
        events.stop(cookie, STOPPED)
        one.see_the_end()
    until(lambda: not spt.is_in_use(), "the module goes")

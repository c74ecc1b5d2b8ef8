# SPDX-License-Identifier: GPL-2.0
"""Starts and ends are told as they happen, once each, to everybody."""
from __future__ import annotations

import errno
import os
import signal
import time
from typing import Callable

import lio as lio_
import spt
import sptctl
from background import Background
from events import SOON, Events
from lio import Lio, Tpg
from proc import READ, waits_in
from records import LOGOUT, START, STOPPED, Start, Stop, parse_events
from spt import Device
from tools import until
from wire import WireInitiator

Wire = Callable[..., WireInitiator]

EXPLICIT = "iqn.2024-01.example:explicit"


def test_as_they_happen(tpg: Tpg, module: None, wire: Wire) -> None:
    """A login and a logout are told at once, with the cookie that list shows."""
    with Events() as events:
        assert not events.device.is_readable()
        for _ in range(3):
            one = wire(tpg)
            start = events.start(one.name)
            assert start.cookie == spt.cookie_of(one.name)
            assert start.cookie == events.device.known(start.cookie).cookie
            entry, = sptctl.as_json("list")
            assert entry["cookie"] == f"{start.cookie:#018x}"
            assert (start.peer, start.is_reinstated) == ("127.0.0.1", 0)
            one.logout()
            events.stop(start.cookie, LOGOUT)
            assert events.device.info(start.cookie) is None


def test_lio_has_let_go(lio: Lio, module: None, wire: Wire) -> None:
    """Who reads a STOP finds the session nowhere in LIO's own view."""
    demo = lio.open_tpg()
    explicit = lio.tpg(tag=2)
    explicit.acl(EXPLICIT)
    explicit.enable()
    with Events() as events:
        for round_ in range(6):
            one = wire(explicit, EXPLICIT) if round_ % 2 else wire(demo)
            start = events.start(one.name)
            assert one.tpg.has_session(one.name)
            if round_ % 3:
                one.logout()
            else:
                spt.stop(start.cookie, 0)
            events.stop(start.cookie)
            assert not one.tpg.has_session(one.name)


def test_short_sessions(tpg: Tpg, module: None, wire: Wire) -> None:
    """A session of a few milliseconds is told too, and why it ended."""
    with Events() as events:
        names = []
        for _ in range(50):
            one = wire(tpg)
            one.logout()
            names.append(one.name)
        events.until_ended(50)
        assert events.live() == []
        starts = [event for event in events.seen if isinstance(event, Start)]
        assert [start.initiator for start in starts] == names
        assert set(events.stops().values()) == {LOGOUT}


def test_poll_agrees(tpg: Tpg, module: None, wire: Wire) -> None:
    """Readable just when a read would give something; EAGAIN if not."""
    with Device() as device:
        for _ in range(2):
            assert not device.is_readable()
            assert device.read_raw(START.size) == (b"", errno.EAGAIN)
            one = wire(tpg)
            assert device.is_readable(SOON)
            start, = device.read()
            assert not device.is_readable()
            one.logout()
            assert device.is_readable(SOON)
            assert device.is_readable()
            assert device.read() == [Stop(start.cookie, LOGOUT)]


def test_blocking_read(tpg: Tpg, module: None, wire: Wire) -> None:
    """It sleeps until an event, which is all that it gives."""
    main = os.getpid()
    with Device(flags=0) as device:
        login = Background(lambda: until(lambda: waits_in(main, READ), "it waits")
                           and wire(tpg))
        start, = device.read()
        one = login.result()
        assert isinstance(start, Start) and start.initiator == one.name
        logout = Background(lambda: until(lambda: waits_in(main, READ), "it waits")
                            and one.logout())
        assert device.read() == [Stop(start.cookie, LOGOUT)]
        logout.result()


def test_signal_after_events(tpg: Tpg, module: None, wire: Wire,
                             caught: list[int]) -> None:
    """EINTR loses nothing: what comes next is read next."""
    main = os.getpid()

    def interrupt() -> None:
        until(lambda: waits_in(main, READ), "the test waits in the kernel")
        os.kill(main, signal.SIGUSR1)

    one = wire(tpg)
    with Device(flags=0) as device:
        start, = device.read()
        helper = Background(interrupt)
        assert device.read_raw(START.size) == (b"", errno.EINTR)
        helper.result()
        one.logout()
        assert device.read() == [Stop(start.cookie, LOGOUT)]
    assert caught == [signal.SIGUSR1]


def test_several_readers(tpg: Tpg, module: None, wire: Wire) -> None:
    """All see the same, in the same order; one that never reads delays nobody."""
    with Device(), Events() as first, Events() as second, Events() as late:
        for _ in range(10):
            one = wire(tpg)
            start = first.start(one.name)
            began = time.monotonic()
            assert spt.stop(start.cookie) == spt.DONE
            first.stop(start.cookie, STOPPED)
            assert time.monotonic() - began < SOON + 1
            assert second.start(one.name) == start
            second.stop(start.cookie, STOPPED)
        late.until_ended(10)
        assert first.seen == second.seen == late.seen


def test_opened_in_between(tpg: Tpg, module: None, wire: Wire) -> None:
    """A reader of now is told who is there, not what was before."""
    early = wire(tpg)
    with Events() as old:
        old.start(early.name)
        gone = wire(tpg)
        start = old.start(gone.name)
        gone.logout()
        old.stop(start.cookie)
        with Events() as new:
            assert [event.initiator for event in new.rest()] == [early.name]
            late = wire(tpg)
            assert new.start(late.name) == old.start(late.name)


def test_shared_file(tpg: Tpg, module: None, wire: Wire) -> None:
    """Two who share a file get each record once between them."""
    sessions = 20
    with Device(flags=0) as device, Device() as other:
        shared = device.duplicate()
        readers = [Background(lambda one=one: read_until_told(one))
                   for one in (device, shared)]
        for _ in range(sessions):
            wire(tpg).logout()
        until(lambda: not lio_.session_threads(), "all have left")

        def are_done() -> bool:
            wire(tpg, LAST).logout()
            return not any(reader.is_running() for reader in readers)
        until(are_done, "each reader has been told that this was all")
        events = [event for reader in readers for event in reader.result()]
        shared.close()
        told = [event for event in other.read_all() if event in events]
        starts = [event for event in events if isinstance(event, Start)
                  and event.initiator != LAST]
        assert len(events) == len(set(events)) == len(told)
        assert len(starts) == sessions
        assert {start.cookie for start in starts} <= \
            {event.cookie for event in events if isinstance(event, Stop)}


LAST = "iqn.2024-01.example:last"


def read_until_told(device: Device) -> list[object]:
    """Read one record at a time until somebody says that this is enough."""
    found: list[object] = []
    while True:
        raw, error = device.read_raw(START.size)
        assert not error, os.strerror(error)
        events = parse_events(raw)
        found += events
        if any(isinstance(event, Start) and event.initiator == LAST
               for event in events):
            return found

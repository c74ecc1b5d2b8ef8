# SPDX-License-Identifier: GPL-2.0
"""A reader that follows what happens, and the patience that it needs."""
from __future__ import annotations

import errno
import os
import time
from types import TracebackType

import records
from records import START, Event, Start, Stop
from spt import Device
from tools import SLOW, patience

# Seconds until a start or an end is told.
SOON = 3 if SLOW else 1

# LIO looks for 2 s whether a connection that was closed is really closed.
CLOSING = 2 + SOON


class Events:
    """One reader; every event that it sees has to fit those before."""

    def __init__(self, size: int = 64 * START.size) -> None:
        self.device = Device()
        self.seen: list[Event] = []
        self._size = size
        self._unread: list[Event] = []

    def __enter__(self) -> Events:
        return self

    def __exit__(self, kind: type[BaseException] | None,
                 error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.device.close()

    def next(self, seconds: float = SOON) -> Event:
        """The next event, waiting for it."""
        began = time.monotonic()
        if not self._unread:
            assert self.device.is_readable(seconds), f"no event in {seconds} s"
            self._unread = self.device.read(self._size)
            assert self._unread, "poll() and read() do not agree"
        event = self._unread.pop(0)
        self.seen.append(event)
        records.live(self.seen)
        assert time.monotonic() - began <= seconds + SOON
        return event

    def start(self, initiator: str, seconds: float = SOON) -> Start:
        """The next event, which has to be the start of a session of this one."""
        event = self.next(seconds)
        assert isinstance(event, Start) and event.initiator == initiator, event
        return event

    def stop(self, cookie: int, cause: str | None = None,
             seconds: float = SOON) -> Stop:
        """The next event, which has to be the end of this session."""
        event = self.next(seconds)
        assert isinstance(event, Stop) and event.cookie == cookie, event
        assert cause in (None, event.cause), event
        return event

    def rest(self) -> list[Event]:
        """What there is without waiting."""
        events = self._unread + self.device.read_all(self._size)
        self._unread = []
        self.seen += events
        records.live(self.seen)
        return events

    def until_ended(self, count: int) -> None:
        """Follow until that many sessions have ended."""
        deadline = time.monotonic() + patience(30)
        while sum(isinstance(event, Stop) for event in self.seen) < count:
            self.next(max(deadline - time.monotonic(), 0))

    def live(self) -> list[Start]:
        """Who is there, as far as it was told."""
        return records.live(self.seen)

    def stops(self) -> dict[int, str]:
        """The causes of all ends, by cookie."""
        return {event.cookie: event.cause for event in self.seen
                if isinstance(event, Stop)}

    def rest_until_behind(self) -> list[Event]:
        """What comes before it is told that it has fallen behind."""
        found: list[Event] = []
        while not self.is_behind():
            assert self._unread, f"no loss was told after {found}"
            found += self._unread
            self._unread = []
        return found

    def is_behind(self) -> bool:
        """Whether this reader is told that it has fallen behind."""
        assert not self._unread
        raw, error = self.device.read_raw(self._size)
        self._unread = records.parse_events(raw)
        assert error in (0, errno.EAGAIN, errno.EPIPE), os.strerror(error)
        if error == errno.EPIPE:
            self.seen = []
        return error == errno.EPIPE

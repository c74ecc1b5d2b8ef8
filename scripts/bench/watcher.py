# SPDX-License-Identifier: GPL-2.0
"""Somebody who listens, as sptctl watch does."""
from __future__ import annotations

import time

from records import Start
from spt import Device
from tools import until


class Watcher:
    """Open from the beginning, so that a cookie is found without a listing."""

    def __init__(self) -> None:
        self.open()

    def open(self) -> None:
        """Listen from now on."""
        self.device = Device()
        self.drain()

    def start(self, initiator: str) -> int:
        """The cookie of its new session; whatever else has happened is skipped."""
        def found() -> int:
            cookies = [event.cookie for event in self.device.read_all()
                       if isinstance(event, Start) and event.initiator == initiator]
            return cookies[-1] if cookies else 0
        return until(found, f"the start of {initiator} is told")

    def drain(self) -> None:
        """All that has happened is read, or told anew if that is too much."""
        while True:
            try:
                self.device.read_all()
                return
            except BrokenPipeError:
                pass

    def woken(self) -> float:
        """When the next event has come, on the monotonic clock."""
        assert self.device.is_readable(10)
        return time.clock_gettime(time.CLOCK_MONOTONIC)

    def close(self) -> None:
        """Nobody listens any more."""
        self.device.close()

# SPDX-License-Identifier: GPL-2.0
"""Those who use target and module all the time, whether the module is there or not."""
from __future__ import annotations

import errno
from collections import Counter
from typing import Callable

import records
import spt
from lio import Tpg
from spt import Answer, Device
from stress import Repeated, Stress
from tools import patience
from wire import Closed, WireInitiator

# What an open gives while the module is not there, or on its way.
ABSENT = (errno.ENOENT, errno.ENODEV, errno.ENXIO)

# The module is used, or not loaded to the end.
STAYS = (errno.EWOULDBLOCK, errno.EBUSY)

ANSWERS = (spt.DONE, spt.BEGUN, spt.UNKNOWN, spt.STILL_ENDING)

PREFIX = "iqn.2024-01.com.example:wire"


class Users:
    """Threads, each with one thing that it does again and again.

    They end only sessions of their own.
    """

    def __init__(self, stress: Stress, tpg: Tpg) -> None:
        self._stress = stress
        self._tpg = tpg
        self.done: Counter[str] = Counter()
        ways = (self._list, self._info, self._stop, self._watch)
        self._threads = [Repeated(self._visit) for _ in range(3)]
        self._threads += [Repeated(lambda way=way: self._use(way)) for way in ways]
        self._all = {way.__name__ for way in ways} | {"visited", "was stopped"} | \
            {str(spt.DONE), str(spt.BEGUN)}

    def have_done_all(self) -> bool:
        """Whether each thing was done; fails when one of them has failed."""
        for thread in self._threads:
            thread.check()
        return self._all <= set(self.done)

    def finish(self) -> None:
        """The end of it."""
        for thread in self._threads:
            thread.end()

    def _visit(self) -> None:
        one = WireInitiator(self._tpg)
        try:
            one.login()
            self._stress.pause(1)
            one.ping()
            if self._stress.random.random() < 0.8:
                one.logout()
            self.done["visited"] += 1
        except Closed:
            self.done["was stopped"] += 1
        # Without a logout it is lost, which LIO takes 2 s to see.
        one.close()

    def _use(self, way: Callable[[Device], None]) -> None:
        # Somebody has to let go of the module at times.
        self._stress.pause(patience(0.4))
        try:
            device = Device()
        except OSError as error:
            assert error.errno in ABSENT, error
            return
        with device:
            assert spt.unload_error() in STAYS
            way(device)
            assert spt.unload_error() in STAYS
        self.done[way.__name__] += 1

    def _list(self, device: Device) -> None:
        records.live(device.read_all())

    def _info(self, device: Device) -> None:
        for start in records.live(device.read_all()):
            device.info(start.cookie)

    def _watch(self, device: Device) -> None:
        seen = []
        for _ in range(5):
            device.is_readable(0.05)
            seen += device.read_all()
            records.live(seen)

    def _stop(self, device: Device) -> None:
        ours = [start for start in records.live(device.read_all())
                if start.initiator.startswith(PREFIX)]
        if not ours:
            return
        cookie = self._stress.random.choice(ours).cookie
        answer = self._answer(device, cookie, self._stress.random.choice((0, 1, 30)))
        if answer == spt.DONE:
            assert self._answer(device, cookie, 0) == spt.UNKNOWN

    def _answer(self, device: Device, cookie: int, timeout: int) -> Answer:
        answer = device.stop(cookie, timeout)
        assert answer in ANSWERS, answer
        assert timeout == 0 or answer != spt.BEGUN
        self.done[str(answer)] += 1
        return answer

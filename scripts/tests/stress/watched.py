# SPDX-License-Identifier: GPL-2.0
"""What holds in every round, whoever wins it, and at the end of a test."""
from __future__ import annotations

from collections import Counter
from typing import Callable

import spt
from lio import Lio, Tpg
from records import LOGOUT
from spt import Answer, Device
from storm import Reader
from tools import until
from wire import WireInitiator

Wire = Callable[..., WireInitiator]

# A stop that waits is answered so by a race, as far as it sees the end: somebody
# else may have ended the session before it came.
ENDS = (spt.DONE, spt.UNKNOWN)


class Watched:
    """Counts logins, follows all events and has bystanders that nothing may hurt."""

    def __init__(self, lio: Lio, wire: Wire) -> None:
        self.lio = lio
        self.device = Device()
        self._wire = wire
        self._reader = Reader("poll")
        self._bystanders: list[WireInitiator] = []
        self._logins: Counter[str] = Counter()

    def counted(self, one: WireInitiator) -> WireInitiator:
        """It has begun a session, of which one start and one end have to be told."""
        self._logins[one.name] += 1
        return one

    def login(self, one: WireInitiator, **options: object) -> int:
        """Begin a session; its cookie."""
        self.counted(one.login(**options))
        # Unless it has pinged, it may not be registered yet.
        return until(lambda: spt.sessions().get(one.name), "it is there").cookie

    def bystander(self, tpg: Tpg, name: str = "", **keys: object) -> WireInitiator:
        """One that is logged in all the time, by one connection."""
        one = self._wire(tpg, name, login=False, **keys)
        if not (tpg.path / "acls" / one.name).exists():
            tpg.acl(one.name)
        # Nobody would answer while a round lasts.
        tpg.leave_alone(one.name)
        self.counted(one.login())
        self._bystanders.append(one)
        return one

    def check(self, gone: list[int], *answers: Answer) -> None:
        """After a round: these sessions have left, nobody else has noticed."""
        assert all(answer in ENDS for answer in answers), answers
        for cookie in gone:
            assert self.device.stop(cookie) == spt.UNKNOWN
        # By a new file, so LIO was looked at anew.
        assert {start.initiator for start in spt.starts()} == \
            {one.name for one in self._bystanders}
        for one in self._bystanders:
            # Raises Closed where its connection was; a new one it never makes.
            one.ping()

    def finish(self, *causes: str) -> None:
        """All is over: what was told was true, and nothing is held any more."""
        bystanders = [one.name for one in self._bystanders]
        for one in self._bystanders:
            one.logout()
        until(lambda: not spt.starts(), "all sessions are gone")
        self._reader.finish()
        self.device.close()
        told = self._reader.sessions()
        assert self._reader.losses == 0
        assert Counter(each.start.initiator for each in told.values()) == self._logins
        for each in told.values():
            expected = [LOGOUT] if each.start.initiator in bystanders else causes
            assert each.cause in expected, (each, expected)
        # While the module is there: it holds none of them.
        self.lio.remove_tpgs()
        until(lambda: not spt.is_in_use(), "the module goes")

    def close(self) -> None:
        """Of a test that failed: the module must not be kept."""
        try:
            self._reader.finish()
            self.device.close()
        except (AssertionError, OSError):
            pass

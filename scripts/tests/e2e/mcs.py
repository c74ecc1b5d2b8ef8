# SPDX-License-Identifier: GPL-2.0
"""Several connections a session (RFC 7143 section 4.2.2), on wire.py's sockets."""
from __future__ import annotations

from typing import Iterator

from wire import WireInitiator


class Connection(WireInitiator):
    """A further one of the session of @leader; only CmdSN and tags are shared."""

    def __init__(self, leader: WireInitiator, cid: int) -> None:
        super().__init__(leader.tpg, leader.name, leader.isid, **leader.keys)
        self._numbers = leader._numbers
        self._leader = leader
        self.cid = cid

    def join(self, ping: bool = True) -> Connection:
        """Log in to the session, and have an answer on this connection."""
        self.login(self._leader.tsih)
        if ping:
            self.ping()
        return self


def connections(leader: WireInitiator, number: int,
                ping: bool = True) -> Iterator[WireInitiator]:
    """All of a session that is logged in: the first, and more up to @number."""
    yield leader
    for cid in range(1, number):
        yield Connection(leader, cid).join(ping)

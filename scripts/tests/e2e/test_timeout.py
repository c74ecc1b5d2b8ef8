# SPDX-License-Identifier: GPL-2.0
"""SESSION_END with Timeout in all of its forms."""
from __future__ import annotations

from typing import Callable

import pytest
import spt
from lio import Tpg
from records import NO_LIMIT
from tools import until
from wire import WireInitiator

Wire = Callable[..., WireInitiator]


def test_start_only(tpg: Tpg, module: None, wire: Wire) -> None:
    """0: begun, and then it ends by itself, maybe before the answer."""
    cookie = spt.cookie_of(wire(tpg).name)
    assert spt.stop(cookie, 0) in (spt.BEGUN, spt.DONE)
    until(lambda: spt.stop(cookie, 0) == spt.UNKNOWN, "the session is gone")
    assert not tpg.sockets() and spt.starts() == []


@pytest.mark.parametrize("timeout", [1, 30, 0xfffffffe, NO_LIMIT])
def test_waiting(tpg: Tpg, module: None, wire: Wire, timeout: int) -> None:
    """Any other: done when this returns; no limit is none, not a wrap."""
    one = wire(tpg)
    cookie = spt.cookie_of(one.name)
    assert spt.stop(cookie, timeout) == spt.DONE
    assert one.name not in tpg.dynamic_sessions()
    assert spt.stop(cookie, timeout) == spt.UNKNOWN

# SPDX-License-Identifier: GPL-2.0
"""A cookie outlives its session as a number only, never as another session."""
from __future__ import annotations

from typing import Callable

import spt
from lio import Tpg
from spt import Device
from tools import rounds
from wire import WireInitiator

Wire = Callable[..., WireInitiator]


def test_stale_cookies_reach_nobody(tpg: Tpg, module: None, wire: Wire) -> None:
    """Same initiator, same ISID, and LIO reuses address and index."""
    one = wire(tpg, login=False)
    old: list[int] = []
    with Device() as device:
        for _ in range(rounds(50)):
            one.login()
            info = spt.sessions()[one.name]
            assert info.cookie > max(old, default=0)
            for cookie in old:
                assert device.info(cookie) is None
                assert device.stop(cookie, 0) == spt.UNKNOWN
                assert device.stop(cookie) == spt.UNKNOWN
            one.ping()
            assert spt.sessions()[one.name].cookie == info.cookie
            assert device.stop(info.cookie) == spt.DONE
            old.append(info.cookie)


def test_after_reload(tpg: Tpg, wire: Wire) -> None:
    """A module that is loaded again never gives out an old cookie."""
    one = wire(tpg)
    old: list[int] = []
    for _ in range(rounds(10)):
        spt.insmod()
        cookie = spt.cookie_of(one.name)
        assert cookie > max(old, default=0)
        assert all(spt.stop(each) == spt.UNKNOWN for each in old)
        one.ping()
        old.append(cookie)
        spt.rmmod()


def test_no_cookie_at_all(tpg: Tpg, module: None, wire: Wire) -> None:
    """0 and numbers that nobody was given."""
    one = wire(tpg)
    cookie = spt.cookie_of(one.name)
    for other in (0, 1, cookie - 1, cookie + 1, cookie ^ 1 << 63, 2**64 - 1):
        assert spt.stop(other) == spt.UNKNOWN
    one.ping()
    assert spt.cookie_of(one.name) == cookie

# SPDX-License-Identifier: GPL-2.0
"""A stop and a logout of the same session, as close together as can be."""
from __future__ import annotations

import random
import time
from typing import Callable

import lio as lio_
import pytest
import spt
from background import Background
from initiator import Initiator
from lio import Tpg
from spt import Device
from tools import rounds, until
from wire import CLOSE_CONNECTION, CLOSE_SESSION, Closed, WireInitiator

ENDS = (spt.DONE, spt.UNKNOWN)


def logout_if_open(one: WireInitiator, reason: int) -> None:
    """Log out, unless the stop was faster."""
    try:
        one.begin_logout(reason)
    except Closed:
        pass


@pytest.mark.parametrize("first", ["stop", "logout"])
def test_race(tpg: Tpg, module: None, wire: Callable[..., WireInitiator],
              first: str) -> None:
    """Whoever wins: the stop answers 0 or ENOENT, and the session is gone."""
    jitter = random.Random(1)
    one = wire(tpg, login=False)
    with Device() as device:
        for _ in range(rounds(60)):
            one.login()
            cookie = spt.cookie_of(one.name)
            # How far the first one gets is what the rounds differ by.
            ahead = jitter.uniform(0, 0.02)
            if first == "logout":
                one.begin_logout(CLOSE_SESSION)
                time.sleep(ahead)
                answer = device.stop(cookie)
            else:
                stop = Background(lambda cookie=cookie: device.stop(cookie))
                time.sleep(ahead)
                logout_if_open(one, CLOSE_SESSION)
                answer = stop.result()
            assert answer in ENDS, answer
            assert device.stop(cookie) == spt.UNKNOWN
            assert one.name not in tpg.dynamic_sessions()
            one.close()
    until(lambda: not lio_.session_threads(), "its threads have ended")
    assert spt.starts() == []


def test_race_of_open_iscsi(tpg: Tpg, module: None) -> None:
    """The same with an initiator that insists on its logout."""
    one = Initiator(tpg)
    with Device() as device:
        for _ in range(rounds(6)):
            one.login()
            cookie = spt.cookie_of(one.name)
            logout = Background(one.logout)
            assert device.stop(cookie) in ENDS
            logout.result()
            until(lambda: not spt.starts(), "nothing is left of it")


def test_stop_of_a_connection_logout(
        tpg: Tpg, module: None, wire: Callable[..., WireInitiator]) -> None:
    """Logging out the only connection while a stop fails it leaks nothing."""
    jitter = random.Random(2)
    one = wire(tpg, login=False)
    with Device() as device:
        for _ in range(rounds(30)):
            one.login()
            cookie = spt.cookie_of(one.name)
            stop = Background(lambda cookie=cookie: device.stop(cookie, 2))
            time.sleep(jitter.uniform(0, 0.01))
            logout_if_open(one, CLOSE_CONNECTION)
            answer = stop.result()
            if answer == spt.STILL_ENDING:
                # The logout won; a session without a connection waits for
                # Time2Retain, or for its initiator to continue it.
                one.login(one.tsih)
                assert device.stop(cookie) in ENDS
            else:
                assert answer in ENDS, answer
            one.close()
            until(lambda: not spt.starts(), "nothing is left of it")

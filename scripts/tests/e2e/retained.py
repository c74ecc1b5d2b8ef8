# SPDX-License-Identifier: GPL-2.0
"""A session whose last connection has logged out: it waits for its initiator."""
from __future__ import annotations

from typing import Callable, Iterator

import pytest
import spt
from lio import Lio
from records import FAILED
from spt import Device
from tools import until
from wire import CLOSE_CONNECTION, WireInitiator

NAME = "iqn.2024-01.example:retained"
TIME2RETAIN = 3600


@pytest.fixture(name="retained")
def retained_(lio: Lio, module: None, wire: Callable[..., WireInitiator]
              ) -> Iterator[tuple[WireInitiator, int]]:
    """The initiator, without connection, and the cookie of its session."""
    tpg = lio.tpg()
    tpg.param("DefaultTime2Retain", TIME2RETAIN)
    tpg.acl(NAME)
    tpg.enable()
    one = wire(tpg, NAME, DefaultTime2Retain=TIME2RETAIN)
    cookie = spt.cookie_of(NAME)
    one.logout(CLOSE_CONNECTION)
    with Device() as device:
        until(lambda: device.known(cookie).state == FAILED, "it has failed")
    yield one, cookie
    # A test that failed must not leave it: removing its ACL would never return.
    acl = tpg.acl_session(NAME)
    if acl and "CID" not in acl.text:
        one.login(one.tsih)

# SPDX-License-Identifier: GPL-2.0
"""LIO lets Time2Retain expire in a softirq, where it takes a mutex.

The session has lost its only connection by a logout of that connection.  Nobody
needs to do anything but wait.
"""
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))

import lio as lio_  # noqa: E402
from lio import Lio  # noqa: E402
from wire import CLOSE_CONNECTION, WireInitiator  # noqa: E402

TIME2RETAIN = 2

lio_.load()
tpg = Lio().tpg()
tpg.param("DefaultTime2Retain", TIME2RETAIN)
tpg.demo()
tpg.enable()
one = WireInitiator(tpg, DefaultTime2Retain=TIME2RETAIN).login()
one.logout(CLOSE_CONNECTION)
time.sleep(TIME2RETAIN + 10)

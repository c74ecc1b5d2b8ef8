# SPDX-License-Identifier: GPL-2.0
"""LIO lets Time2Retain expire in a softirq, where it takes a mutex.

The session has lost its only connection by a logout of that connection.  Nobody
needs to do anything but wait.
"""
import time

import lio as lio_
from lio import Lio
from wire import CLOSE_CONNECTION, WireInitiator

TIME2RETAIN = 2

lio_.load()
tpg = Lio().tpg()
tpg.param("DefaultTime2Retain", TIME2RETAIN)
tpg.demo()
tpg.enable()
one = WireInitiator(tpg, DefaultTime2Retain=TIME2RETAIN).login()
one.logout(CLOSE_CONNECTION)
time.sleep(TIME2RETAIN + 10)

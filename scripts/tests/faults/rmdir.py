# SPDX-License-Identifier: GPL-2.0
"""LIO frees a TPG that is removed while a demo-mode session is logged in.

It ends the session, but does not wait until its threads are done with the TPG.
"""
import os
import time

import lio as lio_
from lio import Lio
from tools import sh
from wire import WireInitiator

# It takes some luck: a few rounds as a rule, a hundred at times.
ROUNDS = 2000

lio_.load()
lio = Lio()
for tag in range(1, ROUNDS):
    tpg = lio.open_tpg(tag)
    ones = [WireInitiator(tpg).login() for _ in range(4)]
    # Those that LIO has begun to close are what it does not wait for.
    for one in ones[:1 + tag % 4]:
        one.break_off()
    time.sleep(tag % 10 / 1000)
    for portal in (tpg.path / "np").iterdir():
        portal.rmdir()
    os.rmdir(tpg.path)
    if "slab-use-after-free" in sh("dmesg"):
        break
time.sleep(5)

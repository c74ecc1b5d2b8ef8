# SPDX-License-Identifier: GPL-2.0
"""LIO gives back a command once too often that is done as its connection is closed.

Between two lines of transport_cmd_check_stop_to_fabric(), such a command looks as if
it had been done long ago.  It takes luck to be there, so LIO is made slow there.
"""
import os
import time
from pathlib import Path

import lio as lio_
from disk import HangingDisk, load
from lio import Lio, session_threads
from stages import disk_tpg
from stuck import Iblock
from tools import sh, until
from wire import WireInitiator

ROUNDS = 20

lio_.load()
load()
sh("insmod", Path(os.environ["VM_MODULES"], "lio_delay.ko"),
   "symbol=lio_check_stop_free", "us=300000")
lio = Lio()
one = WireInitiator(disk_tpg(lio, lio.keep(Iblock(HangingDisk()))))
for number in range(ROUNDS):
    one.login()
    one.read(0)
    time.sleep(number / 50)
    one.break_off()
    until(lambda: not session_threads(), "its threads have ended")
    if "refcount_t: underflow" in sh("dmesg"):
        break

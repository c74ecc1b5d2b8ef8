# SPDX-License-Identifier: GPL-2.0
"""LIO frees a TPG that is removed while a demo-mode session is logged in.

It ends the session, but does not wait until its threads are done with the TPG.
"""
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))

import lio as lio_  # noqa: E402
from lio import Lio  # noqa: E402
from wire import WireInitiator  # noqa: E402

lio_.load()
lio = Lio()
for tag in range(1, 21):
    tpg = lio.open_tpg(tag)
    for _ in range(4):
        WireInitiator(tpg).login()
    for portal in (tpg.path / "np").iterdir():
        portal.rmdir()
    os.rmdir(tpg.path)
time.sleep(10)

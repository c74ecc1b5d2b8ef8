# SPDX-License-Identifier: GPL-2.0
"""Every answer of the device to a C program, of 64 and of 32 bits."""
from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import spt
from lio import Tpg
from stuck import Stuck
from wire import WireInitiator

PROGRAMS = Path("/src/build/answers")


@pytest.mark.parametrize("bits", [64, 32])
def test_answers(stuck: Stuck, tpg: Tpg, wire: type[WireInitiator],
                 bits: int) -> None:
    """The program says itself what was wrong, and how much was right."""
    live = spt.cookie_of(wire(tpg).name)
    done = subprocess.run([PROGRAMS / f"answers{bits}", str(live),
                           str(stuck.cookie)], text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout
    assert f" 0 failed, {bits}-bit" in done.stdout
    stuck.disk.resume()
    assert spt.stop(stuck.cookie) in (spt.DONE, spt.UNKNOWN)

# SPDX-License-Identifier: GPL-2.0
"""libiscsi's conformance tests see the same target, whoever else is stopped."""
from __future__ import annotations

import re
import subprocess
import time
from typing import Callable

import lio as lio_
import spt
from lio import Lio, Tpg
from stress import Repeated, Stress
from tools import patience
from wire import WireInitiator

Wire = Callable[..., WireInitiator]

NAME = "iqn.2024-01.com.example:conformance"

# Families of tests, in the order in which they are added as more is asked for.
FAMILIES = [f"SCSI.{name}" for name in (
    "Inquiry", "Read10", "Write10", "CompareAndWrite", "Reserve6", "ProutReserve",
    "Read16", "Write16", "ReadCapacity16", "ModeSense6", "OrWrite", "Verify16",
    "ProutPreempt", "ReportSupportedOpcodes", "TestUnitReady", "WriteVerify10")]


def results(tpg: Tpg, family: str) -> dict[str, str]:
    """What one family comes to, test by test."""
    done = subprocess.run(
        ["iscsi-test-cu", "--dataloss", f"--initiator-name={NAME}", f"--test={family}",
         f"iscsi://{tpg.portal}/{tpg.iqn}/0"], text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=patience(120),
        check=False)
    found = dict(re.findall(r"^ *Test: (\S+) \.\.\. *(passed|\[[A-Z]+\])",
                            done.stdout, re.MULTILINE))
    assert found, done.stdout
    return found


def test_conformance(lio: Lio, wire: Wire, stress: Stress) -> None:
    """Each test passes or fails as it does without the module."""
    tpg = lio.tpg()
    tpg.demo()
    tpg.lun(0, lio.keep(lio_.ramdisk(8)))
    tpg.enable()
    families = FAMILIES[:stress.scaled(len(FAMILIES), debug=len(FAMILIES))]
    alone = {family: results(tpg, family) for family in families}
    spt.insmod()
    one = wire(tpg, login=False)
    stops = 0

    def stop() -> None:
        # Ten times a second, as far as there is time for it.
        nonlocal stops
        due = time.monotonic() + 0.1
        one.login()
        cookie, = spt.cookies_of(one.name)
        assert spt.stop(cookie) == spt.DONE
        stops += 1
        time.sleep(max(0.0, due - time.monotonic()))

    with Repeated(stop):
        beside = {family: results(tpg, family) for family in families}
    assert beside == alone
    stress.count(sum(map(len, alone.values())), "tests")
    stress.count(stops, "stops")

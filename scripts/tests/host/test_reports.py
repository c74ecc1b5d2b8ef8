# SPDX-License-Identifier: GPL-2.0
"""What counts as a report in a guest's kernel log: all but one fault of LIO's own."""
from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

REPORTS = Path(__file__).resolve().parents[2] / "vm/reports"

TRACE = """\
[   63.381835] ------------[ cut here ]------------
[   63.383473] refcount_t: underflow; use-after-free.
[   63.384554] WARNING: CPU: 1 PID: 37 at lib/refcount.c:28 refcount_warn_saturate+0xd6
[   63.393005]  <TASK>
[   63.393141]  target_put_sess_cmd+0x64/0x70 [target_core_mod]
[   63.393356]  lio_check_stop_free+0x12/0x20 [iscsi_target_mod]
[   63.398825] ---[ end trace 0000000000000000 ]---
"""
KASAN = """\
[   70.000001] ==================================================================
[   70.000002] BUG: KASAN: slab-use-after-free in target_put_sess_cmd+0x12/0x70
[   70.000003]  target_put_sess_cmd+0x12/0x70 [target_core_mod]
[   70.000004]  lio_check_stop_free+0x12/0x20 [iscsi_target_mod]
[   70.000005] ==================================================================
"""
OTHER = "[   64.000000] BUG: sleeping function called from invalid context\n"

KNOWN = {"warning": TRACE, "KASAN": KASAN, "both": TRACE + KASAN, "nothing": ""}
UNKNOWN = {
    "after it": TRACE + OTHER,
    "before it": OTHER + TRACE,
    "in the midst of it": TRACE.replace("[   63.393005]  <TASK>\n", OTHER),
    "in the midst of KASAN's": KASAN.replace("[   70.000003]", OTHER + "[   70.000003]"),
    "another caller": TRACE.replace("lio_check_stop_free", "iscsit_free_cmd"),
    "another kind": KASAN.replace("lio_check_stop_free", "iscsit_free_cmd"),
    "cut off": TRACE.partition("[   63.393356]")[0],
    "lockdep": "[    1.0] ======================================================\n"
               "[    1.0] WARNING: possible circular locking dependency detected\n",
}


def reports(tmp_path: Path, log: str, *options: str) -> tuple[int, str]:
    """Its exit status, and what it found."""
    file = tmp_path / "console.log"
    file.write_text("[    0.1] Linux version 6\n" + log + "[   99.0] the end\n",
                    encoding="ascii")
    done = subprocess.run([REPORTS, *options, file], text=True, check=False,
                          stdout=subprocess.PIPE)
    return done.returncode, done.stdout


@pytest.mark.parametrize("what", KNOWN)
def test_known(tmp_path: Path, what: str) -> None:
    """None, unless all are wanted."""
    assert reports(tmp_path, KNOWN[what], "--known") == (0, "")
    status, found = reports(tmp_path, KNOWN[what])
    assert (status, bool(found)) == ((1, True) if KNOWN[what] else (0, False))


@pytest.mark.parametrize("what", UNKNOWN)
def test_unknown(tmp_path: Path, what: str) -> None:
    """However near it is."""
    status, found = reports(tmp_path, UNKNOWN[what], "--known")
    assert status == 1 and found

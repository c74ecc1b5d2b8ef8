# SPDX-License-Identifier: GPL-2.0
"""How many processors there are.

Putting a probe in place changes code that another processor may be running.  A
real one copes; an emulated one can trip over the breakpoint that is there for a
moment ("Oops: int3").  So who does that while sessions come and go has one.
"""
from __future__ import annotations

from pathlib import Path
from typing import Iterator


def _others() -> list[Path]:
    """All but the first, which cannot be turned off."""
    return list(Path("/sys/devices/system/cpu").glob("cpu[1-9]*/online"))


def turn_others(on: bool) -> None:
    """All but the first."""
    for online in _others():
        online.write_text(str(int(on)), encoding="ascii")


def only_one() -> Iterator[None]:
    """For the time between its steps."""
    turn_others(False)
    yield
    turn_others(True)

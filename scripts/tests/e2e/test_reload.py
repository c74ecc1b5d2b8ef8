# SPDX-License-Identifier: GPL-2.0
"""The module comes and goes; sessions in full I/O do not notice."""
from __future__ import annotations

from typing import Callable

import spt
from fio import Fio
from initiator import Initiator
from tools import rounds


def test_reload_under_load(disks: Callable[[int], list[Initiator]],
                           fio: Callable[..., Fio]) -> None:
    """Every time the same sessions, and never a cookie twice."""
    initiators = disks(3)
    load = fio(initiators)
    load.wait_for_io()
    seen: set[int] = set()
    identities: set[tuple[str, int, int]] = set()
    for _ in range(rounds(20)):
        spt.insmod()
        infos = spt.sessions()
        spt.rmmod()
        assert sorted(infos) == sorted(one.name for one in initiators)
        identities |= {(info.initiator, info.sid, info.tsih)
                       for info in infos.values()}
        cookies = {info.cookie for info in infos.values()}
        assert len(cookies) == 3 and min(cookies) > max(seen, default=0)
        seen |= cookies
    # Not one that logged in again, either.
    assert len(identities) == 3
    load.wait_for_pass()
    load.finish()

# SPDX-License-Identifier: GPL-2.0
"""Targets with a disk, and sessions that have something to do with it."""
from __future__ import annotations

import pytest
from lio import Backstore, Lio, Tpg, ramdisk
from stress import Stress
from wire import BLOCK, WireInitiator

# How far two calls that race are apart at most.
APART = 0.03

# Time2Retain must never be over: LIO's timer takes locks that it must not.
TIME2RETAIN = 3600

LEVELS = pytest.mark.parametrize("level", [0, 1, 2])


def disk_tpg(lio: Lio, backstore: Backstore | None = None, level: int = 0,
             **params: object) -> Tpg:
    """A demo-mode TPG with one LUN, which offers this at login."""
    tpg = lio.open_tpg(level=level, DefaultTime2Retain=TIME2RETAIN, **params)
    tpg.lun(0, backstore or lio.keep(ramdisk(1)))
    return tpg


def half_a_write(stress: Stress, one: WireInitiator) -> None:
    """Some of the Data-Out PDUs that the target waits for, the last one cut."""
    parts, size = 4, 2 * BLOCK
    r2t = one.begin_write(stress.random.randrange(1024), parts * size // BLOCK)
    sent = stress.random.randrange(parts)
    for number in range(sent):
        one.data_out(r2t, bytes(size), number, number * size)
    one.data_out(r2t, bytes(size), sent, sent * size,
                 sent=stress.random.randrange(48 + size))


def read_and_do_not_look(stress: Stress, one: WireInitiator) -> None:
    """Begin a read, the answer of which stays in the socket."""
    one.read(stress.random.randrange(1024), 16)

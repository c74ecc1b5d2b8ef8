# SPDX-License-Identifier: GPL-2.0
"""iSER, over RDMA that the kernel emulates (soft-RoCE)."""
from __future__ import annotations

from typing import Callable

import pytest
import spt
from events import Events
from fio import Fio
from initiator import Initiator
from lio import Lio
from records import ISER, STOPPED
from spt import Device
from stress import Stress
from tools import sh, until
from wire import WireInitiator

pytestmark = pytest.mark.stock

ADDRESS = "10.8.0.1"
INTERFACE, DEVICE = "rdma", "rxe0"


@pytest.fixture(name="fabric")
def fabric_(cleanup: list[Callable[[], object]], lio: Lio) -> str:
    """An address that RDMA works at; removed when no session needs it any more."""
    sh("modprobe", "-a", "ib_isert", "ib_iser", "rdma_rxe", "dummy")
    # It keeps iscsi_target_mod, which others unload.
    cleanup.insert(0, lambda: sh("modprobe", "-r", "ib_isert"))
    sh("ip", "link", "add", INTERFACE, "type", "dummy")
    cleanup.insert(1, lambda: sh("ip", "link", "del", INTERFACE))
    sh("ip", "address", "add", f"{ADDRESS}/24", "dev", INTERFACE)
    sh("ip", "link", "set", INTERFACE, "up")
    sh("rdma", "link", "add", DEVICE, "type", "rxe", "netdev", INTERFACE)
    cleanup.insert(2, lambda: sh("rdma", "link", "delete", DEVICE))
    return ADDRESS


def test_iser(lio: Lio, fabric: str, aside: WireInitiator, module: None,
              disks: Callable[..., list[Initiator]],
              fio: Callable[[list[Initiator]], Fio], stress: Stress) -> None:
    """Stopped while it writes, an initiator comes back, and every block is right."""
    tpg = lio.tpg(host=fabric)
    tpg.iser()
    initiators = disks(2, tpg, transport="iser")
    load = fio(initiators)
    load.wait_for_io()
    with Device() as device, Events() as events:
        for number in stress.rounds(40):
            victim = initiators[number % 2]
            until(lambda name=victim.name: name in spt.sessions(), "it is back")
            info = spt.sessions()[victim.name]
            assert info.flags & ISER and info.connections == 1
            assert device.stop(info.cookie) == spt.DONE
            assert device.info(info.cookie) is None
            stress.pause(1)
            events.rest()
            assert events.stops()[info.cookie] == STOPPED
            aside.ping()
    until(lambda: all(tpg.has_session(one.name) for one in initiators),
          "everybody is back", 60)
    load.wait_for_pass()
    load.finish()

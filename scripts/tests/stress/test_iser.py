# SPDX-License-Identifier: GPL-2.0
"""iSER, over RDMA that the kernel emulates (soft-RoCE)."""
from __future__ import annotations

import errno
import mmap
import os
from typing import Callable

import pytest
import spt
from events import Events
from initiator import Initiator
from lio import Lio
from records import ISER, STOPPED
from spt import Device
from stress import Repeated, Stress
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


class Writer:
    """Writes blocks again and again, and knows what has to be in each.

    fio would end at the first error, which Linux's own iSER initiator can make of a
    command that comes at the moment when its connection goes: it does not try that
    again, as it does the others.
    """

    BLOCKS, SIZE = 64, 4096

    def __init__(self, one: Initiator) -> None:
        self._file = os.open(one.device(), os.O_RDWR | os.O_DIRECT)
        # What O_DIRECT takes is aligned.
        self._buffer = mmap.mmap(-1, self.SIZE)
        self._written: dict[int, bytes] = {}
        self.writes = 0
        self._work = Repeated(self._write)
        self.check = self._work.check

    def _do(self, call: Callable[..., int], block: int) -> None:
        while True:
            try:
                assert call(self._file, [self._buffer], block * self.SIZE) == self.SIZE
                return
            except OSError as error:
                assert error.errno == errno.EIO, error

    def _write(self) -> None:
        block = self.writes % self.BLOCKS
        content = (self.writes.to_bytes(8, "little") * (self.SIZE // 8))
        self._buffer[:] = content
        self._do(os.pwritev, block)
        self._written[block] = content
        self.writes += 1

    def wait_for_writes(self, more: int) -> None:
        """So many from now on."""
        before = self.writes
        until(lambda: self._work.check() or self.writes >= before + more,
              "it writes", 60)

    def finish(self) -> None:
        """No more, and every block is what was written to it last."""
        self._work.end()
        for block, content in self._written.items():
            self._do(os.preadv, block)
            assert self._buffer[:] == content, block
        os.close(self._file)


def test_iser(lio: Lio, fabric: str, aside: WireInitiator, module: None,
              disks: Callable[..., list[Initiator]], stress: Stress) -> None:
    """Stopped while it writes, an initiator comes back, and every block is right."""
    tpg = lio.tpg(host=fabric)
    tpg.iser()
    initiators = disks(2, tpg, transport="iser")
    writers = [Writer(one) for one in initiators]
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
    for writer in writers:
        writer.wait_for_writes(2 * Writer.BLOCKS)
        writer.finish()
    stress.count(sum(writer.writes for writer in writers), "writes")

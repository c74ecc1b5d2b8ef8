# SPDX-License-Identifier: GPL-2.0
"""Stops without end, of initiators that come back: nothing is lost, nothing grows."""
from __future__ import annotations

import random
import select
import time
from pathlib import Path
from typing import Callable

import records
import spt
from background import Background
from fio import Fio
from initiator import Initiator
from lio import Lio
from proc import kernel_threads
from records import STOPPED, Start
from spt import Device
from storm import Storm
from stress import Stress
from tools import SLOW, patience, until

# The storm's sessions at a time, and open-iscsi's initiators with a disk each.
CONCURRENT = 32
DISKS = 4

# Seconds between two stops of an initiator that writes.
DISK_PERIOD = 3

# What may be more at the end than after the first tenth: the kernel's own caches.
# A leak of one object for each stop would be more than that.
SLAB_SLACK = 4 << 20


def meminfo(name: str) -> int:
    """Bytes that the kernel uses for that."""
    for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise AssertionError(f"no {name}")


def threads() -> list[int]:
    """How many kernel threads of iSCSI there are, of each kind and in all.

    Others come and go, as kworkers do.
    """
    return [len(kernel_threads(name))
            for name in ("iscsi_", "iscsi_np", "iscsi_trx", "iscsi_ttx")]


class Soak:
    """Reads events and stops whoever of the storm starts, until so many have ended."""

    def __init__(self, chance: random.Random, disks: list[Initiator]) -> None:
        self.stopped = 0
        self._random = chance
        self._disks = {one.name: one for one in disks}
        self._device = Device()
        self._live: dict[int, Start] = {}
        self._ended: set[int] = set()
        self._waiting: list[Background] = []
        self._next_disk = time.monotonic() + DISK_PERIOD
        self.disk_stops = 0

    def run(self, ends: int) -> None:
        """Until that many more have been stopped and are gone."""
        until_stopped = self.stopped + ends
        poll = select.poll()
        poll.register(self._device.fd, select.POLLIN)
        progress = time.monotonic()
        while self.stopped < until_stopped:
            poll.poll(100)
            events = self._device.read()
            for event in events:
                self._handle(event)
            self._stop_a_disk()
            if events:
                progress = time.monotonic()
            assert time.monotonic() - progress < patience(60), "nothing happens"

    def _handle(self, event: records.Event) -> None:
        if isinstance(event, Start):
            assert event.cookie not in self._ended, f"started twice: {event}"
            assert event.cookie not in self._live, f"started twice: {event}"
            self._live[event.cookie] = event
            if event.initiator not in self._disks:
                self._stop(event.cookie)
            return
        start = self._live.pop(event.cookie, None)
        assert start, f"ended twice or unheard of: {event}"
        self._ended.add(event.cookie)
        assert event.cause == STOPPED, (start, event)
        self.stopped += start.initiator not in self._disks

    def _stop(self, cookie: int) -> None:
        """Most are begun only, as their end is told; some wait."""
        if self._random.random() < 0.9:
            answer = self._device.stop(cookie, 0)
            assert answer in (spt.BEGUN, spt.DONE), answer
            return
        waiting = [one for one in self._waiting if one.is_running()]
        for one in set(self._waiting) - set(waiting):
            assert one.result() == spt.DONE
        self._waiting = waiting + [Background(lambda: self._device.stop(cookie, 60))]

    def _stop_a_disk(self) -> None:
        """One that writes; it is back soon, and then it can be the next again."""
        if time.monotonic() < self._next_disk:
            return
        self._next_disk = time.monotonic() + DISK_PERIOD
        there = [cookie for cookie, start in self._live.items()
                 if start.initiator in self._disks]
        if there:
            answer = self._device.stop(self._random.choice(there), 0)
            assert answer in (spt.BEGUN, spt.DONE), answer
            self.disk_stops += 1

    def finish(self) -> None:
        """Those who waited were all told."""
        for one in self._waiting:
            assert one.result() == spt.DONE
        self._device.close()


def settled() -> tuple[int, list[int]]:
    """Memory and threads, when what is freed late is freed, and everybody is back."""
    time.sleep(2)
    Path("/proc/sys/vm/drop_caches").write_text("3", encoding="ascii")
    time.sleep(1)
    return meminfo("SUnreclaim") + meminfo("KernelStack"), threads()


def test_soak(lio: Lio, disks: Callable[[int], list[Initiator]],
              fio: Callable[[list[Initiator]], Fio], stress: Stress,
              measured: Callable[[str], None]) -> None:
    """fio verifies every block meanwhile; memory and threads are flat at the end."""
    tpg = lio.open_tpg(2)
    tpg.attribute("default_cmdsn_depth", 1)
    initiators = disks(DISKS)
    stops = stress.scaled(50_000, debug=3_000)
    load = fio(initiators)
    load.wait_for_io()
    spt.insmod()
    soak = Soak(stress.random, initiators)
    used = []
    for share in (stops // 10, stops - stops // 10):
        with Storm([tpg], share, end="stopped", concurrent=CONCURRENT, linger_ms="0",
                   seed=stress.random.getrandbits(32)) as storm:
            soak.run(share)
            until(lambda running=storm: not running.is_running(), "the storm is over")
            assert {login.end for login in storm.finish()} == {"stopped"}
        load.wait_for_io()
        used.append(settled())
    soak.finish()
    load.wait_for_pass()
    load.finish()
    (slab, there), (slab_later, there_later) = used
    measured(f"{stops} stops: {slab >> 10} KiB of slab and stacks, later "
             f"{slab_later >> 10}")
    assert there_later == there
    # KASAN keeps what is freed for a while, up to a 32nd of the memory; leaks are
    # kmemleak's there.
    assert SLOW or slab_later - slab < SLAB_SLACK
    stress.count(soak.stopped, "stops")
    stress.count(soak.disk_stops, "stops of an initiator that writes")

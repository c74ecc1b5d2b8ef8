# SPDX-License-Identifier: GPL-2.0
"""A session that cannot end, because its backend does not answer."""
from __future__ import annotations

from dataclasses import dataclass

import spt
from background import Background
from disk import HangingDisk
from lio import Backstore, Tpg
from proc import IOCTL, hanging_threads
from records import ENDING, NO_LIMIT
from spt import Device
from tools import until
from wire import WireInitiator


class Iblock(Backstore):
    """Its command hangs; LIO's threads do not."""

    def __init__(self, disk: HangingDisk) -> None:
        super().__init__("iblock", f"udev_path={disk.path}")

    def wait_until_stuck(self, one: WireInitiator) -> None:
        """The answer to a ping comes after the command was handed on."""
        one.ping()


class Fileio(Backstore):
    """LIO's thread hangs, uninterruptibly."""

    def __init__(self, disk: HangingDisk) -> None:
        super().__init__("fileio", f"fd_dev_name={disk.path},fd_dev_size={8 << 20}")

    def wait_until_stuck(self, one: WireInitiator) -> None:
        """The thread that receives the command executes it too."""
        until(lambda: hanging_threads("iscsi_trx"), f"{one.name} hangs")


@dataclass
class Stuck:
    """A session with explicit ACL and a command that is never answered."""

    tpg: Tpg
    one: WireInitiator
    cookie: int
    disk: HangingDisk

    def is_ending(self) -> bool:
        """Whether a stop has begun."""
        with Device() as device:
            return bool(device.known(self.cookie).flags & ENDING)

    def stop_and_resume(self) -> spt.Answer:
        """What a stop is answered that waits while the backend comes back."""
        waiting = Background(lambda: spt.stop(self.cookie, NO_LIMIT))
        until(lambda: waiting.waits_in(IOCTL), "the stop waits")
        self.disk.resume()
        return waiting.result()

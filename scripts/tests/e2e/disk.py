# SPDX-License-Identifier: GPL-2.0
"""A disk that can be made to hang, fail or be slow: device-mapper over a loop device."""
from __future__ import annotations

import os
from itertools import count
from pathlib import Path

from tools import sh

# Nobody runs udev here.
os.environ["DM_DISABLE_UDEV"] = "1"


def load() -> None:
    """Load what it takes, where it is not built in."""
    for module in ("loop", "dm_mod", "dm_delay", "dm_flakey"):
        sh("modprobe", module)


def mapped() -> list[Path]:
    """What device-mapper has, whoever made it."""
    return list(Path("/sys/block").glob("dm-*"))


class HangingDisk:
    """8 MiB; I/O waits while it is suspended, and goes on when resumed."""

    numbers = count()

    def __init__(self) -> None:
        self.name = f"e2e{next(self.numbers)}"
        self.file = Path("/tmp", self.name)
        with open(self.file, "wb") as file:
            file.truncate(8 << 20)
        self.loop = sh("losetup", "--find", "--show", self.file).strip()
        sh("dmsetup", "create", self.name, "--table", self._table("linear"))
        self.path = Path("/dev/mapper", self.name)

    def _table(self, target: str, *arguments: object) -> str:
        disk = [] if target == "error" else [self.loop, 0]
        return " ".join(map(str, [0, 8 << 11, target, *disk, *arguments]))

    def become(self, target: str, *arguments: object) -> None:
        """Another one of device-mapper's targets from now on."""
        sh("dmsetup", "reload", self.name, "--table", self._table(target, *arguments))
        self.resume()

    def suspend(self) -> None:
        """From now on it answers nothing."""
        sh("dmsetup", "suspend", "--noflush", "--nolockfs", self.name)

    def resume(self) -> None:
        """It answers all that it was asked."""
        sh("dmsetup", "resume", self.name)

    def remove(self) -> None:
        """Undo."""
        sh("dmsetup", "remove", "--retry", self.name)
        sh("losetup", "--detach", self.loop)
        self.file.unlink()

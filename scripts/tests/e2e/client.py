# SPDX-License-Identifier: GPL-2.0
"""A small module that uses ours; see kunit/client.c."""
from __future__ import annotations

from pathlib import Path

import spt

NAME = f"{spt.NAME}_client"
FILE = spt.MODULE.with_name(f"{NAME}.ko")
FOLDER = Path("/sys/module", NAME, "parameters")


class Client:
    """The module that uses ours."""

    def load(self, *parameters: str) -> Client:
        """It registers its notifier."""
        spt.insmod(*parameters, module=FILE)
        return self

    def unload(self) -> None:
        """It unregisters it, if it is there."""
        if FOLDER.exists():
            spt.rmmod(NAME)

    def get(self, name: str) -> int:
        """What it knows."""
        return int((FOLDER / name).read_text(encoding="ascii"))

    def set(self, name: str, value: object) -> None:
        """What it does."""
        (FOLDER / name).write_text(str(value), encoding="ascii")

    def numbers(self) -> tuple[int, int, int]:
        """Starts, ends and who is there."""
        return self.get("started"), self.get("ended"), self.get("live")

# SPDX-License-Identifier: GPL-2.0
"""Targets to be measured."""
from __future__ import annotations

from lio import Lio, Portal, Tpg

IQN = "iqn.2024-01.com.example"


class Targets(Lio):
    """All of one measurement."""

    def target(self, name: str) -> Tpg:
        """For who has an ACL."""
        tpg = self.tpg(f"{IQN}:{name}")
        tpg.enable()
        return tpg

    def crowd(self, name: str) -> Tpg:
        """For many: in demo mode, with short queues, which make logins cheap."""
        return self._open(self.tpg(f"{IQN}:{name}"))

    def crowds(self, name: str, count: int) -> list[Tpg]:
        """So many targets at one portal, their names numbered."""
        first = self.crowd(f"{name}:0")
        others = [Tpg(f"{IQN}:{name}:{number}", 1,
                      Portal(first.portal.host, first.portal.port))
                  for number in range(1, count)]
        self._tpgs += others
        return [first, *map(self._open, others)]

    @staticmethod
    def _open(tpg: Tpg) -> Tpg:
        tpg.attribute("default_cmdsn_depth", 1)
        tpg.demo()
        tpg.enable()
        return tpg

# SPDX-License-Identifier: GPL-2.0
"""Thousands of sessions from one process, on libiscsi."""
from __future__ import annotations

import subprocess
from pathlib import Path

from lio import Tpg

PROGRAM = Path(__file__).resolve().parents[2] / "build/load/load"


class Load:
    """Sessions that come when they are told to, and stay until they are ended."""

    def __init__(self, tpg: Tpg, sessions: int, name: str = "load",
                 targets: int = 0) -> None:
        iqn = tpg.iqn.rpartition(":")[0] if targets else tpg.iqn
        self.sessions = sessions
        self._process = subprocess.Popen(  # pylint: disable=consider-using-with
            [PROGRAM, "--portal", str(tpg.portal), "--target", iqn, "--initiator",
             f"iqn.2024-01.com.example:{name}", "--sessions", str(sessions),
             *(["--targets", str(targets)] if targets else [])],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def _ask(self, command: str, answer: str) -> list[str]:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(command + "\n")
        line = self._process.stdout.readline()
        first, *words = line.split() or [""]
        assert first == answer, f"{command}: {line or self._process.wait()}"
        return words

    def fill(self) -> Load:
        """All of them are logged in."""
        count, _ = self._ask("fill", "full")
        assert int(count) == self.sessions
        return self

    def cycle(self, count: int) -> list[float]:
        """One more logs in and out, so often: seconds each."""
        words = self._ask(f"cycle {count}", "cycles")
        times = [int(word) / 1e9 for word in words[2:]]
        assert len(times) == count
        return times

    def count(self) -> int:
        """How many are logged in, as far as they have noticed."""
        count, = self._ask("count", "sessions")
        return int(count)

    def end(self) -> None:
        """None is left, by a logout."""
        self._ask("logout", "empty")
        assert self._process.stdin
        self._process.stdin.close()
        assert self._process.wait(60) == 0

    def __enter__(self) -> Load:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is None:
            self.end()
        else:
            self._process.kill()
            self._process.wait()

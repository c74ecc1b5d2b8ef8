# SPDX-License-Identifier: GPL-2.0
"""sptctl watch, and whatever else prints line by line, while the test goes on."""
from __future__ import annotations

import queue
import signal
import subprocess
import threading
from types import TracebackType

import sptctl
from proc import POLL, state, waits_in
from tools import patience, until


class Lines:
    """A command that runs inside of it, and what it prints as it prints it."""

    def __init__(self, *words: str) -> None:
        self._process = subprocess.Popen(words, text=True, bufsize=1,
                                         stdin=subprocess.DEVNULL,
                                         stdout=subprocess.PIPE,
                                         stderr=subprocess.PIPE)
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._collect, daemon=True).start()

    def _collect(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self._lines.put(line)

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, kind: type[BaseException] | None,
                 error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._process.kill()
        self._process.wait()

    def line(self, seconds: float = 10) -> str:
        """The next whole line."""
        try:
            line = self._lines.get(timeout=patience(seconds))
        except queue.Empty:
            raise AssertionError(f"no line in {seconds} s") from None
        assert line.endswith("\n")
        return line[:-1]

    def is_silent(self) -> bool:
        """Whether nothing more was printed so far."""
        return self._lines.empty()

    def pause(self) -> None:
        """Ctrl-Z."""
        self._process.send_signal(signal.SIGSTOP)
        until(lambda: state(self._process.pid) == "T", "it is stopped")

    def proceed(self) -> None:
        """And fg."""
        self._process.send_signal(signal.SIGCONT)

    def waits(self) -> bool:
        """Whether sptctl has read all that there is, and waits for more."""
        return waits_in(self._process.pid, POLL)

    def end(self, number: signal.Signals | None = None) -> tuple[int, str]:
        """Its exit code, once it has ended or after a signal, and its errors."""
        if number:
            self._process.send_signal(number)
        code = self._process.wait(patience(30))
        assert self._process.stderr
        return code, self._process.stderr.read()


def watch(*options: str) -> Lines:
    """sptctl watch."""
    return Lines(*sptctl.command("watch", *options))

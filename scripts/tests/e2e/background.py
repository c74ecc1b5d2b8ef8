# SPDX-License-Identifier: GPL-2.0
"""Calls that wait, next to the test: in a thread, or in other processes."""
from __future__ import annotations

import os
import pickle
import signal
import threading
from typing import Any, Callable

from proc import waits_in
from tools import patience


class Background:
    """A call in a thread of its own; an exception in it is the test's."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self._call = call
        self._value: Any = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._value = self._call()
        except BaseException as error:  # pylint: disable=broad-except
            self._error = error

    def is_running(self) -> bool:
        """Whether it has not returned."""
        return self._thread.is_alive()

    def waits_in(self, call: int) -> bool:
        """Whether it sleeps, interruptibly, in a system call."""
        assert self._thread.native_id
        return waits_in(self._thread.native_id, call)

    def interrupt(self) -> None:
        """Let a system call of it fail with EINTR."""
        signal.signal(signal.SIGUSR1, lambda *_: None)
        assert self._thread.ident
        signal.pthread_kill(self._thread.ident, signal.SIGUSR1)

    def result(self, seconds: float = 30) -> Any:
        """Wait for what it returns."""
        self._thread.join(patience(seconds))
        assert not self._thread.is_alive(), "still waiting"
        if self._error:
            raise self._error
        return self._value


class Child:
    """A call in a forked process, which begins when told to."""

    alive: list[Child] = []

    def __init__(self, call: Callable[[], Any]) -> None:
        go, self._go = os.pipe()
        self._out, out = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._go)
            os.read(go, 1)
            try:
                value: Any = call()
            except OSError as error:
                value = error
            os.write(out, pickle.dumps(value))
            os._exit(0)
        os.close(go)
        os.close(out)
        self.alive.append(self)

    def go(self) -> None:
        """Let it begin."""
        os.write(self._go, b"!")
        os.close(self._go)

    def result(self) -> Any:
        """What it returned, or the OSError that it raised."""
        with open(self._out, "rb") as out:
            raw = out.read()
        _, status = os.waitpid(self.pid, 0)
        self.alive.remove(self)
        assert status == 0 and raw, f"child ended with status {status:#x}"
        return pickle.loads(raw)


def kill_children() -> None:
    """For a test that failed before it had their results."""
    while Child.alive:
        child = Child.alive.pop()
        os.kill(child.pid, signal.SIGKILL)
        os.waitpid(child.pid, 0)


def in_child(call: Callable[[], Any]) -> Any:
    """Call it in a forked process, which may drop its rights for it."""
    child = Child(call)
    child.go()
    return child.result()

# SPDX-License-Identifier: GPL-2.0
"""sptctl with a fake in place of the kernel, run in a pipe and on a terminal."""
from __future__ import annotations

import errno
import fcntl
import json
import os
import pathlib
import pty
import re
import select
import struct
import subprocess
import termios
import time
from dataclasses import dataclass
from typing import Any, Optional

from device import Device
from sptctl import DONE, FAILED, NO_SESSION, STILL_ENDING, USAGE, Outcome

__all__ = ["DONE", "FAILED", "NO_SESSION", "STILL_ENDING", "USAGE", "Outcome",
           "Terminal", "Tool", "no_control"]

BUILD = pathlib.Path(__file__).parents[3] / "build/host"
# What sanitizers and valgrind end with when they report.
REPORT = 99
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "ASAN_OPTIONS": f"exitcode={REPORT}:detect_stack_use_after_return=1",
    "UBSAN_OPTIONS": f"exitcode={REPORT}:print_stacktrace=1",
}
VALGRIND = ["valgrind", "--quiet", f"--error-exitcode={REPORT}",
            "--leak-check=full", "--errors-for-leak-kinds=definite,indirect"]
PATIENCE = 60

# C0 but for the newline and the TAB between fields, DEL, C1.
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e"
                     "\u2060-\u206f\ufeff]")


def no_control(output: bytes) -> str:
    """What a terminal shows and does not act on; it has to be UTF-8."""
    text = output.decode()
    assert not CONTROL.search(text), output
    return text


@dataclass
class Tool:
    """One build of it, with a device."""

    kind: str
    device: Device

    @property
    def slow(self) -> bool:
        """Whether nothing may be said of how long it takes."""
        return self.kind != "plain"

    def words(self, *arguments: object) -> list[str]:
        """The command; an int is a cookie."""
        build = "plain" if self.kind == "valgrind" else self.kind
        log = f"--log-file={self.device.folder}/valgrind"
        return [*([*VALGRIND, log] if self.kind == "valgrind" else []),
                str(BUILD / build / "sptctl"),
                *(f"{word:#x}" if isinstance(word, int) else os.fsdecode(word)
                  for word in arguments)]

    def environment(self, **more: str) -> dict[str, str]:
        """What it finds in its environment."""
        self.device.write()
        return ENVIRONMENT | {"SPT_FAKE": str(self.device.folder)} | more

    def check(self, code: int, out: bytes, err: bytes) -> Outcome:
        """No report, no crash, nothing that drives a terminal."""
        log = self.device.folder / "valgrind"
        assert 0 <= code < REPORT, (code, out, err, log.exists() and log.read_text())
        assert b"\t" not in err
        return Outcome(code, no_control(out), no_control(err))

    def start(self, *arguments: object, stdout: int = subprocess.PIPE,
              **environment: str) -> subprocess.Popen[bytes]:
        """Alongside, in pipes."""
        return subprocess.Popen(self.words(*arguments), stdout=stdout,
                                stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                env=self.environment(**environment))

    def finish(self, process: subprocess.Popen[bytes]) -> Outcome:
        """Its end."""
        try:
            out, err = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
        return self.check(process.returncode, out or b"", err)

    def run(self, *arguments: object, **environment: str) -> Outcome:
        """To its end, in pipes."""
        return self.finish(self.start(*arguments, **environment))

    def good(self, *arguments: object, **environment: str) -> str:
        """What it prints when all is well."""
        outcome = self.run(*arguments, **environment)
        assert (outcome.code, outcome.err) == (DONE, ""), outcome
        return outcome.out

    def as_json(self, *arguments: object) -> Any:
        """The same, as JSON."""
        return json.loads(self.good(*arguments, "--json"))

    def misuse(self, *arguments: object) -> str:
        """Exit code 2, one line, nothing else and nothing asked of the device."""
        outcome = self.run(*arguments)
        assert (outcome.code, outcome.out) == (USAGE, ""), outcome
        assert self.device.log() == []
        return outcome.one_line()

    def terminal(self, *arguments: object, columns: int = 80,
                 stdin: bool = True, stdout: bool = True,
                 **environment: str) -> Terminal:
        """Alongside, on a terminal, or with pipes for some of its files."""
        return Terminal(self, self.words(*arguments), columns, stdin, stdout,
                        self.environment(**environment))


class Terminal:
    """A pseudo terminal with the tool on it."""

    def __init__(self, tool: Tool, words: list[str], columns: int, stdin: bool,
                 stdout: bool, environment: dict[str, str]) -> None:
        self.tool = tool
        self.file, other = pty.openpty()
        fcntl.ioctl(other, termios.TIOCSWINSZ,
                    struct.pack("HHHH", 24, columns, 0, 0))
        settings = termios.tcgetattr(other)
        settings[1] &= ~termios.OPOST
        settings[3] &= ~termios.ECHO
        termios.tcsetattr(other, termios.TCSANOW, settings)
        self.process = subprocess.Popen(
            words, env=environment, start_new_session=True,
            stdin=other if stdin else subprocess.DEVNULL,
            stdout=other if stdout else subprocess.PIPE, stderr=other)
        os.close(other)
        self.shown = b""

    def _take(self, timeout: float) -> bool:
        """Some more; False: the tool let go of the terminal."""
        if not select.select([self.file], [], [], timeout)[0]:
            return True
        try:
            data = os.read(self.file, 65536)
        except OSError as error:
            assert error.errno == errno.EIO
            return False
        self.shown += data
        return bool(data)

    def until(self, text: bytes) -> bytes:
        """What was shown up to and with this."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.shown:
            assert time.monotonic() < deadline, self.shown
            assert self._take(1), self.shown
        return self.shown

    def type(self, text: bytes) -> None:
        """At its keyboard; b"\\x04" is the end of input."""
        os.write(self.file, text)

    def end(self) -> tuple[int, bytes, bytes]:
        """Exit code, what was shown, what came on a stdout that is a pipe."""
        deadline = time.monotonic() + PATIENCE
        while self._take(0.1):
            if time.monotonic() > deadline:
                self.process.kill()
                assert False, self.shown
        out: Optional[bytes] = self.process.communicate(timeout=PATIENCE)[0]
        os.close(self.file)
        assert 0 <= self.process.returncode < REPORT, self.shown
        return self.process.returncode, self.shown, out or b""

# SPDX-License-Identifier: GPL-2.0
"""The command-line tool, as a user runs it."""
from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from typing import Any

SPTCTL = os.environ.get("SPTCTL", "/src/build/sptctl/sptctl")
DONE, FAILED, USAGE, NO_SESSION, STILL_ENDING = range(5)


@dataclass(frozen=True)
class Outcome:
    """Exit code and what was printed."""

    code: int
    out: str
    err: str

    def one_line(self) -> str:
        """What went wrong, which has to be one line of its own."""
        assert self.err.startswith("sptctl: ") and self.err.endswith("\n") and \
            self.err.count("\n") == 1, self.err
        return self.err[len("sptctl: "):-1]


def command(*arguments: object) -> list[str]:
    """The words of a command."""
    return [SPTCTL, *(f"{word:#x}" if isinstance(word, int) else str(word)
                      for word in arguments)]


def run(*arguments: object, under: tuple[str, ...] = ()) -> Outcome:
    """Run it to its end; an int is a cookie."""
    done = subprocess.run([*under, *command(*arguments)], text=True,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          check=False)
    return Outcome(done.returncode, done.stdout, done.stderr)


def start(*arguments: object) -> subprocess.Popen[str]:
    """Run it alongside."""
    return subprocess.Popen(command(*arguments), text=True,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)


def as_json(*arguments: object) -> Any:
    """Run a command that has to work, with --json."""
    outcome = run(*arguments, "--json")
    assert (outcome.code, outcome.err) == (DONE, ""), outcome
    return json.loads(outcome.out)

# SPDX-License-Identifier: GPL-2.0
"""scripts/targetcli and targetcli itself, as an administrator runs them."""
from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import sptctl
from lio import Tpg
from tools import sh

SCRIPTS = Path(__file__).resolve().parents[2] / "targetcli"
ENVIRONMENT = os.environ | {
    "PATH": f"{Path(sptctl.SPTCTL).parent}:{os.environ['PATH']}"}

# What a configuration is: neither what LIO counts, nor what it says of sessions.
NOT_CONFIGURED = ("statistics", "fabric_statistics", "info", "dynamic_sessions")


class Outcome(sptctl.Outcome):
    """With several lines, or none, of how far it has got."""

    def last_line(self) -> str:
        """What the script has to say in the end."""
        return self.err.splitlines()[-1]

    def refusal(self) -> str:
        """What was wrong, in one line, before anything was done."""
        assert (self.code, self.out) == (sptctl.USAGE, ""), self
        assert self.err.count("\n") == 1 and self.err.endswith("\n"), self
        return self.err


def start(script: str, *words: object) -> subprocess.Popen[str]:
    """Run one alongside."""
    return subprocess.Popen([SCRIPTS / script, *map(str, words)], text=True,
                            env=ENVIRONMENT, stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def finish(child: subprocess.Popen[str], given: str = "") -> Outcome:
    """Wait for its end."""
    out, err = child.communicate(given)
    return Outcome(child.returncode, out, err)


def run(script: str, *words: object, given: str = "") -> Outcome:
    """Run one to its end."""
    return finish(start(script, *words), given)


def targetcli(*words: object) -> str:
    """One command of targetcli, without the colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", sh("targetcli", *words))


def configuration(tpg: Tpg) -> dict[str, str]:
    """All that is configured in a TPG, from configfs."""
    found = {}
    for folder, folders, files in os.walk(tpg.path):
        here = Path(folder)
        folders[:] = [each for each in folders if each not in NOT_CONFIGURED and
                      not (each == "param" and here.parent.name == "acls")]
        for each in folders:
            path = here / each
            found[str(path)] = os.readlink(path) if path.is_symlink() else ""
        for each in files:
            if each not in NOT_CONFIGURED:
                text = (here / each).read_text()
                # By this word a CHAP name or secret is taken away.
                found[str(here / each)] = "\n" if text == "NULL\n" else text
    return found

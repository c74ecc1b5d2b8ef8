# SPDX-License-Identifier: GPL-2.0
"""What bash offers on a command line that begins with sptctl.

sptctl is a script here that knows three sessions, one of which belongs to an
initiator with a name that a shell would run.
"""
from __future__ import annotations

import pathlib
import re
import shlex
import subprocess
from typing import Callable

import pytest
from helps import COMMANDS, TOP, fields, options, words

Offers = Callable[[str], list[str]]

SESSIONS = [
    {"cookie": "0x0000000b87b00153", "initiator_name": "iqn.2026-11.example:alice",
     "target_name": "iqn.2026-11.example:store", "tpgt": "1", "sid": "2",
     "tpg_path": "/iscsi/iqn.2026-11.example:store/tpg1",
     "acl_path": "/iscsi/iqn.2026-11.example:store/tpg1/acls/"
                 "iqn.2026-11.example:alice",
     "peer_address": "192.0.2.17:40000", "portal_address": "192.0.2.1:3260",
     "chap_user": "alice"},
    {"cookie": "0x0000000b87b00154", "initiator_name": "iqn.2026-11.example:bob",
     "target_name": "iqn.2026-11.example:store", "tpgt": "2", "sid": "2",
     "tpg_path": "/iscsi/iqn.2026-11.example:store/tpg2",
     "acl_path": "-",
     "peer_address": "[2001:db8::17]:40000", "portal_address": "[::1]:3260",
     "chap_user": "-"},
    {"cookie": "0x0000000b87b00155",
     "initiator_name": "iqn.2026-11.example:$(touch ran)`touch ran`",
     "target_name": "iqn.2026-11.example:store", "tpgt": "2", "sid": "3",
     "tpg_path": "/iscsi/iqn.2026-11.example:store/tpg2",
     "acl_path": "-", "peer_address": "-", "portal_address": "-",
     "chap_user": "a\\x20b;touch ran"},
]
COOKIES = [session["cookie"] for session in SESSIONS]
PATH = "/iscsi/iqn.2026-11.example:store/tpg"

# As readline has it in a bash that was just begun.
BREAKS = " \t\n\"'@><=;|&(:"

# compopt works only where readline has asked.
ASK = """
. /usr/share/bash-completion/bash_completion
. "$1"
shift
compopt() { [ "$*" = "-o nospace" ]; }
COMP_WORDBREAKS=$BREAKS
COMP_LINE=$LINE
COMP_POINT=${#LINE}
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
[ "$(complete -p sptctl)" = "complete -F _sptctl sptctl" ] || exit
_sptctl
printf '%s\\n' "${COMPREPLY[@]}"
"""


def split(line: str) -> list[str]:
    """As readline does; where the cursor is there always is a word."""
    found = re.findall(r"[^ :=@]+|[:=@]+", line)
    return found + [""] if line.endswith(" ") else found


@pytest.fixture(name="offers")
def offers_(tmp_path: pathlib.Path) -> Offers:
    """What is offered at the end of a line, sorted."""
    lines = []
    for field in SESSIONS[0]:
        text = shlex.quote("\n".join(session[field] for session in SESSIONS))
        lines.append(f'"list --format {field}") printf "%s\\n" {text} ;;')
    held = " ".join(["LEFT INITIATOR TARGET", "\n5s iqn.2026-11.example:carol *",
                     "\n9s iqn.2026-11.example:$(touch ran) *"])
    lines.append(f'"hold list") printf "%s\\n" {shlex.quote(held)} ;;')
    script = tmp_path / "sptctl"
    script.write_text("#!/bin/sh\ncase $* in\n" + "\n".join(lines) +
                      "\n*) echo not understood >&2; exit 2 ;;\nesac\n")
    script.chmod(0o755)

    def offers(line: str) -> list[str]:
        done = subprocess.run(
            ["bash", "--norc", "-c", ASK, "bash",
             TOP / "scripts/sptctl/completion.bash", *split(line)],
            env={"PATH": f"{tmp_path}:/usr/bin:/bin", "LINE": line,
                 "BREAKS": BREAKS}, cwd=tmp_path, check=False, text=True,
            stdin=subprocess.DEVNULL, capture_output=True)
        assert (done.returncode, done.stderr) == (0, "")
        assert [path.name for path in tmp_path.iterdir()] == ["sptctl"]
        return sorted(done.stdout.split("\n")[:-1]) if done.stdout != "\n" else []
    return offers


def test_commands(offers: Offers) -> None:
    """All of them, and those that begin so."""
    assert offers("sptctl ") == sorted([*COMMANDS, *options()])
    assert offers("sptctl st") == ["status", "stop"]
    assert offers("sptctl e") == ["evict"]


@pytest.mark.parametrize("command", COMMANDS)
def test_options(offers: Offers, command: str) -> None:
    """Those that --help tells."""
    assert offers(f"sptctl {command} --") == sorted(options(command))


@pytest.mark.parametrize("line, offered", [
    ("info ", COOKIES),
    ("wait ", COOKIES),
    ("stop 0x0000000b87b0015", COOKIES),
    ("stop 0x0000000b87b00154 ", [COOKIES[0], COOKIES[2]]),
    ("stop --timeout 30 --yes ", COOKIES),
    ("wait 0x0000000b87b00154 --t", ["--timeout"]),
    ("stop --ti", ["--timeout"]),
    ("stop --timeout 30 --ti", []),
    ("stop --timeout=30 --ti", []),
    ("stop --timeout ", []),
    ("list --older-than ", []),
    ("stop --idle ", []),
    ("list n", []),
    ("evict ", COOKIES),
    ("evict --for ", []),
    ("evict --for 10m 0x0000000b87b00154 ", [COOKIES[0], COOKIES[2]]),
    ("hold ", ["add", "lift", "list"]),
    ("hold li", ["lift", "list"]),
    ("hold list ", []),
    ("hold add iqn.2026-11.example:", ["alice", "bob"]),
    ("hold lift iqn.2026-11.example:", ["carol"]),
    ("hold lift iqn.2026-11.example:carol --t", ["--target"]),
    ("nothing --", []),
])
def test_line(offers: Offers, line: str, offered: list[str]) -> None:
    """Cookies, options, nothing."""
    assert offers(f"sptctl {line}") == offered


@pytest.mark.parametrize("line", ["info 0x0000000b87b00154 ",
                                  "wait 0x0000000b87b00154 ",
                                  "info --tpg 1 ", "stop --tpg=1 ", "list ",
                                  "status "])
def test_no_cookie(offers: Offers, line: str) -> None:
    """Where no operand may be, options are."""
    found = offers(f"sptctl {line}")
    assert "--help" in found and all(word.startswith("--") for word in found)


@pytest.mark.parametrize("line, offered", [
    # What stands before the last colon stays on the line.
    ("--initiator iqn.2026-11.example:", ["alice", "bob"]),
    ("--initiator iqn.2026-11.example:b", ["bob"]),
    ("--initiator=iqn.2026-11.example:b", ["bob"]),
    ("--initiator iqn", ["iqn.2026-11.example:alice", "iqn.2026-11.example:bob"]),
    ("--initiator eui", []),
    ("--target ", ["iqn.2026-11.example:store"]),
    ("--target iqn.2026-11.example:", ["store"]),
    ("--target /", [f"{PATH}1", f"{PATH}2"]),
    ("--tpg ", ["1", "2"]),
    ("--acl ", [f"{PATH}1/acls/iqn.2026-11.example:alice"]),
    ("--acl /iscsi/iqn.2026-11.example:", ["store/tpg1/acls/"
                                           "iqn.2026-11.example:alice"]),
    ("--sid ", ["2", "3"]),
    ("--peer ", ["192.0.2.17", "2001:db8::17"]),
    ("--peer 2001:", ["db8::17"]),
    ("--portal ", ["192.0.2.1:3260", "[::1]:3260"]),
    ("--chap-user ", ["alice"]),
    ("--state in", ["in-continue"]),
])
def test_value(offers: Offers, line: str, offered: list[str]) -> None:
    """Those of the sessions, each once, and none that a shell would run."""
    for command in ("list", "info", "stop --dry-run", "watch --json"):
        assert offers(f"sptctl {command} {line}") == offered


def test_states(offers: Offers) -> None:
    """Those of the table."""
    assert offers("sptctl list --state ") == sorted(words("list", "STATE"))


def test_fields(offers: Offers) -> None:
    """One after the other, none twice."""
    assert offers("sptctl list --format ") == sorted(fields())
    rest = [f"cookie,sid,{name}" for name in fields()
            if name not in ("cookie", "sid")]
    assert offers("sptctl list --format cookie,sid,") == sorted(rest)
    assert offers("sptctl list --format=cookie,ini") == ["cookie,initiator_name"]

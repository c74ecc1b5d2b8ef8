# SPDX-License-Identifier: GPL-2.0
"""sptctl evict: whom it asks for, how it waits, what it tells."""
from __future__ import annotations

import errno
import json
import time

import pytest
from device import NEVER, TARGET, Device, Session
from records import EVERY_TARGET, NOTIFIED, NOTIFY
from tool import DONE, FAILED, NO_SESSION, STILL_ENDING, Tool

ALICE = Session(0x11)
AGAIN = Session(0x12, initiator="IQN.2026-11.com.example:ALICE")
ELSEWHERE = Session(0x13, target="iqn.2026-11.com.example:tape")
BOB = Session(0x14, initiator="iqn.2026-11.com.example:bob")


def asked(device: Device) -> list[tuple[int, ...]]:
    """Cookie, seconds, flags and timeout of each SESSION_EVICT."""
    return [tuple(int(word, 0) for word in line.split()[1:]) for line in device.log()
            if line.startswith("evict ")]


@pytest.mark.valgrind(1)
def test_one(tool: Tool, device: Device) -> None:
    """By one call that waits."""
    device.have(ALICE).evicts(0x11)
    assert tool.good("evict", "--for", "10m", 0x11) == "0x0000000000000011 evicted\n"
    assert asked(device) == [(0x11, 600, 0, 30)]


@pytest.mark.parametrize("arguments, expected", [
    (("--for", "90"), (90, 0, 30)), (("--for=1d",), (86400, 0, 30)),
    (("--for", "1s", "--timeout", "7"), (1, 0, 7)),
    (("--for", "1h", "--all-targets"), (3600, EVERY_TARGET, 30)),
    (("--for", "1h", "--timeout=none"), (3600, 0, 0xffffffff)),
])
def test_options(tool: Tool, device: Device, arguments: tuple[str, ...],
                 expected: tuple[int, ...]) -> None:
    """As they are asked for."""
    device.have(ALICE).evicts(0x11)
    tool.good("evict", *arguments, 0x11)
    assert asked(device) == [(0x11, *expected)]


def test_begin(tool: Tool, device: Device) -> None:
    """And not wait."""
    device.have(ALICE).evicts(0x11, ms=NEVER)
    assert tool.good("evict", "--for", "1m", "--timeout", "0", 0x11) == \
        "0x0000000000000011 begun\n"


@pytest.mark.parametrize("flags, word", [(NOTIFIED, "notified"), (0, "not-notified")])
def test_notify(tool: Tool, device: Device, flags: int, word: str) -> None:
    """Whether it was told."""
    device.have(ALICE, BOB).evicts(0x11, flags=flags).evicts(0x14, flags=flags)
    assert tool.good("evict", "--for", "1m", "--notify", 0x11) == \
        f"0x0000000000000011 evicted {word}\n"
    assert asked(device) == [(0x11, 60, NOTIFY, 30)]
    out = tool.good("evict", "--for", "1m", "--notify", 0x11, 0x14)
    assert sorted(out.splitlines()) == [f"0x0000000000000011 evicted {word}",
                                        f"0x0000000000000014 evicted {word}"]


def test_one_of_each_initiator(tool: Tool, device: Device) -> None:
    """At each target, or of all."""
    device.have(ALICE, AGAIN, ELSEWHERE, BOB)
    for cookie in (0x11, 0x12, 0x13, 0x14):
        device.evicts(cookie)
    tool.good("evict", "--for", "1m", 0x11, 0x12, 0x13, 0x14)
    assert sorted(set(cookie for cookie, *_ in asked(device))) == [0x11, 0x13, 0x14]
    tool.good("evict", "--for", "1m", "--all-targets", 0x12, 0x14, 0x13, 0x11)
    assert {cookie for cookie, _, flags, _ in asked(device) if flags} <= {0x12, 0x14}


def test_many(tool: Tool, device: Device) -> None:
    """All are begun at once; one that is stuck holds up nobody."""
    device.have(ALICE, BOB).evicts(0x11, ms=NEVER).evicts(0x14, ms=300)
    began = time.monotonic()
    outcome = tool.run("evict", "--for", "1m", "--timeout", "2", "--initiator", "*")
    assert outcome.code == STILL_ENDING
    assert outcome.out == "0x0000000000000014 evicted\n"
    assert "0x0000000000000011" in outcome.one_line()
    assert 2 <= time.monotonic() - began < (30 if tool.slow else 6)
    assert sorted(asked(device)) == [(0x11, 60, 0, 2), (0x14, 60, 0, 2)]


@pytest.mark.parametrize("err, code, text", [
    (errno.ENOENT, NO_SESSION, "no such session"),
    (errno.ETIMEDOUT, STILL_ENDING, "deadline"),
    (errno.EOPNOTSUPP, FAILED, "cannot be refused"),
    (errno.ENOSPC, FAILED, "as many holds"),
    (errno.EINVAL, FAILED, "Invalid argument"),
])
def test_fails(tool: Tool, device: Device, err: int, code: int, text: str) -> None:
    """In words."""
    device.have(ALICE).evict_fails(0x11, err)
    outcome = tool.run("evict", "--for", "1m", 0x11)
    assert (outcome.code, outcome.out) == (code, "")
    assert text in outcome.one_line()


def test_gone(tool: Tool, device: Device) -> None:
    """The others are evicted all the same."""
    device.have(ALICE).evicts(0x11)
    outcome = tool.run("evict", "--for", "1m", 0x99, 0x11)
    assert (outcome.code, outcome.out) == (NO_SESSION, "0x0000000000000011 evicted\n")
    assert "0x0000000000000099" in outcome.one_line()


def test_dry_run(tool: Tool, device: Device) -> None:
    """Nothing is asked for."""
    device.have(ALICE, BOB)
    for words in ((0x14,), ("--initiator", "*bob")):
        out = tool.good("evict", "--for", "1m", "--dry-run", *words)
        assert "example:bob" in out and "0x0000000000000011" not in out
    assert asked(device) == []


def test_json(tool: Tool, device: Device) -> None:
    """An array at the end."""
    device.have(ALICE, BOB).evicts(0x11, flags=NOTIFIED).evict_fails(0x14, errno.ENOSPC)
    outcome = tool.run("evict", "--for", "2m", "--notify", "--json", 0x11, 0x14)
    assert outcome.code == FAILED
    assert sorted(json.loads(outcome.out), key=lambda done: done["cookie"]) == [
        {"cookie": "0x0000000000000011", "initiator_name": ALICE.initiator,
         "target_name": TARGET, "seconds": 120, "notified": True,
         "result": "evicted"},
        {"cookie": "0x0000000000000014", "initiator_name": BOB.initiator,
         "target_name": TARGET, "seconds": 120, "notified": False,
         "result": "failed"}]


def test_asks_on_a_terminal(tool: Tool, device: Device) -> None:
    """With selectors."""
    device.have(ALICE).evicts(0x11)
    terminal = tool.terminal("evict", "--for", "1m", "--initiator", "*")
    terminal.until(b"Evict the initiators of this 1 session? [y/N] ")
    terminal.type(b"n\n")
    assert terminal.end()[0] == FAILED
    assert asked(device) == []
    terminal = tool.terminal("evict", "--for", "1m", "--initiator", "*")
    terminal.until(b"[y/N] ")
    terminal.type(b"y\n")
    assert terminal.end()[0] == DONE
    assert asked(device) == [(0x11, 60, 0, 30)]

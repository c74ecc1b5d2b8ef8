# SPDX-License-Identifier: GPL-2.0
"""sptctl hold: who is kept out."""
from __future__ import annotations

import errno

import pytest
from device import Device
from tool import FAILED, NO_SESSION, Tool

ALICE, STORE = "iqn.2026-11.com.example:alice", "iqn.2026-11.com.example:store"
SET, LIFT, GET = 1, 2, 3


def asked(device: Device) -> list[str]:
    """Each HOLD but those that read."""
    return [line for line in device.log() if line.startswith("hold ") and
            not line.startswith(f"hold {GET} ")]


@pytest.mark.valgrind(1)
def test_list(tool: Tool, device: Device) -> None:
    """Time left, initiator, target."""
    device.hold(ALICE, STORE, 599).hold("eui.02004567A425678D", "", 1)
    assert tool.good("hold", "list") == (
        "LEFT      INITIATOR  TARGET\n"
        f"9m59s     {ALICE}  {STORE}\n"
        "1s        eui.02004567A425678D  *\n")
    assert tool.as_json("hold", "list") == [
        {"initiator_name": ALICE, "target_name": STORE, "seconds": 599},
        {"initiator_name": "eui.02004567A425678D", "target_name": "", "seconds": 1}]


def test_empty(tool: Tool) -> None:
    """No head of a table without one."""
    assert tool.good("hold", "list") == ""
    assert tool.as_json("hold", "list") == []


def test_odd_name(tool: Tool, device: Device) -> None:
    """A program may have set any."""
    device.hold("a\x1b[31m b", "", 5)
    assert "a\\x1b[31m\\x20b  *" in tool.good("hold", "list")


def test_add_and_lift(tool: Tool, device: Device) -> None:
    """As they are typed."""
    assert tool.good("hold", "add", ALICE, "--for", "10m") == ""
    assert tool.good("hold", "add", "--for", "1d", "--target", STORE, ALICE) == ""
    assert tool.good("hold", "lift", ALICE, "--target", STORE) == ""
    # Whatever a program has set can be lifted.
    assert tool.good("hold", "lift", "bob") == ""
    # LIO lets in one that sends an empty name.
    assert tool.good("hold", "lift", "") == ""
    assert asked(device) == [
        f"hold {SET} {ALICE}  600", f"hold {SET} {ALICE} {STORE} 86400",
        f"hold {LIFT} {ALICE} {STORE} 0", f"hold {LIFT} bob  0",
        f"hold {LIFT}   0"]


def test_json(tool: Tool) -> None:
    """What was done."""
    assert tool.as_json("hold", "add", ALICE, "--for", "1m") == \
        {"initiator_name": ALICE, "target_name": "", "seconds": 60}
    assert tool.as_json("hold", "lift", ALICE, "--target", STORE) == \
        {"initiator_name": ALICE, "target_name": STORE, "seconds": 0}


@pytest.mark.parametrize("err, code, text", [
    (errno.ENOENT, NO_SESSION, "no such hold"),
    (errno.ENOSPC, FAILED, "as many holds"),
    (errno.EOPNOTSUPP, FAILED, "cannot be refused"),
    (errno.ENOMEM, FAILED, "Cannot allocate memory"),
])
def test_fails(tool: Tool, device: Device, err: int, code: int, text: str) -> None:
    """In words."""
    device.hold_fails(err)
    for words in (("add", ALICE, "--for", "1m"), ("lift", ALICE)):
        outcome = tool.run("hold", *words)
        assert (outcome.code, outcome.out) == (code, "")
        assert text in outcome.one_line()


def test_list_fails(tool: Tool, device: Device) -> None:
    """It must not look like a short one."""
    device.hold_fails(errno.EINVAL)
    outcome = tool.run("hold", "list")
    assert outcome.code == FAILED and "cannot list the holds" in outcome.one_line()

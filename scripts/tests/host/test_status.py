# SPDX-License-Identifier: GPL-2.0
"""sptctl status, from files that say anything."""
from __future__ import annotations

import json

import pytest
from device import Device
from tool import DONE, FAILED, Tool

NUMBERS = ["sessions", "stops_done", "stops_begun", "stops_timed_out",
           "stops_interrupted", "stops_not_found", "holds", "evictions",
           "logins_refused", "events", "events_dropped", "rescans", "hints",
           "hints_missed"]


@pytest.fixture(name="sysfs", autouse=True)
def sysfs_(device: Device) -> Device:
    """As the module has it."""
    return device.status(noticing="probes\n", **{
        name: f"{number}\n" for number, name in enumerate(NUMBERS)})


@pytest.mark.valgrind
def test_values(tool: Tool) -> None:
    """All of them, in both forms."""
    expected = {name: number for number, name in enumerate(NUMBERS)}
    assert tool.as_json("status") == expected | {"noticing": "probes"}
    lines = dict(line.split(None, 1) for line in tool.good("status").splitlines())
    assert lines == {name: str(number) for name, number in expected.items()} | {
        "noticing": "probes"}


@pytest.mark.parametrize("value", [
    "", "\n", "1", "-1\n", "1 \n", "0x1\n", "1\n2\n", "18446744073709551616\n",
    "9" * 100 + "\n", "\x1b[2J\n", b"\xff\n"])
def test_malformed(tool: Tool, device: Device, value: object) -> None:
    """Which file it is, and nothing half."""
    device.status(events=value)
    outcome = tool.run("status")
    assert (outcome.code, outcome.out) == (FAILED, "")
    assert "events: malformed value" in outcome.one_line()


def test_text_is_escaped(tool: Tool, device: Device) -> None:
    """Also of the kernel's own."""
    device.status(noticing="\x1b[2J\u202e\\\n")
    outcome = tool.run("status")
    assert outcome.code == DONE
    assert outcome.out.endswith(r"noticing           \x1b[2J\xe2\x80\xae\\" "\n")
    assert json.loads(tool.good("status", "--json"))["noticing"] == \
        "\x1b[2J\u202e\\"


def test_no_module(tool: Tool, device: Device) -> None:
    """Says what to do."""
    device.folder.joinpath("sysfs").rename(device.folder / "away")
    outcome = tool.run("status")
    assert (outcome.code, outcome.out) == (FAILED, "")
    assert "modprobe iscsitgt_spt" in outcome.one_line()


def test_file_is_missing(tool: Tool, device: Device) -> None:
    """A module of another version."""
    device.folder.joinpath("sysfs/hints").unlink()
    outcome = tool.run("status")
    assert (outcome.code, outcome.out) == (FAILED, "")
    assert "hints: No such file" in outcome.one_line()

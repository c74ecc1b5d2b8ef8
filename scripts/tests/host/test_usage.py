# SPDX-License-Identifier: GPL-2.0
"""Exit code 2: one line that helps, before the device is asked for anything."""
from __future__ import annotations

import errno

import pytest
from device import Device
from tool import DONE, FAILED, NO_SESSION, USAGE, Tool

COMMANDS = ["list", "info", "stop", "evict", "hold", "watch", "wait", "status"]
COOKIE = 0xb87b00153

# No number, more than 64 bits, 0, or more than the number.
NO_COOKIES = [
    "", "0", "0x", "0x0", "00", "x1", "0x1g", "-1", "+1", " 1", "1 ", "1\n", "1,2",
    "0X1", "0x-1", "0x 1", "0x0x1", "1x", "ff", "1e3", "0x+1", "\u0661",
    "18446744073709551616", "0x10000000000000000", "9" * 400, "0x" + "f" * 400,
    "%n%s", b"\xff",
]

WRONG = [
    ("--json",), ("-x",), ("--version=1",), ("end",), ("",), ("LIST",),
    ("list", "1"), ("list", "--jsn"), ("list", "-j"), ("list", "--json=1"),
    ("list", "--timeout", "1"), ("list", "--once"), ("list", "--yes"),
    ("list", "--dry-run"), ("list", "--", "1"),
    ("info",), ("info", "1", "2"), ("info", "--json"), ("info", "--once", "1"),
    ("stop",), ("stop", "--timeout"), ("stop", "--timeout", "1"),
    ("stop", "--json", "1"), ("stop", "1", "--jsn"), ("stop", "1", ""),
    ("stop", "1", "x"), ("stop", "--yes"), ("stop", "--dry-run"),
    ("stop", "--yes=1", "1"),
    ("wait",), ("wait", "1", "2"), ("wait", "--timeout", "1"),
    ("wait", "--json", "1"), ("wait", "--initiator", "x", "1"),
    ("watch", "1"), ("watch", "--timeout", "1"), ("watch", "--once=1"),
    ("watch", "--wide"), ("watch", "--format", "cookie"),
    ("status", "1"), ("status", "--once"),
    ("evict", "1"), ("evict", "--for", "1m"), ("evict", "--for"),
    ("evict", "--for", "1m", "x"), ("evict", "--for", "1m", "--all"),
    ("evict", "--for", "1m", "--yes"), ("evict", "--for", "1m", "--json"),
    ("evict", "--for", "1m", "--wide", "1"), ("evict", "--notify=1", "--for", "1m", "1"),
    ("hold",), ("hold", "ls"), ("hold", "list", "1"), ("hold", "list", "--for", "1m"),
    ("hold", "list", "--target", "iqn.a:b"), ("hold", "add"),
    ("hold", "add", "iqn.a:b"), ("hold", "add", "--for", "1m"),
    ("hold", "add", "--for", "1m", "bob"), ("hold", "add", "--for", "1m", ""),
    ("hold", "add", "--for", "1m", "iqn." + "x" * 220),
    ("hold", "add", "--for", "1m", "iqn.a:b", "iqn.a:c"),
    ("hold", "add", "--for", "1m", "--target", "store", "iqn.a:b"),
    ("hold", "add", "--for", "1m", "--target", "", "iqn.a:b"),
    ("hold", "lift"), ("hold", "lift", "--for", "1m", "iqn.a:b"),
    ("hold", "lift", "iqn.a:b", "iqn.a:c"), ("hold", "lift", "--yes", "iqn.a:b"),
]

NO_TIMES = ["", "0", "0s", "-1", "1.5", "1w", "2d", "86401", "99999999999999999999",
            "none", " 1", "0x1"]

NO_TIMEOUTS = ["", "-1", "+1", "1s", " 1", "1.5", "0x1", "4294967295",
               "4294967296", "18446744073709551617", "None", "nonesuch", "inf"]


@pytest.mark.parametrize("arguments", WRONG)
def test_wrong(tool: Tool, device: Device, arguments: tuple[str, ...]) -> None:
    """The line says where help is."""
    device.have()
    assert "--help" in tool.misuse(*arguments)


def test_nothing(tool: Tool) -> None:
    """Without a command, what there is."""
    outcome = tool.run()
    assert (outcome.code, outcome.out) == (USAGE, "")
    assert all(command in outcome.err for command in COMMANDS)


@pytest.mark.parametrize("cookie", NO_COOKIES)
@pytest.mark.parametrize("command", ["info", "stop", "wait"])
def test_no_cookie(tool: Tool, command: str, cookie: str) -> None:
    """Read strictly, whole, never as another one."""
    assert "cookie" in tool.misuse(command, "--", cookie)


@pytest.mark.parametrize("timeout", NO_TIMEOUTS)
@pytest.mark.parametrize("command", ["stop", "wait"])
def test_no_timeout(tool: Tool, command: str, timeout: str) -> None:
    """So are seconds."""
    assert "timeout" in tool.misuse(command, f"--timeout={timeout}", 1)


@pytest.mark.parametrize("seconds", NO_TIMES)
@pytest.mark.parametrize("command", [("evict", "1"), ("hold", "add", "iqn.a:b")])
def test_no_time(tool: Tool, command: tuple[str, ...], seconds: str) -> None:
    """How long a hold lasts."""
    line = tool.misuse(*command, f"--for={seconds}")
    assert "--for" in line or "more than a day" in line


@pytest.mark.valgrind(1)
@pytest.mark.parametrize("word", ["\x1b[2J", "a\nb", "\r", b"\xff", "\u202e",
                                  "\\", "%s%n", "x" * 5000])
def test_arguments_in_messages(tool: Tool, word: str) -> None:
    """One line, of which a terminal does nothing but show it."""
    for arguments in ((word,), ("list", word), ("info", word), ("stop", word),
                      ("list", b"--" + (word if isinstance(word, bytes)
                                        else word.encode()))):
        tool.misuse(*arguments)


@pytest.mark.parametrize("written", ["0xb87b00153", "0x0000000b87b00153",
                                     "0xB87B00153", "0xb87B00153",
                                     str(COOKIE), "000" + str(COOKIE)])
def test_cookie(tool: Tool, device: Device, written: str) -> None:
    """However it is written, it is the number that counts."""
    outcome = tool.run("stop", written)
    assert (outcome.code, outcome.out) == (NO_SESSION, "")
    assert device.stopped() == [int(written, 0) if "x" in written else int(written)]
    assert f"{device.stopped()[0]:#018x}" in outcome.one_line()


def test_largest_cookie(tool: Tool, device: Device) -> None:
    """64 bits without a sign."""
    device.stops(2**64 - 1)
    assert tool.good("stop", str(2**64 - 1)) == "0xffffffffffffffff ended\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_help(tool: Tool, device: Device, command: str) -> None:
    """Needs no device, and fits on a terminal."""
    device.cannot_open(errno.ENOENT)
    text = tool.good(command, "--help")
    assert text == tool.good(command, "-h")
    assert text.startswith(f"usage: sptctl {command}")
    assert max(map(len, text.splitlines()[1:])) <= 80
    assert device.log() == []


def test_version(tool: Tool) -> None:
    """The tool's, and no more."""
    assert tool.good("--version").startswith("sptctl ")


@pytest.mark.parametrize("arguments", [
    ("list",), ("list", "--json"), ("info", "1"), ("stop", "1"), ("wait", "1"),
    ("watch",), ("watch", "--once"), ("evict", "--for", "1m", "1"),
    ("hold", "list"), ("hold", "add", "iqn.a:b", "--for", "1m"),
    ("hold", "lift", "iqn.a:b")])
@pytest.mark.parametrize("err, hint", [
    (errno.ENOENT, "modprobe iscsitgt_spt"), (errno.ENXIO, "modprobe"),
    (errno.EACCES, "root"), (errno.EPERM, "CAP_SYS_ADMIN"),
    (errno.ENOMEM, "Cannot allocate memory")])
def test_cannot_open(tool: Tool, device: Device, arguments: tuple[str, ...],
                     err: int, hint: str) -> None:
    """What to do about it."""
    device.cannot_open(err)
    outcome = tool.run(*arguments)
    assert (outcome.code, outcome.out) == (FAILED, "")
    assert hint in outcome.one_line()
    assert device.log() == ["open"]


def test_options_end(tool: Tool, device: Device) -> None:
    """After -- all are operands."""
    device.stops(1)
    assert tool.run("stop", "--", 1).code == DONE

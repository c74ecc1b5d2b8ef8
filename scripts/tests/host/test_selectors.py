# SPDX-License-Identifier: GPL-2.0
"""Which sessions a selector picks, and which words are none."""
from __future__ import annotations

import errno
import time

import pytest
from device import TARGET, Device, Session
from records import DEMO_ACL, ENDING, FAILED as STATE_FAILED
from tool import NO_SESSION, USAGE, Tool

OTHER = "iqn.2026-11.com.example:other"
IQN = "iqn.2026-11.com.example:"
CONFIGFS = "/sys/kernel/config/target/iscsi"

A = Session(cookie=0xa, initiator=IQN + "alice", tpgt=1, sid=1, age=100,
            peer="192.0.2.7:34118", portal="192.0.2.1:3260", chap_user="alice")
B = Session(cookie=0xb, initiator=IQN + "bob", tpgt=2, sid=2, age=5 * 3600,
            peer="198.51.100.5:1", portal="192.0.2.1:3261", chap_user="*")
C = Session(cookie=0xc, initiator=IQN + "carol", target=OTHER, tpgt=1, sid=1,
            age=4 * 86400, peer="[2001:db8::7]:5", portal="[2001:db8::1]:3260")
D = Session(cookie=0xd, initiator=IQN + "[d]", target=OTHER, tpgt=65535, sid=9,
            age=3, state=STATE_FAILED, connections=0, peer="", portal="",
            connection_states=b"")
E = Session(cookie=0xe, initiator=IQN + "eve", target=OTHER + "2", tpgt=10,
            sid=2**32 - 1, flags=ENDING, ending_for=2, age=30,
            peer="192.0.2.200:9", portal="[::1]:860", chap_user="Alice")
F = Session(cookie=0xf, initiator=IQN + "frank", target=OTHER + "2", tpgt=0,
            sid=3, flags=ENDING, ending_for=30, age=60, peer="10.1.2.3:4",
            portal="10.0.0.1:3260")
G = Session(cookie=0x10, initiator=IQN + "grace", target=TARGET, tpgt=1, sid=4,
            flags=DEMO_ACL, age=100 * 86400 - 3600, peer="[fe80::1]:4",
            portal="[2001:db8::1]:3261", state=2)
EVERYBODY = {session.cookie: session for session in (A, B, C, D, E, F, G)}
ALL = "abcdefg"


def letters(cookies: list[int]) -> str:
    """Of short names for the cookies."""
    return "".join("abcdefg"[cookie - 0xa] for cookie in sorted(cookies))


@pytest.fixture(name="site")
def site_(device: Device) -> Device:
    """All of them."""
    return device.have(*EVERYBODY.values())


def listed(tool: Tool, *selectors: object) -> str:
    """Whom list shows."""
    return letters([int(line, 0) for line in tool.good(
        "list", "--format", "cookie", *selectors).split()])


SELECTORS = [
    # --initiator: a glob, not case sensitive
    ("--initiator", IQN + "alice", "a"), ("--initiator", "*", ALL),
    ("--initiator", "*:alice", "a"), ("--initiator", "*:ALICE", "a"),
    ("--initiator", IQN.upper() + "A*", "a"), ("--initiator", "alice", ""),
    ("--initiator", "*e", "aeg"), ("--initiator", "*:???", "bde"),
    ("--initiator", "*:[ab]*", "ab"), ("--initiator", "*:[!a-e]*", "dfg"),
    ("--initiator", "*:\\[d\\]", "d"), ("--initiator", "*:[d]", ""),
    ("--initiator", "*[[d]", ""), ("--initiator", IQN, ""),
    ("--initiator", "%s", ""), ("--initiator", "[", ""),
    # --target: a glob or a path
    ("--target", TARGET, "abg"), ("--target", TARGET.upper(), "abg"),
    ("--target", "*:other", "cd"), ("--target", "*:other?", "ef"),
    ("--target", "store", ""),
    ("--target", f"/iscsi/{TARGET}", "abg"),
    ("--target", f"/iscsi/{TARGET}/tpg1", "ag"),
    ("--target", f"/iscsi/{TARGET}/tpg2", "b"),
    ("--target", f"/iscsi/{TARGET}/tpg3", ""),
    ("--target", f"/iscsi/{OTHER}/tpg65535", "d"),
    ("--target", f"/iscsi/{OTHER}2/tpg0", "f"),
    ("--target", f"{CONFIGFS}/{TARGET}", "abg"),
    ("--target", f"{CONFIGFS}/{TARGET}/tpgt_1", "ag"),
    ("--target", f"{CONFIGFS}/{OTHER}/tpgt_65535", "d"),
    ("--target", "/iscsi/*", ""), ("--target", "/iscsi/*/tpg1", ""),
    ("--target", f"/iscsi/{OTHER}?", ""), ("--target", f"{CONFIGFS}/*", ""),
    # --tpg
    ("--tpg", "1", "acg"), ("--tpg", "tpg1", "acg"), ("--tpg", "tpgt_1", "acg"),
    ("--tpg", "0", "f"), ("--tpg", "65535", "d"), ("--tpg", "10", "e"),
    ("--tpg", "3", ""), ("--tpg", "tpg65535", "d"), ("--tpg", "tpgt_0", "f"),
    # --acl
    ("--acl", f"/iscsi/{TARGET}/tpg1/acls/{A.initiator}", "a"),
    ("--acl", f"{CONFIGFS}/{TARGET}/tpgt_1/acls/{A.initiator}", "a"),
    ("--acl", f"/iscsi/{TARGET}/tpg2/acls/{A.initiator}", ""),
    ("--acl", f"/iscsi/{OTHER}/tpg1/acls/{C.initiator}", "c"),
    ("--acl", f"/iscsi/{OTHER}/tpg65535/acls/{D.initiator}", "d"),
    ("--acl", f"/iscsi/{TARGET}/tpg1/acls/*", ""),
    # --sid
    ("--sid", "1", "ac"), ("--sid", "9", "d"), ("--sid", "4294967295", "e"),
    ("--sid", "77", ""), ("--sid", "0", ""),
    # --peer
    ("--peer", "192.0.2.7", "a"), ("--peer", "192.0.2.7/32", "a"),
    ("--peer", "192.0.2.0/24", "ae"), ("--peer", "192.0.2.192/26", "e"),
    ("--peer", "192.0.2.0/25", "a"), ("--peer", "192.0.2.6/31", "a"),
    ("--peer", "0.0.0.0/0", "abef"), ("--peer", "128.0.0.0/1", "abe"),
    ("--peer", "0.0.0.0/1", "f"), ("--peer", "10.0.0.0/8", "f"),
    ("--peer", "::/0", "cg"), ("--peer", "2001:db8::7", "c"),
    ("--peer", "2001:db8::7/128", "c"), ("--peer", "2001:db8::6/127", "c"),
    ("--peer", "2001:db8::8/128", ""), ("--peer", "2001:db8::/32", "c"),
    ("--peer", "2001:0DB8:0:0:0:0:0:7", "c"), ("--peer", "fe80::/10", "g"),
    ("--peer", "8000::/1", "g"), ("--peer", "192.0.2.8", ""),
    # --portal
    ("--portal", "192.0.2.1", "ab"), ("--portal", "192.0.2.1:3260", "a"),
    ("--portal", "192.0.2.1:3261", "b"), ("--portal", "192.0.2.1:3262", ""),
    ("--portal", "2001:db8::1", "cg"), ("--portal", "[2001:db8::1]:3260", "c"),
    ("--portal", "[2001:DB8:0::1]:3261", "g"), ("--portal", "[::1]:860", "e"),
    ("--portal", "::1", "e"), ("--portal", "10.0.0.1:3260", "f"),
    ("--portal", "10.0.0.2", ""),
    # --chap-user: literally
    ("--chap-user", "alice", "a"), ("--chap-user", "Alice", "e"),
    ("--chap-user", "*", "b"), ("--chap-user", "alic", ""),
    ("--chap-user", "-", ""), ("--chap-user", "alice ", ""),
    # --older-than
    ("--older-than", "0", ALL), ("--older-than", "0s", ALL),
    ("--older-than", "20", "abcefg"), ("--older-than", "45s", "abcfg"),
    ("--older-than", "95", "abcg"), ("--older-than", "1m", "abcfg"),
    ("--older-than", "2m", "bcg"), ("--older-than", "4h", "bcg"),
    ("--older-than", "6h", "cg"), ("--older-than", "3d", "cg"),
    ("--older-than", "5d", "g"), ("--older-than", "99d", "g"),
    ("--older-than", "100d", ""), ("--older-than", "36500d", ""),
    # --state; whether those that are ending are logged in too is left open
    ("--state", "active", "g"), ("--state", "failed", "d"),
    ("--state", "stuck", "f"), ("--state", "in-continue", ""),
    ("--state", "free", ""),
    ("--all", ALL),
]


@pytest.mark.valgrind(4)
@pytest.mark.parametrize("words", SELECTORS, ids=lambda words: "-".join(words[:-1]))
def test_selector(tool: Tool, site: Device, words: tuple[str, ...]) -> None:
    """Nobody else, and nobody less."""
    *selector, expected = words
    assert listed(tool, *selector) == expected


def test_sid_has_no_more_bits(tool: Tool, site: Device) -> None:
    """2**32 + 1 is not 1, whether it is a number or not."""
    assert tool.run("stop", "--sid", str(2**32 + 1)).code in (USAGE, NO_SESSION)


def test_state_ending(tool: Tool, site: Device) -> None:
    """One that has just begun to end; nobody who does not."""
    assert "e" in listed(tool, "--state", "ending")
    assert set(listed(tool, "--state", "ending")) <= set("ef")
    assert set("abc") <= set(listed(tool, "--state", "logged-in")) <= set("abcef")


BAD = {
    "--initiator": [""],
    "--target": ["", "/", "/iscsi", "/iscsi/", f"/iscsi/{TARGET}/tpg",
                 f"/iscsi/{TARGET}/tpgx", f"/iscsi/{TARGET}/tpg65536",
                 f"/iscsi/{TARGET}/tpg-1", f"/iscsi/{TARGET}/tpg1/acls",
                 f"/iscsi/{TARGET}/tpg1/luns", f"/loopback/{TARGET}",
                 f"{CONFIGFS}", f"{CONFIGFS}/",
                 f"/sys/kernel/config/targetiscsi/{TARGET}", f"{CONFIGFS}/{TARGET}/tpgt_",
                 f"{CONFIGFS}/{TARGET}/tpgt_x",
                 f"/iscsi/{TARGET}/tpg1/acls/{A.initiator}"],
    "--tpg": ["", "x", "-1", "+1", " 1", "1 ", "65536", "0x1", "tpg", "tpgt_",
              "tpg_1", "tpg65536", "tpgt_-1", "1.0", "99999999999999999999"],
    "--acl": ["", "/", A.initiator, f"/iscsi/{TARGET}", f"/iscsi/{TARGET}/tpg1",
              f"/iscsi/{TARGET}/tpg1/acls", f"/iscsi/{TARGET}/tpg1/acls/",
              f"/iscsi/{TARGET}/acls/{A.initiator}",
              f"/iscsi/{TARGET}/tpgx/acls/{A.initiator}",
              f"/iscsi/{TARGET}/tpg1/luns/{A.initiator}",
              f"{CONFIGFS}/{TARGET}/tpgt_1/acls",
              f"/iscsi/{TARGET}/tpg1/acls/{A.initiator}/mapped_lun0"],
    "--sid": ["", "x", "-1", " 1", "0x1", "1,2"],
    "--peer": ["", "/", "192.0.2.7/", "192.0.2.7/33", "192.0.2.7/-1",
               "192.0.2.7/x", "192.0.2", "192.0.2.256", "192.0.2.7:34118",
               "2001:db8::7/129", "2001:db8::7/", "[2001:db8::7]:5", ":::",
               "host", "192.0.2.7/24/24", "192.0.2.7 ", "0/0",
               "192.0.2.7/4294967304", "2001:db8::7/ 64", "*"],
    "--portal": ["", ":3260", "192.0.2.1:", "192.0.2.1:x", "192.0.2.1:65536",
                 "192.0.2.1:-1", "192.0.2.1:+3260", "192.0.2", "[::1", "::1]",
                 "[::1]3260", "[::1]:", "[::1]:x", "[::1]:65536", "[]", "[]:3260",
                 "host:3260", "192.0.2.1/24", "192.0.2.1: 3260", "[::1]:860:860"],
    "--older-than": ["", "s", "-1", "+1", " 1", "1 ", "1w", "1.5h", "1h30m",
                     "0x1", "x", "1ss", "99999999999999999999",
                     "18446744073709551615d", "18446744073709551616",
                     "307445734561825861m", "213503982334602d"],
    "--idle": ["", "x", "-1", "1w", "1.5", "99999999999999999999",
               "213503982334602d", "18446744073709551616"],
    "--state": ["", "gone", "LOGGED-IN", "logged_in", "logged-in,failed", "*",
                "unknown?"],
}
GOOD = {"--initiator": "*", "--target": "*", "--tpg": "1",
        "--acl": f"/iscsi/{TARGET}/tpg1/acls/x", "--sid": "1",
        "--peer": "192.0.2.7", "--portal": "192.0.2.1", "--chap-user": "x",
        "--older-than": "1", "--idle": "1", "--state": "failed"}


@pytest.mark.parametrize("option, value", [
    (option, value) for option, values in BAD.items() for value in values])
def test_bad(tool: Tool, option: str, value: str) -> None:
    """Not read as something that it does not say."""
    tool.misuse("list", f"{option}={value}")


@pytest.mark.parametrize("option", GOOD)
def test_bad_of_stop(tool: Tool, option: str) -> None:
    """Least of all where it ends sessions."""
    for value in BAD.get(option, [])[:2]:
        tool.misuse("stop", "--yes", option, value)
    tool.misuse("stop", "--yes", option)


@pytest.mark.parametrize("command", ["list", "info", "stop", "watch"])
@pytest.mark.parametrize("option", GOOD)
def test_twice(tool: Tool, command: str, option: str) -> None:
    """Also if it says the same: nobody knows which was meant."""
    tool.misuse(command, option, GOOD[option], option, GOOD[option])


@pytest.mark.parametrize("command", ["list", "info", "watch"])
def test_all_twice(tool: Tool, command: str) -> None:
    """--all is a selector as well."""
    tool.misuse(command, "--all", "--all")


@pytest.mark.parametrize("option", ["--idle", "--older-than"])
def test_not_of_watch(tool: Tool, option: str) -> None:
    """A session that starts is neither."""
    tool.misuse("watch", option, "1")


@pytest.mark.parametrize("option", GOOD)
@pytest.mark.parametrize("command", [["info"], ["stop"], ["stop", "--yes"]])
def test_cookie_and_selector(tool: Tool, command: list[str],
                             option: str) -> None:
    """One or the other."""
    tool.misuse(*command, option, GOOD[option], 0xa)
    tool.misuse(*command, 0xa, option, GOOD[option])
    tool.misuse(*command, "--all", 0xa)


@pytest.mark.parametrize("words, expected", [
    (("--target", TARGET, "--tpg", "1"), "ag"),
    (("--target", TARGET, "--tpg", "1", "--state", "active"), "g"),
    (("--sid", "1", "--peer", "0.0.0.0/0"), "a"),
    (("--initiator", "*e", "--older-than", "20", "--peer", "192.0.2.0/24"), "ae"),
    (("--all", "--tpg", "2"), "b"),
    (("--target", f"/iscsi/{TARGET}/tpg1", "--tpg", "2"), ""),
    (("--portal", "192.0.2.1", "--chap-user", "alice", "--tpg", "tpg1",
      "--sid", "1", "--acl", f"/iscsi/{TARGET}/tpg1/acls/{A.initiator}",
      "--state", "logged-in", "--peer", "192.0.2.7", "--older-than", "1m",
      "--initiator", "*ALICE", "--target", "*STORE", "--all"), "a")])
def test_several(tool: Tool, site: Device, words: tuple[str, ...],
                 expected: str) -> None:
    """Joined with AND."""
    assert listed(tool, *words) == expected


@pytest.mark.parametrize("words, expected", [
    (("--target", TARGET), "abg"), (("--state", "failed"), "d"),
    (("--peer", "::/0"), "cg"), (("--older-than", "2m"), "bcg"),
    (("--all",), ALL)])
def test_the_same_for_all(tool: Tool, device: Device, words: tuple[str, ...],
                          expected: str) -> None:
    """info and stop take whom list shows."""
    device.have(*EVERYBODY.values())
    for cookie in EVERYBODY:
        device.stops(cookie)
    assert letters([int(entry["cookie"], 0)
                    for entry in tool.as_json("info", *words)]) == expected
    assert letters([int(entry["cookie"], 0)
                    for entry in tool.as_json("list", *words)]) == expected
    assert device.stopped() == []
    outcome = tool.run("stop", "--yes", *words)
    assert outcome.code == 0
    assert letters(device.stopped()) == expected


def test_nobody(tool: Tool, site: Device) -> None:
    """list finds nothing wrong with that, the others have nothing to do."""
    assert len(tool.good("list", "--tpg", "77").splitlines()) == 1
    assert tool.as_json("list", "--tpg", "77") == []
    for command in ("info", "stop"):
        outcome = tool.run(command, "--tpg", "77")
        assert (outcome.code, outcome.out) == (NO_SESSION, "")
        assert outcome.one_line() == "no session matches"


def test_texts_that_are_no_addresses(tool: Tool, device: Device) -> None:
    """Match no address, and do no harm."""
    device.have(*(Session(cookie=i + 1, peer=text, portal=text)
                  for i, text in enumerate([
                      "", ":", "[", "]", "[]", "[]:1", "[::1", "x", "1.2.3",
                      "1.2.3.4.5:1", "\x1b[2J", b"\xff" * 64, "[" * 63, ":" * 63,
                      "192.0.2.7", "1" * 63])))
    for option in ("--peer", "--portal"):
        assert tool.good("list", "--format", "cookie", option, "192.0.2.99") == ""
        assert tool.good("list", "--format", "cookie", option, "2001:db8::9") == ""


def test_texts_without_an_end(tool: Tool, device: Device) -> None:
    """Lose their last byte, and nothing of what stands behind belongs to them."""
    device.have(Session(initiator=b"a" * 224, target=b"b" * 224, peer=b"1" * 64,
                        portal=b"1" * 64, chap_user=b"c" * 256))
    for words in (("--initiator", "a" * 223), ("--target", "b" * 223),
                  ("--chap-user", "c" * 255)):
        assert tool.good("list", "--format", "cookie", *words) == \
            "0x0000000b87b00153\n"


def test_idle(tool: Tool, device: Device) -> None:
    """Who sent no SCSI command meanwhile, has none in flight, and is there."""
    before = [Session(cookie=i, command_pdus=5) for i in range(1, 5)]
    after = [Session(cookie=1, command_pdus=5), Session(cookie=2, command_pdus=6),
             Session(cookie=3, command_pdus=5, commands=1)]
    device.replay(*before)
    for session in before + after:
        device.info(session)
    device.info_fails(4, errno.ENOENT)
    began = time.monotonic()
    assert tool.good("list", "--format", "cookie", "--idle", "1") == \
        "0x0000000000000001\n"
    assert 1 <= time.monotonic() - began < 30


def test_idle_from_the_beginning(tool: Tool, device: Device) -> None:
    """A command in flight at the first look is one."""
    device.replay(Session(cookie=1, command_pdus=5, commands=1))
    device.info(Session(cookie=1, command_pdus=5, commands=1))
    device.info(Session(cookie=1, command_pdus=5, commands=1))
    assert tool.good("list", "--format", "cookie", "--idle", "1s") == ""


@pytest.mark.parametrize("time_", ["9223372036854775808", "18446744073709551615"])
def test_idle_for_longer_than_can_be_waited(tool: Tool, device: Device,
                                            time_: str) -> None:
    """Is not over at once."""
    session = Session(cookie=1)
    device.replay(session).info(session).stops(1)
    outcome = tool.run("stop", "--yes", "--timeout", "0", "--idle", time_)
    assert outcome.code == USAGE and device.stopped() == []


@pytest.mark.parametrize("name", [b"\xff", b"iqn.a:\xe8\xaa", b"\xed\xa0\x80x",
                                  b"\x1b[2J", "\u8a9e".encode(), b"a\nb"])
@pytest.mark.parametrize("option", ["--initiator", "--target"])
def test_patterns_and_evil_names(tool: Tool, device: Device, option: str,
                                 name: bytes) -> None:
    """Whatever it calls itself, it is one of all, and found by its own name."""
    device.have(Session(initiator=name, target=name))
    for pattern in (b"*", name, b"*" + name[-1:], b"[!y]*"):
        for locale in ("C.UTF-8", "C"):
            assert tool.good("list", "--format", "cookie", option, pattern,
                             LC_ALL=locale) == "0x0000000b87b00153\n"

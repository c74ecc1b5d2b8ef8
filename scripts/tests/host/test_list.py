# SPDX-License-Identifier: GPL-2.0
"""What is told of sessions: the table, fields for scripts, JSON, info."""
from __future__ import annotations

import datetime
import errno
import os
import re
import subprocess
import time
import unicodedata

import pytest
from device import (CONNECTION_CLEANUP_WAIT, CONNECTION_LOGGED_IN, INITIATOR,
                    TARGET, Device, Session, booted, listed)
from records import DEMO_ACL, ENDING, FAILED as STATE_FAILED, FREE, ISER
from tool import DONE, FAILED, NO_SESSION, Tool

FIELDS = """
cookie state initiator_name target_name tpgt peer_address chap_user connections
commands age_seconds it_nexus portal_address acl_tag acl_path tpg_path demo_acl
discovery iser ending ending_seconds isid tsih sid error_recovery_level
time2retain time2retain_left connection_states login_time login_at command_pdus
response_pdus rx_bytes tx_bytes note""".split()

FULL = Session(cookie=0xb87b00153, flags=ISER, sid=5, tsih=6, tpgt=7,
               isid=bytes.fromhex("00023dabcdef"), erl=2, connections=2,
               time2retain=30, age=3 * 86400 + 4 * 3600 + 30,
               command_pdus=2**63, response_pdus=12, rx_bytes=2**64 - 1,
               tx_bytes=14, acl_tag="the tag", chap_user="alice's", commands=3,
               connection_states=bytes([CONNECTION_LOGGED_IN,
                                        CONNECTION_CLEANUP_WAIT]))
BARE = Session(cookie=0xb87b00154, state=STATE_FAILED, flags=DEMO_ACL,
               initiator="iqn.2026-11.com.example:bob", peer="", portal="",
               connections=0, age=5, time2retain_left=9, connection_states=b"")


def columns(text: str) -> int:
    """How wide a terminal shows it."""
    return sum(0 if unicodedata.combining(letter) else
               1 + (unicodedata.east_asian_width(letter) in "WF")
               for letter in text)


def test_nothing_there(tool: Tool, device: Device) -> None:
    """The headings, and no failure."""
    device.have()
    line, = tool.good("list").splitlines()
    assert line.split() == ["COOKIE", "STATE", "INITIATOR", "TARGET", "TPG", "AGE"]
    assert tool.as_json("list") == []
    assert tool.good("list", "--format", "cookie") == ""


@pytest.mark.valgrind
def test_table(tool: Tool, device: Device) -> None:
    """The oldest first, whatever the order of the events."""
    short = Session(cookie=2, initiator="iqn.a:i", target="iqn.a:t", age=7500)
    device.have(BARE, FULL, short)
    _, *lines = tool.good("list").splitlines()
    assert lines[0].split() == ["0x0000000000000002", "logged-in", "iqn.a:i",
                                "iqn.a:t", "1", "2h05m"]
    assert [line.split()[:2] for line in lines[1:]] == [
        ["0x0000000b87b00153", "logged-in"], ["0x0000000b87b00154", "failed"]]
    assert "3d04h" in lines[1]


@pytest.mark.parametrize("initiator, target", [
    ("iqn.2026-11.com.example:" + "i" * 199, "iqn.2026-11.com.example:" + "t" * 199),
    ("iqn.2026-11.com.example:" + "i" * 199, "iqn.a:t"),
    ("iqn.a:i", "iqn.2026-11.com.example:" + "t" * 199),
    ("\x1b" * 223, "\\" * 223), ("e\u0301" * 74, "\u00e9" * 111),
    ("\xff" * 111, "x"),
    (b"\xff" * 224, b"\x80" * 224)])
@pytest.mark.parametrize("state", [{}, {"state": 5}, {"tpgt": 65535}])
def test_no_line_is_too_long(tool: Tool, device: Device, initiator: str,
                             target: str, state: dict[str, int]) -> None:
    """80 columns where nobody knows better."""
    device.have(Session(initiator=initiator, target=target, age=99 * 86400,
                        **state), Session(cookie=1))
    text = tool.good("list", COLUMNS="200")
    assert max(map(columns, text.splitlines())) <= 80
    assert ".." in text
    row = text.splitlines()[2].split()
    assert len(row) == 6 and row[-1].startswith("99d")


def test_no_line_of_wide_letters_is_too_long(tool: Tool, device: Device) -> None:
    """Those that take two columns each."""
    device.have(Session(initiator="\u8a9e" * 74, target="\U0001f600" * 55))
    assert max(map(columns, tool.good("list").splitlines())) <= 80


def test_shortened_from_the_left(tool: Tool, device: Device) -> None:
    """What tells one from another stands at the end of its name."""
    device.have(*(Session(cookie=i, initiator=f"iqn.2026-11.com.example:host-{i:030d}",
                          target=f"iqn.2026-11.com.example:store-{i:030d}")
                  for i in range(1, 4)))
    for number, line in enumerate(tool.good("list").splitlines()[1:], 1):
        _, _, initiator, target, _, _ = line.split()
        for name in (initiator, target):
            assert name.startswith("..") and name.endswith(f"00{number}")
            assert len(name) > 10


@pytest.mark.valgrind
def test_wide(tool: Tool, device: Device) -> None:
    """Nothing is shortened, and there is more of it."""
    long = Session(cookie=2, initiator="iqn.2026-11.com.example:" + "i" * 199,
                   target="iqn.2026-11.com.example:" + "t" * 199)
    device.have(long, FULL, BARE)
    heading, *lines = tool.good("list", "--wide").splitlines()
    assert set(heading.split()) == {
        "COOKIE", "STATE", "INITIATOR", "TARGET", "TPG", "AGE", "PEER",
        "CHAP-USER", "CONNS", "COMMANDS"}
    rows = [dict(zip(heading.split(), line.split())) for line in lines]
    assert rows[0]["INITIATOR"] == long.initiator
    assert rows[0]["TARGET"] == long.target
    assert rows[1]["PEER"] == FULL.peer and rows[1]["CHAP-USER"] == "alice's"
    assert (rows[1]["CONNS"], rows[1]["COMMANDS"]) == ("2", "3")
    assert (rows[2]["PEER"], rows[2]["CHAP-USER"], rows[2]["CONNS"]) == \
        ("-", "-", "0")


@pytest.mark.parametrize("session, word", [
    (Session(), "logged-in"), (Session(state=2), "active"),
    (Session(state=5), "in-continue"), (Session(state=FREE), "free"),
    (Session(state=99), "unknown"), (Session(state=STATE_FAILED), "failed"),
    (Session(flags=ENDING, ending_for=0), "ending"),
    (Session(flags=ENDING, ending_for=5), "ending"),
    (Session(flags=ENDING, ending_for=11), "stuck"),
    (Session(flags=ENDING, ending_for=86400), "stuck"),
    (Session(flags=ENDING, ending_for=-5), "ending"),
    (Session(flags=ENDING), "ending"),
    (Session(flags=ENDING, state=STATE_FAILED, ending_for=1), "ending")])
def test_state(tool: Tool, device: Device, session: Session, word: str) -> None:
    """The word in the table."""
    device.have(session)
    assert tool.good("list").splitlines()[1].split()[1] == word


def test_ended_meanwhile(tool: Tool, device: Device) -> None:
    """A session that is gone when it is looked at is left out."""
    device.replay(FULL, BARE).info_fails(FULL.cookie, errno.ENOENT).info(BARE)
    assert len(tool.good("list").splitlines()) == 2


@pytest.mark.parametrize("err", [errno.EIO, errno.ENOMEM])
def test_cannot_look(tool: Tool, device: Device, err: int) -> None:
    """A list that is not whole is none."""
    device.replay(BARE, FULL).info(FULL).info_fails(BARE.cookie, err)
    for arguments in ((), ("--json",), ("--format", "cookie"), ("--wide",)):
        outcome = tool.run("list", *arguments)
        assert (outcome.code, outcome.out) == (FAILED, "")
        assert os.strerror(err) in outcome.one_line()


def test_interrupted(tool: Tool, device: Device) -> None:
    """Goes on as if nothing had been."""
    device.read(FULL.start()).read_fails(errno.EINTR).replay(BARE)
    device.info(FULL).info(BARE)
    assert len(tool.as_json("list")) == 2


def test_many(tool: Tool, device: Device) -> None:
    """More than one request tells; one that ends as it is asked for is left out."""
    sessions = [Session(cookie=i) for i in range(1, 513)]
    device.info_fails(300, errno.ENOENT).have(*sessions)
    del sessions[299]
    assert tool.good("list", "--format", "cookie").split() == \
        [f"{session.cookie:#018x}" for session in sessions]
    assert device.log() == ["open", "list 0", "list 0x100", "list 0x200"]


@pytest.mark.parametrize("err, words", [
    (errno.ENOMEM, "Cannot allocate memory"), (errno.EBUSY, "Device or resource busy"),
    (errno.EIO, "Input/output error"), (errno.EOPNOTSUPP, "another version")])
def test_cannot_list(tool: Tool, device: Device, err: int, words: str) -> None:
    """Half a list is none."""
    device.list_as_is(listed(FULL, next_=FULL.cookie)).list_fails(err)
    outcome = tool.run("list")
    assert (outcome.code, outcome.out) == (FAILED, "")
    assert "cannot list the sessions" in outcome.one_line()
    assert words in outcome.err


def test_asks_again(tool: Tool, device: Device) -> None:
    """After an EINTR that did not kill it, as a stop and continue has it."""
    device.list_fails(errno.EINTR).have(FULL)
    assert len(tool.as_json("list")) == 1


@pytest.mark.valgrind
def test_json(tool: Tool, device: Device) -> None:
    """Exactly these members, of these kinds."""
    device.have(FULL, BARE)
    full, bare = tool.as_json("list")
    assert set(full) == set(bare) == set(FIELDS)
    age = full.pop("age_seconds")
    assert age - FULL.age in range(5)
    login_time = full.pop("login_time")
    assert abs(login_time - booted(FULL.age)) < 10 * 10**9
    login_at = datetime.datetime.fromisoformat(full.pop("login_at"))
    assert login_at.utcoffset() is not None
    assert abs(time.time() - FULL.age - login_at.timestamp()) < 10
    assert isinstance(full.pop("note"), str)
    assert full.pop("ending_seconds") in (0, None)
    target = FULL.target
    assert full == {
        "cookie": "0x0000000b87b00153", "state": "logged-in",
        "initiator_name": INITIATOR, "target_name": target, "tpgt": 7,
        "peer_address": "192.0.2.7:34118", "chap_user": "alice's",
        "connections": 2, "commands": 3,
        "it_nexus": f"{INITIATOR},i,0x00023dabcdef,{target},t,0x0007",
        "portal_address": "192.0.2.1:3260", "acl_tag": "the tag",
        "acl_path": f"/iscsi/{target}/tpg7/acls/{INITIATOR}",
        "tpg_path": f"/iscsi/{target}/tpg7", "demo_acl": False,
        "discovery": False, "iser": True, "ending": False,
        "isid": "00023dabcdef", "tsih": 6, "sid": 5,
        "error_recovery_level": 2, "time2retain": 30, "time2retain_left": 0,
        "connection_states": ["logged-in", "cleanup-wait"],
        "command_pdus": 2**63, "response_pdus": 12, "rx_bytes": 2**64 - 1,
        "tx_bytes": 14}
    assert bare["demo_acl"] is True and not bare["acl_path"]
    assert bare["connection_states"] == []
    assert (bare["peer_address"], bare["portal_address"]) == ("", "")
    assert bare["time2retain_left"] == 9


@pytest.mark.valgrind
def test_all_fields(tool: Tool, device: Device) -> None:
    """The same as JSON has, numbers raw, in the order asked for."""
    device.have(FULL, BARE)
    objects = tool.as_json("list")
    for fields in (FIELDS, FIELDS[::-1]):
        text = tool.good("list", "--format", ",".join(fields))
        for line, entry in zip(text.splitlines(), objects):
            values = dict(zip(fields, line.split("\t")))
            assert len(line.split("\t")) == len(fields)
            for name, value in values.items():
                expected = entry[name]
                if isinstance(expected, bool):
                    expected = "yes" if expected else "no"
                if isinstance(expected, list):
                    expected = ",".join(expected)
                if name in ("age_seconds", "login_at") or \
                        name == "ending_seconds" and expected is None:
                    continue
                assert value == (str(expected) or "-"), name


@pytest.mark.parametrize("text, shown", [
    ("a\tb", r"a\x09b"), ("a\nb", r"a\x0ab"), ("\x1b[2J", r"\x1b[2J"),
    ("\\x09", r"\\x09"), ("\u009b", r"\xc2\x9b"), (b"\xff", r"\xff"),
    ("\u202e", r"\xe2\x80\xae"), ("", "-"), ("\u8a9e", "\u8a9e"), ("a b", "a b"),
    ("\x7f", r"\x7f")])
def test_fields_escaped(tool: Tool, device: Device, text: str,
                        shown: str) -> None:
    """One TAB between two fields and nowhere else, one line a session."""
    device.have(Session(chap_user=text, acl_tag=text))
    assert tool.good("list", "--format", "chap_user,cookie,acl_tag") == \
        f"{shown}\t0x0000000b87b00153\t{shown}\n"


@pytest.mark.parametrize("fields", [
    "", "nope", "cookie,", ",cookie", "cookie,,state", "cookie,nope", "COOKIE",
    "cookie state", " cookie", "cookie, state", "Cookie", "cook", "cookies",
    "\x1b[2J", "cookie\n", ","])
def test_no_field(tool: Tool, fields: str) -> None:
    """Misspelt ones are not left out."""
    assert "--help" in tool.misuse("list", "--format", fields)


def test_format_or_json(tool: Tool) -> None:
    """Not both, and --format has a value."""
    tool.misuse("list", "--json", "--format", "cookie")
    tool.misuse("list", "--format", "cookie", "--json")
    tool.misuse("list", "--format")


@pytest.mark.parametrize("zone, offset", [("UTC", 0), ("XXX-05:30", 5.5),
                                          ("XXX+08", -8)])
def test_login_at(tool: Tool, device: Device, zone: str, offset: float) -> None:
    """Local time, with its offset from UTC."""
    device.have(FULL)
    text = tool.good("list", "--format", "login_at", TZ=zone).strip()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", text)
    told = datetime.datetime.fromisoformat(text)
    assert told.utcoffset() == datetime.timedelta(hours=offset)
    assert abs(time.time() - FULL.age - told.timestamp()) < 10


def test_login_at_stays(tool: Tool, device: Device) -> None:
    """However often it is asked for; the login was in the middle of a second."""
    device.replay(Session(cookie=1, age=1000 + (time.time() - 0.5) % 1))
    device.info(Session(cookie=1, age=1000 + (time.time() - 0.5) % 1))
    told = set()
    for _ in range(10):
        told.add(tool.good("list", "--format", "login_at"))
        time.sleep(0.1)
    assert len(told) == 1


@pytest.mark.parametrize("login", [0, 2**63, 2**64 - 1])
def test_login_at_any_time(tool: Tool, device: Device, login: int) -> None:
    """A clock that makes no sense does no harm."""
    record = FULL.info()
    at = 28 + 4 + 8 + 4 * 3 + 2 * 2 + 6 + 2 + 4 * 2
    assert record[at:at + 8] != bytes(8)
    device.replay(FULL).info_as_is(
        FULL.cookie, record[:at] + login.to_bytes(8, "little") + record[at + 8:])
    assert tool.as_json("info", FULL.cookie)["login_time"] == login
    assert "Logged in:" in tool.good("info", FULL.cookie)


@pytest.mark.valgrind
def test_older_module(tool: Tool, device: Device) -> None:
    """What it does not know of is 0."""
    device.replay(FULL).entry(2, FULL.cookie, FULL.info()[:1008])
    entry = tool.as_json("info", FULL.cookie)
    assert (entry["commands"], entry["time2retain_left"]) == (0, 0)
    assert entry["connection_states"] == [] and entry["chap_user"] == "alice's"


@pytest.mark.valgrind
def test_info(tool: Tool, device: Device) -> None:
    """A line for each thing; by a cookie however it is written."""
    device.have(FULL, BARE)
    text = tool.good("info", FULL.cookie)
    lines = dict(re.split(r":\s+", line, maxsplit=1) for line in text.splitlines())
    assert lines["Cookie"] == "0x0000000b87b00153"
    assert lines["Initiator"] == INITIATOR and lines["Target"] == TARGET
    assert lines["Doing"] and lines["Logged in"]
    assert tool.good("info", str(FULL.cookie)) == text
    entry = tool.as_json("info", FULL.cookie)
    assert set(entry) == set(FIELDS) and entry["sid"] == 5
    # Without having to read who else is there.
    assert tool.device.log().count("info 0xb87b00154") == 0


def test_info_of_several(tool: Tool, device: Device) -> None:
    """Blocks, an empty line between them, in the order of age."""
    device.have(BARE, FULL)
    blocks = tool.good("info", "--target", TARGET).split("\n\n")
    assert [block.split()[1] for block in blocks] == [
        "0x0000000b87b00153", "0x0000000b87b00154"]
    assert blocks[1].endswith("\n") and not blocks[1].endswith("\n\n")
    assert [entry["cookie"] for entry in tool.as_json("info", "--all")] == [
        "0x0000000b87b00153", "0x0000000b87b00154"]
    assert isinstance(tool.as_json("info", "--sid", "5"), list)


@pytest.mark.parametrize("arguments", [("2",), ("--json", "2"),
                                       ("--sid", "77"), ("--json", "--sid", "77")])
def test_info_of_none(tool: Tool, device: Device,
                      arguments: tuple[str, ...]) -> None:
    """Exit code 3."""
    device.have(FULL)
    outcome = tool.run("info", *arguments)
    assert (outcome.code, outcome.out) == (NO_SESSION, "")
    assert "no " in outcome.one_line()


def test_notes_differ(tool: Tool, device: Device) -> None:
    """What is said of a session that is stuck is not said of others."""
    device.have(Session(cookie=1), Session(cookie=2, flags=ENDING, ending_for=60,
                                           commands=4),
                BARE, Session(cookie=3, state=2))
    notes = {entry["note"] for entry in tool.as_json("list")}
    assert len(notes) == 4


@pytest.mark.parametrize("arguments", [("list",), ("list", "--json"),
                                       ("list", "--format", "cookie"),
                                       ("info", str(FULL.cookie))])
def test_output_that_does_not_arrive(tool: Tool, device: Device,
                                     arguments: tuple[str, ...]) -> None:
    """A list that was cut short does not pass for a whole one."""
    device.have(FULL)
    with open("/dev/full", "wb") as full:
        outcome = tool.finish(tool.start(*arguments, stdout=full.fileno()))
    assert outcome.code == FAILED
    assert "No space left" in outcome.one_line()


def test_reader_goes_away(tool: Tool, device: Device) -> None:
    """head gets its line, and nobody crashes."""
    device.have(*(Session(cookie=i) for i in range(1, 400)))
    process = tool.start("list")
    head = subprocess.run(["head", "-n", "1"], stdin=process.stdout, check=True,
                          capture_output=True)
    assert head.stdout.startswith(b"COOKIE")
    process.stdout.close()
    process.stdout = None
    err = process.stderr.read()
    assert process.wait() in (-13, DONE, FAILED) and b"Sanitizer" not in err

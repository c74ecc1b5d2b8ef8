# SPDX-License-Identifier: GPL-2.0
"""A device that breaks its contract, and initiators that call themselves evil.

What is malformed is said to be, with exit code 1 and nothing on stdout that
could pass for an answer. Tool.run() looks for control characters in all of it.
"""
from __future__ import annotations

import json
import random
import struct

import pytest
from device import SIGNATURE, Device, Session, listed, start, stop
from records import HEADER, INFO, LIST, LIST_MAX, SESSION_INFO, STOP, SUCCESS
from tool import DONE, FAILED, Tool

GOOD = Session()
START_ = GOOD.start()
NEXUS = "iqn.a,i,0x00023d000001,iqn.b,t,0x0001"


def patched(record: bytes, offset: int, value: int, size: str = "I") -> bytes:
    """With another number there."""
    new = struct.pack("<" + size, value)
    return record[:offset] + new + record[offset + len(new):]


HEADER_LENGTH, CODE, LENGTH, COOKIE = 0, 16, 24, 32

MALFORMED = {
    "empty": b"",
    "one byte": b"\x1c",
    "short header": START_[:HEADER.size - 1],
    "header only": START_[:HEADER.size],
    "one byte short": START_[:-1],
    "one byte long": START_ + b"\0",
    "stop one byte short": stop(1)[:-1],
    "second cut short": START_ + START_[:100],
    "zeroes": bytes(1704),
    "ones": b"\xff" * 1704,
    "length 0": patched(START_, LENGTH, 0),
    "length one less": patched(START_, LENGTH, 1675),
    "length one more": patched(START_ + b"\0", LENGTH, 1677),
    "length huge": patched(START_, LENGTH, 0xffffffff),
    "length that wraps": patched(START_, LENGTH, 0x100000000 - HEADER.size),
    "length beyond the read": patched(START_, LENGTH, 1677),
    "unknown, length huge": patched(patched(START_, CODE, 0x999), LENGTH,
                                    0xffffffff),
    "header length 0": patched(START_, HEADER_LENGTH, 0),
    "header length less": patched(START_, HEADER_LENGTH, 27),
    "header length more": patched(START_ + b"\0", HEADER_LENGTH, 29),
    "header length huge": patched(START_, HEADER_LENGTH, 0xffffffff),
    "signature": START_.replace(SIGNATURE, b"iscsitgt", 1),
    "signature of unknown": patched(START_, CODE, 0x999).replace(
        SIGNATURE, b"\0" * 8, 1),
    "start without cookie": patched(START_, COOKIE, 0, "Q"),
    "stop without cookie": stop(0),
    "stop of another length": patched(stop(1), LENGTH, 11),
    "start as long as a stop": patched(stop(1), CODE, 0x100),
    "stop as long as a start": patched(START_, CODE, 0x101),
    "swapped": bytes(byte for word in zip(*[iter(START_)] * 4)
                     for byte in reversed(word)),
}


@pytest.mark.valgrind(1)
@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_records(tool: Tool, device: Device, name: str) -> None:
    """Of whatever reads events."""
    device.read(MALFORMED[name]).nothing_yet().info(GOOD)
    for arguments in (("watch",), ("wait", "1")):
        outcome = tool.run(*arguments)
        assert outcome.code == FAILED
        assert "malformed answer" in outcome.one_line()


@pytest.mark.parametrize("name", ["zeroes", "empty", "length huge"])
def test_malformed_later(tool: Tool, device: Device, name: str) -> None:
    """After what was fine, which watch has told by then."""
    device.read(START_).read(MALFORMED[name]).nothing_yet().info(GOOD)
    outcome = tool.run("watch")
    assert outcome.code == FAILED and "malformed answer" in outcome.one_line()
    assert outcome.out.startswith("live ") and outcome.out.count("\n") == 1


def test_unknown_codes_are_skipped(tool: Tool, device: Device) -> None:
    """A newer module may tell of more, of any length."""
    unknown = [HEADER.pack(28, SIGNATURE, 0, code, 0, length) + b"\xff" * length
               for code, length in ((0x102, 0), (0x999, 1), (0, 12),
                                    (0xffffffff, 4000), (SESSION_INFO, 1676))]
    longer = HEADER.pack(36, SIGNATURE, 0, 0x103, 0, 4) + b"\xff" * 12
    device.read(b"".join(unknown) + longer + START_ + unknown[1])
    device.nothing_yet().info(GOOD).ends_at()
    outcome = tool.run("watch")
    assert [line.split()[1] for line in outcome.out.splitlines()] == \
        [f"{GOOD.cookie:#018x}"]
    assert "malformed" not in outcome.one_line()


def test_started_twice(tool: Tool, device: Device) -> None:
    """Each session has one START."""
    device.read(START_ + START_).nothing_yet().info(GOOD)
    outcome = tool.run("watch")
    assert outcome.code == FAILED and "malformed answer" in outcome.one_line()


def test_stop_of_nobody(tool: Tool, device: Device) -> None:
    """Each STOP has a START before it, and is the last of it."""
    device.read(START_ + stop(GOOD.cookie) + stop(GOOD.cookie)).nothing_yet()
    outcome = tool.run("watch")
    assert outcome.code == FAILED and "malformed answer" in outcome.one_line()
    assert [line.split()[0] for line in outcome.out.splitlines()] == \
        ["live", "stop"]


@pytest.mark.parametrize("nexus", [
    "", ",", "iqn.a", NEXUS[:-1], NEXUS + "0", NEXUS.replace(",i,", ",x,"),
    NEXUS.replace("0x00023d000001", "0x00023d00001"), NEXUS.replace("0x0001", "0xg001"),
    NEXUS.replace("0x0001", "0X0001"), ",t,0x0001", "x" * 512, ",i,0x00023d000001,",
    NEXUS.replace(",t,0x0001", ""),
    "\0" + NEXUS, b"\xff" * 1024, b"\x00\xd8" * 512])
def test_malformed_nexus(tool: Tool, device: Device, nexus: str) -> None:
    """Of which watch cannot say whose it is."""
    device.read(start(1, "192.0.2.7", nexus)).nothing_yet().ends_at()
    for arguments in (("watch",), ("watch", "--json")):
        outcome = tool.run(*arguments)
        assert (outcome.code, outcome.out) == (FAILED, "")
        assert "malformed answer" in outcome.one_line()


EVIL = {
    "escape": "\x1b[2J\x1b]0;x\x07",
    "C1": "\u009b2J",
    "lines": "a\nb\r\nc\x0b\x0c\x85\u2028\u2029d",
    "tabs and blanks": "a\tb c\u00a0d\u3000e",
    "direction": "\u202eabc\u2066\u200f\ufeff\u200b",
    "DEL": "\x7f\x08\x08",
    "backslash": "\\x1b\\\\",
    "format": "%s%n%n%d",
    "quotes": "\"'`$(id)",
    "JSON": '","state":"x',
    "wide": "\u8a9e\U0001f600e\u0301",
    "noncharacters": "\ufffe\uffff\U0010ffff",
    "commas": ",i,0x00023d000001,x,t,0x0001",
    "slashes": "../../tpg1/acls/x",
    "dash": "-",
}
EVIL_BYTES = {
    "ones": b"\xff" * 224,
    "continuations": b"\x80" * 224,
    "overlong": b"\xc0\x80\xe0\x80\x9b\xf0\x80\x80\x9b\xc1\x9b",
    "surrogates": b"\xed\xa0\x80\xed\xb0\x80",
    "too large": b"\xf4\x90\x80\x80\xf8\x88\x80\x80\x80\xfe\xff",
    "cut short": b"x" * 222 + b"\xe8\xaa",
    "raw C1": b"\x9b2J",
    "all": bytes(range(1, 256))[:224],
    "the rest": bytes(range(32, 256)),
    "no terminator": b"x" * 224,
    "escapes": b"\x1b" * 224,
}


@pytest.mark.valgrind(2)
@pytest.mark.parametrize("name", [*EVIL, *EVIL_BYTES])
def test_evil_names(tool: Tool, device: Device, name: str) -> None:
    """In all texts at once; whoever cannot be printed is still told apart."""
    text = EVIL.get(name) or EVIL_BYTES[name]
    whole = text if isinstance(text, bytes) else text.encode()
    short = whole[:64]
    session = Session(initiator=text, target=text, peer=short, portal=short,
                      acl_tag=short, chap_user=whole * 8 if len(whole) > 200 else text)
    # Padded and cut by struct to the room that there is.
    device.have(session)
    assert len(tool.good("list").splitlines()) == 2
    entry, = tool.as_json("list")
    assert entry["initiator_name"] == whole.decode(errors="replace") or \
        isinstance(text, bytes)
    lines = tool.good("info", session.cookie).splitlines()
    assert all(": " in line for line in lines)
    assert len({line.partition(":")[0] for line in lines}) == len(lines)


@pytest.mark.valgrind(2)
@pytest.mark.parametrize("name", EVIL)
def test_evil_events(tool: Tool, device: Device, name: str) -> None:
    """Nine words a line, whatever the names are."""
    text = EVIL[name]
    nexus = f"{text},i,0x00023d000001,{text},t,0x0001"
    device.read(start(7, text, nexus, text)).nothing_yet().ends_at()
    outcome = tool.run("watch")
    words = outcome.out.rstrip("\n").split(" ")
    assert outcome.out.count("\n") == 1 and len(words) == 9
    assert len(outcome.out.split()) == 9
    assert words[:2] == ["live", "0x0000000000000007"]
    if name != "commas":
        assert words[2] == words[4] == words[6] == words[7]
        assert words[5] == "1"


@pytest.mark.parametrize("units", [
    b"\x00\xd8", b"\x00\xdc", b"\x00\xd8x\x00", b"\x00\xdc\x00\xd8",
    b"\x00\xd8\x00\xd8\x00\xdc", b"\xff\xff", b"\xfe\xff", b"\xff\xfe",
    b"\x1b\x00[\x002\x00J\x00", b"\x9b\x00", b"\x2e\x20"])
def test_evil_utf16(tool: Tool, device: Device, units: bytes) -> None:
    """Half a surrogate pair is U+FFFD, the rest what it is, or \\xNN."""
    expected = units.decode("utf-16-le", errors="surrogatepass")
    expected = "".join("\ufffd" if 0xd800 <= ord(unit) < 0xe000 else unit
                       for unit in expected)
    nexus = units + NEXUS[5:].encode("utf-16-le")
    device.read(start(7, units, nexus, units * (256 // (len(units) // 2))))
    device.nothing_yet().ends_at()
    outcome = tool.run("watch")
    assert len(outcome.out.split(" ")) == 9
    outcome = tool.run("watch", "--json")
    assert outcome.out.count("\n") == 1
    assert json.loads(outcome.out)["peer_address"] == expected


BAD_INFO = {
    "no cookie": lambda info: patched(info, COOKIE, 0, "Q"),
    "another cookie": lambda info: patched(info, COOKIE, 1, "Q"),
    "header length": lambda info: patched(info, HEADER_LENGTH, 0),
    "signature": lambda info: info.replace(SIGNATURE, b"iscsitgt", 1),
    "code": lambda info: patched(info, CODE, 0x100),
    "pending": lambda info: patched(info, 20, 0),
    "no device": lambda info: patched(info, 20, 8),
    "length 0": lambda info: patched(info, LENGTH, 0),
    "length huge": lambda info: patched(info, LENGTH, 0xffffffff),
    "nothing written": lambda info: b"",
    "ones": lambda info: b"\xff" * len(info),
    "zeroes": lambda info: bytes(len(info)),
}


@pytest.mark.valgrind(2)
@pytest.mark.parametrize("name", BAD_INFO)
def test_malformed_info(tool: Tool, device: Device, name: str) -> None:
    """An answer to another question is none."""
    device.replay(GOOD).info_as_is(GOOD.cookie, BAD_INFO[name](GOOD.info()))
    for arguments in (("info", GOOD.cookie), ("info", "--json", GOOD.cookie)):
        outcome = tool.run(*arguments)
        assert (outcome.code, outcome.out) == (FAILED, "")
        assert "malformed answer" in outcome.one_line()


OLD, NEW = Session(cookie=5), Session(cookie=6)

BAD_LIST = {
    "nothing written": b"",
    "zeroes": bytes(48),
    "ones": b"\xff" * 48,
    "header length": patched(listed(GOOD), HEADER_LENGTH, 0),
    "signature": listed(GOOD).replace(SIGNATURE, b"iscsitgt", 1),
    "code": patched(listed(GOOD), CODE, SESSION_INFO),
    "pending": listed(GOOD, returned=0),
    "length": listed(GOOD, length=INFO.size + 20),
    "more than asked for": listed(GOOD, count=LIST_MAX + 1),
    "more than there are": listed(GOOD, count=2),
    "other records": listed(GOOD, size=INFO.size + 8),
    "out of order": listed(NEW, OLD),
    "twice": listed(OLD, OLD),
    "no cookie": listed(Session(cookie=0)),
    "goes back": listed(OLD, NEW, next_=5),
    "a record's code": patched(listed(GOOD), LIST.size + CODE, 0x100),
    "a record's answer": patched(listed(GOOD), LIST.size + 20, 0),
    "a record's length": patched(listed(GOOD), LIST.size + LENGTH, 12),
}


@pytest.mark.valgrind(2)
@pytest.mark.parametrize("name", BAD_LIST)
def test_malformed_list(tool: Tool, device: Device, name: str) -> None:
    """Nor does it go on for ever."""
    device.have(GOOD).list_as_is(BAD_LIST[name])
    for arguments in (("list",), ("list", "--json"), ("stop", "--all", "--yes"),
                      ("info", "--target", "*")):
        outcome = tool.run(*arguments)
        assert (outcome.code, outcome.out) == (FAILED, "")
        assert "malformed answer" in outcome.one_line()
    assert device.stopped() == []


def test_malformed_list_later(tool: Tool, device: Device) -> None:
    """The second one tells again what the first one has."""
    device.list_as_is(listed(OLD, NEW, next_=6)).list_as_is(listed(NEW))
    outcome = tool.run("list")
    assert (outcome.code, outcome.out) == (FAILED, "")
    assert "malformed answer" in outcome.one_line()


@pytest.mark.parametrize("fill", [0xff, 0x80, 0x1b, 0x01])
def test_info_full_of_it(tool: Tool, device: Device, fill: int) -> None:
    """Every number as large as it can be, no text with an end."""
    head = GOOD.info()[:COOKIE + 8]
    device.read(START_).nothing_yet()
    device.info_as_is(GOOD.cookie, head + bytes([fill]) * (INFO.size - len(head)))
    assert len(tool.good("list").splitlines()) == 2
    assert tool.as_json("list")[0]["tpgt"] == fill * 0x101
    assert f"{fill * 0x0101010101010101}" in tool.good("info", GOOD.cookie)


@pytest.mark.parametrize("record", [
    STOP.pack(HEADER.pack(28, SIGNATURE, 0, 0x101, SUCCESS, 12), 0, 2),
    STOP.pack(HEADER.pack(28, SIGNATURE, 0, 0x101, 0xffffffff, 12), 0, 1),
    STOP.pack(HEADER.pack(28, SIGNATURE, 0, 0x101, 0x09, 12), 0, 1),
    STOP.pack(HEADER.pack(28, SIGNATURE, 0, 0x100, SUCCESS, 12), 0, 1),
    STOP.pack(HEADER.pack(28, b"iscsitgt", 0, 0x101, SUCCESS, 12), 0, 1),
    STOP.pack(HEADER.pack(28, SIGNATURE, 0, 0x101, SUCCESS, 0), 0, 1),
    STOP.pack(HEADER.pack(0, SIGNATURE, 0, 0x101, SUCCESS, 12), 0, 1),
    bytes(40), b"\xff" * 40])
def test_malformed_stop(tool: Tool, device: Device, record: bytes) -> None:
    """Nothing that was not answered passes for an end."""
    device.entry(3, 1, record, as_is=1)
    outcome = tool.run("stop", "--timeout", "1", 1)
    assert (outcome.code, outcome.out) == (FAILED, "")
    assert "malformed answer" in outcome.one_line()


@pytest.mark.parametrize("seed", range(40))
def test_noise(tool: Tool, device: Device, seed: int) -> None:
    """Some bytes of a good answer are others."""
    chance = random.Random(seed)

    def noisy(record: bytes) -> bytes:
        changed = bytearray(record)
        for _ in range(chance.randrange(4)):
            at = chance.choice([chance.randrange(min(len(changed), 40)),
                                chance.randrange(len(changed))])
            changed[at] = chance.choice([0, 1, 0x1b, 0x7f, 0x80, 0xff, 0x0a])
        return bytes(changed[:chance.choice([None, None, None,
                                             chance.randrange(len(changed))])])

    sessions = [Session(cookie=i + 1) for i in range(6)]
    device.read(noisy(b"".join(session.start() for session in sessions)))
    device.read(noisy(b"".join(stop(session.cookie) for session in sessions[:3])))
    device.nothing_yet().read(noisy(START_)).ends_at()
    for session in sessions:
        device.info_as_is(session.cookie, noisy(session.info()) or b"\0")
    for arguments in (("list",), ("list", "--json"), ("watch", "--json"),
                      ("wait", "4")):
        outcome = tool.run(*arguments)
        assert outcome.code in (DONE, FAILED, 3)
        assert not outcome.code or outcome.one_line()

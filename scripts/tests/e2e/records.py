# SPDX-License-Identifier: GPL-2.0
"""The records of the interface, made and taken apart."""
from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Iterator, Union

SESSION_START, SESSION_END, SESSION_INFO = 0x100, 0x101, 0x200
SESSION_EVICT, HOLD, SESSION_LIST = 0x201, 0x202, 0x203
LIST_MAX = 256
EVERY_TARGET, NOTIFY, NOTIFIED = 1, 2, 4
HOLD_SET, HOLD_LIFT, HOLD_GET = 1, 2, 3
PENDING, SUCCESS, ABORTED, NO_DEVICE, TIMEOUT = 0x00, 0x01, 0x02, 0x08, 0x09
BUSY, INVALID_REQUEST = 0x05, 0x06
INTERNAL_ERROR = 0x30
NO_LIMIT = 0xffffffff
FREE, LOGGED_IN, FAILED = 1, 3, 4
DEMO_ACL, DISCOVERY, ISER, ENDING = 1, 2, 4, 8

CAUSES = ("unknown", "stopped", "logout", "connection-lost", "reinstated",
          "removed")
STOPPED, LOGOUT, CONNECTION_LOST, REINSTATED, REMOVED = CAUSES[1:]

HEADER = struct.Struct("<I8sIIII")
STOP = struct.Struct("<28sIQ")
START = struct.Struct("<28sIQ128s1024s512s")
INFO = struct.Struct("<28sIQIIIHH6sBBIIQQQQQ224s224s64s64s64s256sIIQ8s")
EVICT = struct.Struct("<28sIQII")
HOLDS = struct.Struct("<28sIIIII224s224s")
LIST = struct.Struct("<28sIQII")
assert (HEADER.size, STOP.size, START.size, INFO.size, EVICT.size, HOLDS.size,
        LIST.size) == (28, 40, 1704, 1032, 48, 496, 48)


@dataclass(frozen=True)
class Start:
    """A START record."""

    cookie: int
    is_reinstated: int
    peer: str
    nexus: str
    chap_user: str

    @property
    def initiator(self) -> str:
        """The initiator's name; to tell sessions of one each apart."""
        return self.nexus.split(",")[0]


@dataclass(frozen=True)
class Stop:
    """A STOP record, as it is read."""

    cookie: int
    cause: str


Event = Union[Start, Stop]


@dataclass(frozen=True)
class Info:
    """A SESSION_INFO record."""

    cookie: int
    state: int
    flags: int
    sid: int
    tsih: int
    tpgt: int
    isid: bytes
    erl: int
    connections: int
    time2retain: int
    login_time: int
    command_pdus: int
    response_pdus: int
    rx_bytes: int
    tx_bytes: int
    initiator: str
    target: str
    peer: str
    portal: str
    acl_tag: str
    chap_user: str
    commands: int
    time2retain_left: int
    ending_since: int
    connection_states: bytes


def header(code: int, length: int, timeout: int = 0) -> bytes:
    """A request's; a ReturnCode that no answer has shows whether it is written."""
    return HEADER.pack(28, b"ISCSITGT", timeout, code, 0xdeadbeef, length)


def text(raw: bytes) -> str:
    """A NUL-terminated, zero-filled string."""
    value, _, rest = raw.partition(b"\0")
    assert not rest.strip(b"\0"), raw
    return value.decode()


def text16(raw: bytes) -> str:
    """The same in UTF-16LE."""
    value, _, rest = raw.decode("utf-16-le").partition("\0")
    assert not rest.strip("\0"), raw
    return value


def parse_start(raw: bytes) -> Start:
    """Take a START record apart, and check what is always the same."""
    head, reinstated, cookie, peer, nexus, user = START.unpack(raw)
    assert HEADER.unpack(head) == (28, b"ISCSITGT", 0, SESSION_START, SUCCESS,
                                   START.size - 28)
    assert cookie
    return Start(cookie, reinstated, text16(peer), text16(nexus), text16(user))


def parse_stop(raw: bytes) -> Stop:
    """The same of a STOP record that was read."""
    head, reserved, cookie = STOP.unpack(raw)
    *same, cause, length = HEADER.unpack(head)
    assert (*same, length) == (28, b"ISCSITGT", 0, SESSION_END, STOP.size - 28)
    assert cookie and reserved == 0
    return Stop(cookie, CAUSES[cause])


def parse_info(raw: bytes) -> Info:
    """Take a SESSION_INFO record apart."""
    _, reserved, *numbers, erl, reserved2 = INFO.unpack(raw)[:11]
    assert reserved == reserved2 == 0
    rest = INFO.unpack(raw)[11:]
    return Info(*numbers, erl, *rest[:7], *map(text, rest[7:13]), *rest[13:])


def split(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Step from record to record: each one's control code and its bytes."""
    at = 0
    while at < len(raw):
        size, _, _, code, _, length = HEADER.unpack_from(raw, at)
        assert size == 28 and at + size + length <= len(raw)
        yield code, raw[at:at + size + length]
        at += size + length


def parse_events(raw: bytes) -> list[Event]:
    """What one read() gave."""
    parsers = {SESSION_START: parse_start, SESSION_END: parse_stop}
    return [parsers[code](record) for code, record in split(raw)]


def live(events: list[Event]) -> list[Start]:
    """Who is there after these; fails unless each starts and ends once at most."""
    there: dict[int, Start] = {}
    seen: set[int] = set()
    for event in events:
        if isinstance(event, Start):
            assert event.cookie not in seen, f"started twice: {event}"
            seen.add(event.cookie)
            there[event.cookie] = event
        else:
            assert event.cookie in there, \
                f"ended {'twice' if event.cookie in seen else 'unheard of'}: {event}"
            del there[event.cookie]
    return list(there.values())

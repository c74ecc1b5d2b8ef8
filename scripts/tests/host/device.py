# SPDX-License-Identifier: GPL-2.0
"""What the fake of the device says, and what it was asked; see fake.c."""
from __future__ import annotations

import errno
import pathlib
import struct
import time
from dataclasses import dataclass, field
from typing import Optional, Union

from records import (HEADER, INFO, LIST, LIST_MAX, LOGGED_IN, SESSION_END,
                     SESSION_INFO, SESSION_LIST, SESSION_START, START, STOP, SUCCESS)

SIGNATURE = b"ISCSITGT"
ENTRY = struct.Struct("<QIIIIIIII")
OPEN, READ, ANSWER_INFO, ANSWER_STOP, ANSWER_EVICT, HOLD, CHANGE, ANSWER_LIST = range(8)
CONNECTION_LOGGED_IN, CONNECTION_CLEANUP_WAIT = 5, 8
NEVER = 0xffffffff
# By which the fake's CLOCK_BOOTTIME is ahead.
EARLIER = 100 * 24 * 3600

INITIATOR = "iqn.2026-11.com.example:alice"
TARGET = "iqn.2026-11.com.example:store"

Text = Union[str, bytes]


def raw(text: Text) -> bytes:
    """As LIO has it."""
    return text if isinstance(text, bytes) else text.encode()


def header(code: int, size: int, returned: int = SUCCESS) -> bytes:
    """Of a record that the device wrote."""
    return HEADER.pack(HEADER.size, SIGNATURE, 0, code, returned,
                       size - HEADER.size)


def booted(ago: float) -> int:
    """So many seconds ago, in ns of the fake's CLOCK_BOOTTIME."""
    now = time.clock_gettime_ns(time.CLOCK_BOOTTIME) + EARLIER * 10**9
    return now - round(ago * 10**9)


@dataclass
class Session:
    """One session, as SESSION_INFO and START tell it."""

    cookie: int = 0xb87b00153
    state: int = LOGGED_IN
    flags: int = 0
    sid: int = 1
    tsih: int = 1
    tpgt: int = 1
    isid: bytes = bytes.fromhex("00023d000001")
    erl: int = 0
    connections: int = 1
    time2retain: int = 20
    # In hours for people, who see no difference between two calls.
    age: float = 26.5 * 3600
    command_pdus: int = 0
    response_pdus: int = 0
    rx_bytes: int = 0
    tx_bytes: int = 0
    initiator: Text = INITIATOR
    target: Text = TARGET
    peer: Text = "192.0.2.7:34118"
    portal: Text = "192.0.2.1:3260"
    acl_tag: Text = ""
    chap_user: Text = ""
    commands: int = 0
    time2retain_left: int = 0
    ending_for: Optional[float] = None
    connection_states: bytes = bytes([CONNECTION_LOGGED_IN])

    def info(self) -> bytes:
        """A SESSION_INFO record."""
        return INFO.pack(
            header(SESSION_INFO, INFO.size), 0, self.cookie, self.state,
            self.flags, self.sid, self.tsih, self.tpgt, self.isid, self.erl, 0,
            self.connections, self.time2retain, booted(self.age),
            self.command_pdus, self.response_pdus, self.rx_bytes,
            self.tx_bytes, *map(raw, (
                self.initiator, self.target, self.peer, self.portal,
                self.acl_tag, self.chap_user)),
            self.commands, self.time2retain_left,
            0 if self.ending_for is None else booted(self.ending_for),
            self.connection_states)

    def nexus(self) -> str:
        """The name of the I_T nexus."""
        return (f"{self._wide(self.initiator)},i,0x{self.isid.hex()},"
                f"{self._wide(self.target)},t,0x{self.tpgt:04x}")

    def start(self, reinstated: int = 0) -> bytes:
        """A START record."""
        address = self._wide(self.peer).rpartition(":")[0].strip("[]")
        return start(self.cookie, address, self.nexus(),
                     self._wide(self.chap_user), reinstated)

    @staticmethod
    def _wide(text: Text) -> str:
        return raw(text).decode(errors="replace")


def start(cookie: int, peer: Text, nexus: Text, user: Text = "",
          reinstated: int = 0) -> bytes:
    """A START record; bytes are UTF-16LE already."""
    wide = [text if isinstance(text, bytes) else text.encode("utf-16-le")
            for text in (peer, nexus, user)]
    return START.pack(header(SESSION_START, START.size), reinstated, cookie,
                      *wide)


def stop(cookie: int, cause: int = 1) -> bytes:
    """A STOP record, as it is read."""
    return STOP.pack(header(SESSION_END, STOP.size, cause), 0, cookie)


def listed(*sessions: Session, next_: int = 0, count: Optional[int] = None,
           size: int = INFO.size, length: int = LIST_MAX * INFO.size + 20,
           returned: int = SUCCESS) -> bytes:
    """An answer to SESSION_LIST."""
    head = HEADER.pack(28, SIGNATURE, 0, SESSION_LIST, returned, length)
    return LIST.pack(head, 0, next_, len(sessions) if count is None else count,
                     size) + b"".join(session.info() for session in sessions)


@dataclass
class Device:
    """A folder for the fake."""

    folder: pathlib.Path
    script: bytes = b""
    sessions: list[Session] = field(default_factory=list)

    def __post_init__(self) -> None:
        (self.folder / "log").touch()

    def entry(self, kind: int, cookie: int = 0, data: bytes = b"", err: int = 0,
              code: int = 0, ms: int = 0, silent: int = 0,
              as_is: int = 0) -> Device:
        """Anything; see struct entry."""
        self.script += ENTRY.pack(cookie, kind, err, code, ms, silent,
                                  len(data), as_is, 0) + data
        return self

    def cannot_open(self, err: int) -> Device:
        """open() fails."""
        return self.entry(OPEN, err=err)

    def read(self, data: bytes, ms: int = 0) -> Device:
        """One read() gives this, so long after the first open()."""
        return self.entry(READ, data=data, ms=ms)

    def read_fails(self, err: int, ms: int = 0) -> Device:
        """One read() fails."""
        return self.entry(READ, err=err, ms=ms)

    def nothing_yet(self) -> Device:
        """One read() finds that this was all for now."""
        return self.read_fails(errno.EAGAIN)

    def info(self, session: Session) -> Device:
        """Answers the next SESSION_INFO of that cookie, and those after it."""
        return self.entry(ANSWER_INFO, session.cookie, session.info())

    def info_fails(self, cookie: int, err: int) -> Device:
        """One SESSION_INFO fails."""
        return self.entry(ANSWER_INFO, cookie, err=err)

    def info_as_is(self, cookie: int, data: bytes) -> Device:
        """One SESSION_INFO gets these bytes, header and all."""
        return self.entry(ANSWER_INFO, cookie, data, as_is=1)

    def list_fails(self, err: int) -> Device:
        """One SESSION_LIST fails."""
        return self.entry(ANSWER_LIST, err=err)

    def list_as_is(self, data: bytes) -> Device:
        """One SESSION_LIST gets these bytes, header and all."""
        return self.entry(ANSWER_LIST, data=data)

    def stops(self, cookie: int, ms: int = 0, cause: int = 1,
              silent: bool = False) -> Device:
        """Ends so long after it is told to; silently: no STOP tells."""
        return self.entry(ANSWER_STOP, cookie, ms=ms, code=cause,
                          silent=silent)

    def stop_fails(self, cookie: int, err: int) -> Device:
        """SESSION_END fails."""
        return self.entry(ANSWER_STOP, cookie, err=err)

    def evicts(self, cookie: int, ms: int = 0, flags: int = 0) -> Device:
        """It is done so long after it is asked for, and these flags are added."""
        return self.entry(ANSWER_EVICT, cookie, ms=ms, code=flags)

    def evict_fails(self, cookie: int, err: int) -> Device:
        """SESSION_EVICT fails."""
        return self.entry(ANSWER_EVICT, cookie, err=err)

    def hold(self, initiator: Text, target: Text, seconds: int) -> Device:
        """It is there."""
        names = b"".join(raw(name).ljust(224, b"\0") for name in (initiator, target))
        return self.entry(HOLD, data=names, code=seconds)

    def hold_fails(self, err: int) -> Device:
        """Each HOLD does."""
        return self.entry(CHANGE, err=err)

    def replay(self, *sessions: Session, ms: int = 0) -> Device:
        """The STARTs of those that are there, some at a time."""
        for i in range(0, len(sessions), 8):
            self.read(b"".join(session.start() for session in sessions[i:i + 8]),
                      ms)
        return self.nothing_yet()

    def have(self, *sessions: Session) -> Device:
        """These are there, and no more happens."""
        self.replay(*sessions)
        for session in sessions:
            self.info(session)
        self.sessions += sessions
        return self

    def ends_at(self, err: int = errno.EIO) -> Device:
        """So that a watch comes to an end."""
        return self.read_fails(err)

    def write(self) -> None:
        """For the fake to find."""
        (self.folder / "script").write_bytes(self.script)

    def log(self) -> list[str]:
        """The requests."""
        return (self.folder / "log").read_text().splitlines()

    def stopped(self) -> list[int]:
        """The cookies that it was told to end, each once."""
        return list(dict.fromkeys(int(line.split()[1], 0) for line in self.log()
                                  if line.startswith("stop ")))

    def status(self, **values: Text) -> Device:
        """What stands in sysfs."""
        sysfs = self.folder / "sysfs"
        sysfs.mkdir(exist_ok=True)
        for name, value in values.items():
            (sysfs / name).write_bytes(raw(value))
        return self

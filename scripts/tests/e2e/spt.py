# SPDX-License-Identifier: GPL-2.0
"""The module and its device, on the level of the records.

ctypes instead of fcntl.ioctl() and os.read(), which may retry after a signal:
EINTR is an answer here.
"""
from __future__ import annotations

import ctypes
import errno
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from tools import sh

NAME = "iscsitgt_spt"
MODULE = Path(os.environ["VM_MODULES"]) / f"{NAME}.ko"
DEVICE = Path("/dev") / NAME

IOCTL_SCSI_MINIPORT = 3 << 30 | 28 << 16 | 0xbd << 8 | 0x02
SESSION_START, SESSION_END, SESSION_INFO = 0x100, 0x101, 0x200
PENDING, SUCCESS, ABORTED, NO_DEVICE, TIMEOUT = 0x00, 0x01, 0x02, 0x08, 0x09
NO_LIMIT = 0xffffffff
FREE, LOGGED_IN, FAILED = 1, 3, 4
DEMO_ACL, DISCOVERY, ISER, ENDING = 1, 2, 4, 8

HEADER = struct.Struct("<I8sIIII")
STOP = struct.Struct("<28sIQ")
START = struct.Struct("<28sIQ128s1024s512s")
INFO = struct.Struct("<28sIQIIIHH6sBBIIQQQQQ224s224s64s64s64s256s")
assert (HEADER.size, STOP.size, START.size, INFO.size) == (28, 40, 1704, 1008)

libc = ctypes.CDLL(None, use_errno=True)
libc.read.restype = ctypes.c_ssize_t
libc.ioctl.argtypes = (ctypes.c_int, ctypes.c_ulong, ctypes.c_void_p)


def insmod() -> None:
    """Load the module; nobody has to wait for the device's node."""
    sh("insmod", MODULE)


def rmmod() -> None:
    """Unload the module."""
    sh("rmmod", NAME)


def unload_error() -> int:
    """Try to unload the module without waiting; return the errno of that."""
    if libc.delete_module(NAME.encode(), os.O_NONBLOCK) == 0:
        return 0
    return ctypes.get_errno()


def is_in_use() -> bool:
    """Whether unloading is refused; if it is not, the module is gone."""
    error = unload_error()
    assert error in (0, errno.EWOULDBLOCK), os.strerror(error)
    return bool(error)


def is_loaded() -> bool:
    """Whether the module is there."""
    return Path("/sys/module", NAME).exists()


@dataclass(frozen=True)
class Answer:
    """How an ioctl ended: errno, or 0, and ReturnCode."""

    errno: int
    code: int


DONE = Answer(0, SUCCESS)
BEGUN = Answer(0, PENDING)
UNKNOWN = Answer(errno.ENOENT, NO_DEVICE)
STILL_ENDING = Answer(errno.ETIMEDOUT, TIMEOUT)
INTERRUPTED = Answer(errno.EINTR, ABORTED)


@dataclass(frozen=True)
class Start:
    """A START record."""

    cookie: int
    is_reinstated: int
    peer: str
    nexus: str
    chap_user: str


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
    return Start(cookie, reinstated, text16(peer), text16(nexus), text16(user))


def parse_info(raw: bytes) -> Info:
    """Take a SESSION_INFO record apart."""
    _, reserved, *numbers, erl, reserved2 = INFO.unpack(raw)[:11]
    assert reserved == reserved2 == 0
    rest = INFO.unpack(raw)[11:]
    return Info(*numbers, erl, *rest[:7], *map(text, rest[7:]))


class Device:
    """An open /dev/iscsitgt_spt."""

    def __init__(self, flags: int = os.O_NONBLOCK) -> None:
        self.fd = os.open(DEVICE, os.O_RDONLY | os.O_CLOEXEC | flags)

    def __enter__(self) -> Device:
        return self

    def __exit__(self, kind: type[BaseException] | None,
                 error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Give up the file, and with it the pin on the module."""
        os.close(self.fd)

    def ioctl(self, record: ctypes.Array[ctypes.c_char]) -> Answer:
        """Send any record; what comes back is in it."""
        failed = libc.ioctl(self.fd, IOCTL_SCSI_MINIPORT, record)
        error = ctypes.get_errno() if failed else 0
        return Answer(error, HEADER.unpack_from(record)[4])

    def stop(self, cookie: int, timeout: int = 30) -> Answer:
        """SESSION_END."""
        record = STOP.pack(header(SESSION_END, 12, timeout), 0, cookie)
        return self.ioctl(ctypes.create_string_buffer(record, len(record)))

    def info(self, cookie: int) -> Info | None:
        """SESSION_INFO; None when there is no such session."""
        raw = STOP.pack(header(SESSION_INFO, INFO.size - 28), 0, cookie)
        record = ctypes.create_string_buffer(raw, INFO.size)
        answer = self.ioctl(record)
        if answer == UNKNOWN:
            return None
        assert answer == DONE
        info = parse_info(record.raw)
        assert info.cookie == cookie
        return info

    def known(self, cookie: int) -> Info:
        """SESSION_INFO of a session that is there."""
        info = self.info(cookie)
        assert info, f"no session has the cookie {cookie:#x}"
        return info

    def read_raw(self, size: int) -> tuple[bytes, int]:
        """read(): what came, and the errno when that is nothing."""
        buffer = ctypes.create_string_buffer(size)
        got = libc.read(self.fd, buffer, ctypes.c_size_t(size))
        if got < 0:
            return b"", ctypes.get_errno()
        return buffer.raw[:got], 0

    def read(self, size: int = 64 * START.size) -> list[Start]:
        """The START records of one read(), none at the end of them."""
        raw, error = self.read_raw(size)
        assert error in (0, errno.EAGAIN), os.strerror(error)
        assert len(raw) % START.size == 0
        return [parse_start(raw[at:at + START.size])
                for at in range(0, len(raw), START.size)]

    def read_all(self, size: int = 64 * START.size) -> list[Start]:
        """All START records that are left."""
        starts: list[Start] = []
        while more := self.read(size):
            starts += more
        return starts


def starts() -> list[Start]:
    """One listing, each session once."""
    with Device() as device:
        found = device.read_all()
    cookies = [start.cookie for start in found]
    assert 0 not in cookies and len(set(cookies)) == len(cookies), cookies
    return found


def sessions() -> dict[str, Info]:
    """What there is, by initiator name; for tests with one session each."""
    by_name: dict[str, Info] = {}
    with Device() as device:
        for start in device.read_all():
            info = device.info(start.cookie)
            if info:
                assert info.initiator not in by_name, info
                by_name[info.initiator] = info
    return by_name


def cookie_of(initiator: str) -> int:
    """The cookie of the one session of an initiator."""
    return sessions()[initiator].cookie


def stop(cookie: int, timeout: int = 30) -> Answer:
    """SESSION_END through a file of its own."""
    with Device() as device:
        return device.stop(cookie, timeout)

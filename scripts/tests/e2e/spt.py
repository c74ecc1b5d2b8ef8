# SPDX-License-Identifier: GPL-2.0
"""The module and its device, on the level of the records.

ctypes instead of fcntl.ioctl() and os.read(), which may retry after a signal:
EINTR is an answer here.
"""
from __future__ import annotations

import ctypes
import errno
import os
import select
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import lio
import records
from records import (ABORTED, BUSY, EVICT, HEADER, HOLD, HOLD_GET, HOLD_LIFT, HOLD_SET,
                     HOLDS, INFO, INTERNAL_ERROR, INVALID_REQUEST, LIST, NO_DEVICE,
                     PENDING, SESSION_END, SESSION_EVICT, SESSION_INFO, SESSION_LIST,
                     START, STOP, SUCCESS, TIMEOUT, Event, Info, Start, header)
from tools import until

NAME = "iscsitgt_spt"
MODULE = Path(os.environ["VM_MODULES"]) / f"{NAME}.ko"
DEVICE = Path("/dev") / NAME

FINIT_MODULE = 313
IOCTL_SCSI_MINIPORT = 3 << 30 | 28 << 16 | 0xbd << 8 | 0x02

libc = ctypes.CDLL(None, use_errno=True)
libc.read.restype = ctypes.c_ssize_t
libc.ioctl.argtypes = (ctypes.c_int, ctypes.c_ulong, ctypes.c_void_p)


def insmod(*parameters: str, module: Path = MODULE) -> None:
    """Load the module, or another one; nobody has to wait for the device's node.

    Without a process for it, which takes longer than all the rest.
    """
    error = insmod_error(" ".join(parameters), module)
    assert not error, os.strerror(error)


def insmod_error(parameters: str, module: Path = MODULE) -> int:
    """Try to load the module, or another one; return the errno of that."""
    with open(module, "rb") as file:
        if libc.syscall(FINIT_MODULE, file.fileno(), parameters.encode(), 0) == 0:
            return 0
    return ctypes.get_errno()


def rmmod(name: str = NAME) -> None:
    """Unload a module."""
    error = unload_error(name)
    assert not error, os.strerror(error)


def unload_error(name: str = NAME) -> int:
    """Try to unload a module without waiting; return the errno of that."""
    if libc.delete_module(name.encode(), os.O_NONBLOCK) == 0:
        return 0
    return ctypes.get_errno()


def is_in_use() -> bool:
    """Whether unloading is refused; if it is not, the module is gone."""
    error = unload_error()
    assert error in (0, errno.EWOULDBLOCK), os.strerror(error)
    return bool(error)


def unload() -> None:
    """Unload the module, which nothing that a test did may keep from going."""
    if is_loaded():
        # An emulated processor can trip over a probe that is taken away from
        # where it is; see processors.py.
        until(lambda: not lio.session_threads(), "the sessions have left LIO")
        until(lambda: not is_in_use(), "the module can be unloaded")


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
NO_MEMORY = Answer(errno.ENOMEM, INTERNAL_ERROR)
INVALID = Answer(errno.EINVAL, INVALID_REQUEST)
UNSUPPORTED = Answer(errno.EOPNOTSUPP, INVALID_REQUEST)
FULL = Answer(errno.ENOSPC, BUSY)


@dataclass(frozen=True)
class Hold:
    """A hold, as it is listed."""

    initiator: str
    target: str
    left: int


class Device:
    """An open /dev/iscsitgt_spt."""

    def __init__(self, flags: int = os.O_NONBLOCK) -> None:
        self.fd = os.open(DEVICE, os.O_RDONLY | os.O_CLOEXEC | flags)

    def duplicate(self) -> Device:
        """The same open file once more."""
        other = Device.__new__(Device)
        other.fd = os.dup(self.fd)
        return other

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

    def ask(self, cookie: int) -> tuple[Answer, bytes]:
        """SESSION_INFO, however it is answered, and the record."""
        raw = STOP.pack(header(SESSION_INFO, INFO.size - 28), 0, cookie)
        record = ctypes.create_string_buffer(raw, INFO.size)
        return self.ioctl(record), record.raw

    def info(self, cookie: int) -> Info | None:
        """SESSION_INFO; None when there is no such session."""
        answer, record = self.ask(cookie)
        if answer == UNKNOWN:
            return None
        assert answer == DONE
        info = records.parse_info(record)
        assert info.cookie == cookie
        return info

    def ask_list(self, after: int = 0, room: int = 64,
                 size: int = INFO.size) -> tuple[Answer, int, list[bytes]]:
        """SESSION_LIST, however it is answered, what to go on with, and the records."""
        raw = LIST.pack(header(SESSION_LIST, LIST.size - 28 + room * size), 0, after,
                        room, size)
        blank = b"\x5a" * size
        record = ctypes.create_string_buffer(raw + room * blank,
                                             LIST.size + room * size)
        answer = self.ioctl(record)
        _, _, next_, count, _ = LIST.unpack_from(record)
        if answer == DONE:
            assert record.raw[LIST.size + count * size:] == (room - count) * blank
        ends = range(LIST.size + size, LIST.size + (count + 1) * size, size)
        return answer, next_, [record.raw[end - size:end] for end in ends]

    def list(self, room: int = 64) -> list[Info]:
        """Every session that there is."""
        found: list[Info] = []
        next_ = 0
        while True:
            answer, next_, listed = self.ask_list(next_, room)
            assert answer == DONE and len(listed) <= room, answer
            found += map(records.parse_info, listed)
            if not next_:
                break
        cookies = [info.cookie for info in found]
        assert cookies == sorted(set(cookies))
        return found

    def known(self, cookie: int) -> Info:
        """SESSION_INFO of a session that is there."""
        info = self.info(cookie)
        assert info, f"no session has the cookie {cookie:#x}"
        return info

    def evict(self, cookie: int, seconds: int = 60, flags: int = 0,
              timeout: int = 30) -> Answer:
        """SESSION_EVICT."""
        return self.evict_flags(cookie, seconds, flags, timeout)[0]

    def evict_flags(self, cookie: int, seconds: int = 60, flags: int = 0,
                    timeout: int = 30) -> tuple[Answer, int]:
        """SESSION_EVICT, and what its flags are then."""
        raw = EVICT.pack(header(SESSION_EVICT, EVICT.size - 28, timeout), 0, cookie,
                         seconds, flags)
        record = ctypes.create_string_buffer(raw, len(raw))
        return self.ioctl(record), EVICT.unpack(record.raw)[4]

    def hold(self, operation: int, initiator: str = "", target: str = "",
             seconds: int = 0, index: int = 0) -> tuple[Answer, bytes]:
        """HOLD, however it is answered, and the record."""
        raw = HOLDS.pack(header(HOLD, HOLDS.size - 28), operation, seconds, index, 0,
                         0, initiator.encode(errors="surrogateescape"),
                         target.encode())
        record = ctypes.create_string_buffer(raw, len(raw))
        return self.ioctl(record), record.raw

    def set_hold(self, initiator: str, target: str = "", seconds: int = 60) -> Answer:
        """Keep it out."""
        return self.hold(HOLD_SET, initiator, target, seconds)[0]

    def lift(self, initiator: str, target: str = "") -> Answer:
        """Let it in again."""
        return self.hold(HOLD_LIFT, initiator, target)[0]

    def holds(self) -> list[Hold]:
        """All that there are; nobody sets or lifts one meanwhile."""
        found: list[Hold] = []
        while True:
            answer, raw = self.hold(HOLD_GET, index=len(found))
            if answer == UNKNOWN:
                return found
            assert answer == DONE, answer
            _, _, left, _, _, _, *names = HOLDS.unpack(raw)
            found.append(Hold(*map(records.text, names), left))

    def read_raw(self, size: int) -> tuple[bytes, int]:
        """read(): what came, and the errno when that is nothing."""
        buffer = ctypes.create_string_buffer(size)
        got = libc.read(self.fd, buffer, ctypes.c_size_t(size))
        if got < 0:
            return b"", ctypes.get_errno()
        return ctypes.string_at(buffer, got), 0

    def is_readable(self, seconds: float = 0) -> bool:
        """poll(), at this moment or until then."""
        poll = select.poll()
        poll.register(self.fd, select.POLLIN)
        events = poll.poll(seconds * 1000)
        assert events in ([], [(self.fd, select.POLLIN)])
        return bool(events)

    def read(self, size: int = 64 * START.size) -> list[Event]:
        """The records of one read(), none at the end of them."""
        raw, error = self.read_raw(size)
        if error not in (0, errno.EAGAIN):
            raise OSError(error, os.strerror(error))
        return records.parse_events(raw)

    def read_all(self, size: int = 64 * START.size) -> list[Event]:
        """All records that are left."""
        found: list[Event] = []
        while more := self.read(size):
            found += more
        return found


def starts() -> list[Start]:
    """One listing of the sessions that are there."""
    with Device() as device:
        return records.live(device.read_all())


def sessions() -> dict[str, Info]:
    """What there is, by initiator name; for tests with one session each."""
    by_name: dict[str, Info] = {}
    with Device() as device:
        for start in records.live(device.read_all()):
            info = device.info(start.cookie)
            if info:
                assert info.initiator not in by_name, info
                by_name[info.initiator] = info
    return by_name


def cookie_of(initiator: str) -> int:
    """The cookie of the one session of an initiator."""
    return sessions()[initiator].cookie


def cookies_of(initiator: str) -> list[int]:
    """The cookies of all sessions of an initiator."""
    return [start.cookie for start in starts() if start.initiator == initiator]


def stop(cookie: int, timeout: int = 30) -> Answer:
    """SESSION_END through a file of its own."""
    with Device() as device:
        return device.stop(cookie, timeout)

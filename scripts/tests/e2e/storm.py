# SPDX-License-Identifier: GPL-2.0
"""Many logins and logouts at random, and readers that keep up with them."""
from __future__ import annotations

import errno
import os
import select
import subprocess
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from types import TracebackType

import records
from background import Background
from lio import Tpg
from records import SESSION_START, STOP, Start, parse_start, parse_stop
from spt import Device
from tools import until

STORM = Path("/src/build/storm/storm")

# What storm says of an end, and the cause that LIO should have.
CAUSES = {"logout": records.LOGOUT, "drop": records.CONNECTION_LOST,
          "reinstated": records.REINSTATED}


@dataclass(frozen=True)
class Login:
    """A session, as the initiator knows it."""

    initiator: str
    isid: str
    end: str


class Storm:
    """The program; what lingers logs out when it is told to go."""

    numbers = count()

    def __init__(self, tpgs: list[Tpg], sessions: int, **options: object) -> None:
        self._log = Path(f"/tmp/storm{next(self.numbers)}")
        words = [str(STORM), "--target", tpgs[0].iqn, "--sessions", str(sessions),
                 "--log", str(self._log)]
        for tpg in tpgs:
            words += ["--portal", str(tpg.portal)]
        for name, value in options.items():
            words += [f"--{name.replace('_', '-')}", str(value)]
        self._process = subprocess.Popen(words, text=True, stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE)

    def __enter__(self) -> Storm:
        return self

    def __exit__(self, kind: type[BaseException] | None,
                 error: BaseException | None,
                 trace: TracebackType | None) -> None:
        if self.is_running():
            self._process.kill()
            self._process.wait()

    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def wait_until_ready(self) -> None:
        """Only those are left that stay."""
        assert self._process.stdout
        assert self._process.stdout.readline() == "ready\n"

    def finish(self) -> list[Login]:
        """Have those log out that stay; all sessions, in the order of their logins."""
        self._process.communicate("")
        assert self._process.returncode == 0
        return [replace(login, end="logout") if login.end == "live" else login
                for login in self.logins()]

    def logins(self) -> list[Login]:
        """All sessions, in the order of their logins."""
        *lines, _ = self._log.read_text(encoding="ascii").splitlines()
        logins = []
        for line in lines:
            initiator, isid, _, end = line.split()
            logins.append(Login(initiator, isid, end))
        return logins


class Reader:
    """Reads in a thread, and looks at what it has read only afterwards.

    Its way is to block, to poll, or to be slow: to read a little each 20 seconds,
    until it is in a hurry.  It bears with more errors than there have to be.
    """

    STOP_MARK = records.header(records.SESSION_END, STOP.size - 28)[:20]

    def __init__(self, way: str, *bears: int) -> None:
        self.way = way
        self._bears = (0, errno.EAGAIN, errno.EINTR, errno.EPIPE, *bears)
        self.device = Device(0 if way == "block" else os.O_NONBLOCK)
        self.losses = 0
        self.hurry = way != "slow"
        self._raw: list[bytes] = []
        self._done = False
        self._thread = Background(self._run)

    def _run(self) -> None:
        poll = select.poll()
        poll.register(self.device.fd, select.POLLIN)
        seconds = count(1)
        while not self._done:
            if not self.hurry:
                time.sleep(1)
                if next(seconds) % 20:
                    continue
            elif self.way != "block":
                poll.poll(1000)
            self._read()

    def _read(self) -> bool:
        raw, error = self.device.read_raw(64 << 10)
        assert error in self._bears, os.strerror(error)
        if error == errno.EPIPE:
            self.losses += 1
            self._raw = []
        self._raw.append(raw)
        return error in (0, errno.EPIPE)

    def ends(self) -> int:
        """How many ends it has read, while it reads on."""
        return sum(raw.count(self.STOP_MARK) for raw in list(self._raw))

    def finish(self) -> None:
        """Read what is left; no matter if that is done already."""
        if self._done:
            return
        self._done = self.hurry = True
        until(self._is_interrupted, "it reads no more")
        self._thread.result()
        os.set_blocking(self.device.fd, False)
        while self._read():
            pass
        self.device.close()

    def _is_interrupted(self) -> bool:
        if self._thread.is_running():
            self._thread.interrupt()
        return not self._thread.is_running()

    def sessions(self) -> dict[int, Told]:
        """By cookie; fails unless each was told once, its start first."""
        found: dict[int, Told] = {}
        for code, record in records.split(b"".join(list(self._raw))):
            if code == SESSION_START:
                start = parse_start(record)
                assert start.cookie not in found, f"started twice: {start}"
                found[start.cookie] = Told(start)
            else:
                stop = parse_stop(record)
                told = found.get(stop.cookie)
                assert told, f"ended before its start: {stop}"
                assert told.cause is None, f"ended twice: {stop}"
                told.cause = stop.cause
        return found


@dataclass
class Told:
    """A session, as a reader knows it."""

    start: Start
    cause: str | None = None

    @property
    def nexus(self) -> tuple[str, str]:
        """Initiator and ISID."""
        initiator, _, isid = self.start.nexus.split(",")[:3]
        return initiator, isid.removeprefix("0x")


def live(told: dict[int, Told]) -> set[int]:
    """Cookies of those who have not ended."""
    return {cookie for cookie, session in told.items() if session.cause is None}


def assert_same(told: dict[int, Told], logins: list[Login],
                causes: bool = True) -> None:
    """Each login was told once, in order where the nexus is the same."""
    by_login: dict[tuple[str, str], list[str | None]] = defaultdict(list)
    by_reader: dict[tuple[str, str], list[str | None]] = defaultdict(list)
    for login in logins:
        by_login[login.initiator, login.isid].append(CAUSES.get(login.end))
    for session in told.values():
        by_reader[session.nexus].append(session.cause)
    assert {nexus: len(ends) for nexus, ends in by_reader.items()} == \
        {nexus: len(ends) for nexus, ends in by_login.items()}
    wrong = {nexus: (by_reader[nexus], ends) for nexus, ends in by_login.items()
             if by_reader[nexus] != ends}
    assert not wrong or not causes, wrong


def counted(tpgs: list[Tpg]) -> Counter[str]:
    """LIO's own view: how many sessions each initiator has."""
    return Counter(name for tpg in tpgs for name in tpg.dynamic_sessions() if name)

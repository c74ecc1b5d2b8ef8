# SPDX-License-Identifier: GPL-2.0
"""However many come and go, and however fast: each is told once."""
from __future__ import annotations

import os
import time
from collections import Counter
from typing import Callable, Iterator

import processors
import pytest
import spt
import status
from events import Events
from lio import Lio, Tpg
from storm import Reader, Storm, assert_same, counted, live
from test_noticing import silence
from tools import SLOW, rounds, until

Read = Callable[..., list[Reader]]

# On the debug kernel each takes a tenth of a second.
SESSIONS = int(os.environ.get("STORM_SESSIONS", 2_000 if SLOW else 10_000))
FEWER = SESSIONS // 5
STAY = 20


@pytest.fixture(name="tpgs")
def tpgs_(lio: Lio) -> list[Tpg]:
    """Two of one target; with short queues, which make logins cheap."""
    made = [lio.open_tpg(tag) for tag in (1, 2)]
    for tpg in made:
        tpg.attribute("default_cmdsn_depth", 1)
    return made


@pytest.fixture(name="silenced")
def silenced_() -> Iterator[None]:
    """No probe fires."""
    silence(True)
    yield
    silence(False)


@pytest.fixture(name="one_processor")
def one_processor_() -> Iterator[None]:
    """See processors.py."""
    yield from processors.only_one()


@pytest.fixture(name="read")
def read_(lio: Lio, cleanup: list[Callable[[], object]]) -> Callable[..., list[Reader]]:
    """Starts readers of several ways."""
    def make(*ways: str) -> list[Reader]:
        made = [Reader(way) for way in ways]
        cleanup.extend(reader.finish for reader in made)
        return made
    return make


def assert_all_told(tpgs: list[Tpg], storm: Storm, readers: list[Reader],
                    causes: bool = True) -> None:
    """Over a whole storm: what readers know is what initiators and LIO know."""
    storm.wait_until_ready()
    until(lambda: len(spt.starts()) == STAY, "only those are left that stay")
    logins = storm.logins()
    there = spt.starts()
    alive = {start.cookie for start in there}
    assert counted(tpgs) == Counter(start.initiator for start in there) == \
        Counter(login.initiator for login in logins if login.end == "live")
    for reader in readers:
        reader.hurry = True
        if reader.way == "slow":
            until(lambda one=reader: live(one.sessions()) == alive,
                  "the slow one has caught up")
        else:
            until(lambda one=reader: one.ends() == len(logins) - STAY,
                  "each end was told")
            assert not reader.losses
            told = reader.sessions()
            assert live(told) == alive
            assert_same(told, logins, causes)

    storm.finish()
    until(lambda: not spt.starts(), "nobody is left")
    for reader in readers:
        reader.finish()
        assert not live(reader.sessions())


def test_each_is_told_once(tpgs: list[Tpg], module: None, read: Read,
                           measured: Callable[[str], None]) -> None:
    """Thousands of sessions of all kinds, to readers of all kinds."""
    began = time.monotonic()
    readers = read("block", "poll", "slow")
    ends = ",".join(["logout"] * 15 + ["drop"])
    with Storm(tpgs, SESSIONS, leave=STAY, end=ends, reinstate=3,
               linger_ms="0-200", concurrent=64) as storm:
        assert_all_told(tpgs, storm, readers)
    assert status.number("sessions") == 0
    assert status.number("events") == 2 * SESSIONS
    measured(f"{SESSIONS} sessions in {time.monotonic() - began:.0f} s; the slow "
             f"reader fell behind {readers[2].losses} times; "
             f"{status.number('hints_missed')} hints missed, "
             f"{status.number('rescans')} looks at LIO")


def test_silenced(tpgs: list[Tpg], module: None, silenced: None,
                  read: Read) -> None:
    """Without probes, as long as they live longer than it takes to look."""
    readers = read("block", "poll")
    linger = "2000-4000" if SLOW else "500-1000"
    with Storm(tpgs, 500, leave=STAY, linger_ms=linger, concurrent=64) as storm:
        assert_all_told(tpgs, storm, readers, causes=False)
    assert status.number("hints") == 0


def test_few_captures(tpgs: list[Tpg], read: Read) -> None:
    """With room to note one end only, the looks have to do."""
    spt.insmod("captures=1")
    readers = read("block", "poll")
    linger = "500-1000" if SLOW else "50-250"
    with Storm(tpgs, FEWER, leave=STAY, linger_ms=linger, concurrent=64) as storm:
        assert_all_told(tpgs, storm, readers, causes=False)


def test_loaded_in_the_middle(tpgs: list[Tpg], one_processor: None) -> None:
    """insmod and rmmod while they come and go: each that is seen is told once."""
    seen = 0
    with Storm(tpgs, 100_000, concurrent=32, linger_ms="0-100") as storm:
        for _ in range(rounds(10)):
            spt.insmod()
            with Events() as events:
                for _ in range(60):
                    events.next(30)
                events.rest()
            seen += len(events.stops())
            assert storm.is_running()
            until(lambda: not spt.is_in_use(), "the module goes")
    assert seen
    spt.insmod()
    until(lambda: not spt.starts(), "nobody is left")

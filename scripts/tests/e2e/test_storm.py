# SPDX-License-Identifier: GPL-2.0
"""However many come and go, and however fast: each is told once."""
from __future__ import annotations

import os
import time
from collections import Counter
from typing import Callable, Iterator

import lio as lio_
import pytest
import records
import spt
import status
from lio import Lio, Tpg
from spt import Device
from storm import Login, Reader, Storm, Told, assert_same, counted, live
from test_noticing import silence
from tools import SLOW, rounds, until
from wire import WireInitiator

Wire = Callable[..., WireInitiator]
Read = Callable[..., list[Reader]]

# On the debug kernel each takes a tenth of a second.
SESSIONS = int(os.environ.get("STORM_SESSIONS", 2_000 if SLOW else 10_000))
FEWER = int(os.environ.get("STORM_SESSIONS", 500 if SLOW else 2_000))
assert min(SESSIONS, FEWER) >= 500, "too few for the slow reader to fall behind"
STAY = 20

CONCURRENT = 32

# So many that the slow reader falls behind, and the others do not.
RING = 512


@pytest.fixture(name="silenced")
def silenced_() -> Iterator[Callable[[], None]]:
    """No probe fires from the call on."""
    yield lambda: silence(True)
    silence(False)



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
            assert reader.losses
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


def test_each_is_told_once(tpgs: list[Tpg], read: Read,
                           measured: Callable[[str], None]) -> None:
    """Thousands of sessions of all kinds, to readers of all kinds."""
    spt.insmod(f"events={RING}")
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


def test_silenced(tpgs: list[Tpg], silenced: Callable[[], None],
                  read: Read) -> None:
    """Without probes, as long as they live longer than it takes to look."""
    spt.insmod(f"events={RING}")
    silenced()
    readers = read("block", "poll", "slow")
    linger = "2000-4000" if SLOW else "500-1000"
    with Storm(tpgs, FEWER, leave=STAY, linger_ms=linger, concurrent=128) as storm:
        assert_all_told(tpgs, storm, readers, causes=False)
    assert status.number("hints") == 0


def test_few_captures(tpgs: list[Tpg], read: Read) -> None:
    """With room to note one end only, the looks have to do."""
    spt.insmod("captures=1", f"events={RING}")
    readers = read("block", "poll", "slow")
    linger = "500-1000" if SLOW else "50-250"
    with Storm(tpgs, FEWER, leave=STAY, linger_ms=linger, concurrent=64) as storm:
        assert_all_told(tpgs, storm, readers, causes=False)
    assert status.number("hints_missed")


def assert_told_since(told: dict[int, Told], logins: list[Login],
                      before: int) -> None:
    """All but some of the first ones, of each I_T nexus the last ones."""
    by_login = Counter((login.initiator, login.isid) for login in logins)
    by_reader = Counter(session.nexus for session in told.values())
    # What the target counts in one order, the initiators may in another.
    late = Counter((login.initiator, login.isid)
                   for login in logins[before + CONCURRENT:])
    assert late
    assert not late - by_reader, "sessions that came later were not told"
    assert not by_reader - by_login, "there were no such sessions"
    assert len(logins) - len(told) <= before


def sid_of(initiator: str) -> int:
    """Which session of its TPG it is, from 1 on, as LIO counts them."""
    with Device() as device:
        start, = (start for start in records.live(device.read_all())
                  if start.initiator == initiator)
        return device.known(start.cookie).sid


def test_loaded_in_the_middle(lio: Lio, wire: Wire, read: Read,
                              one_processor: None) -> None:
    """insmod while they come and go: who is there, and whoever comes, once."""
    sessions = 300 if SLOW else 500
    for tag in range(1, rounds(5) + 1):
        tpg = lio.open_tpg(tag)
        # Not so fast that it is over before somebody else gets to run.
        with Storm([tpg], sessions, leave=STAY, concurrent=CONCURRENT,
                   linger_ms="0-300", pause=60 if SLOW else 10) as storm:
            until(lambda: len(lio_.session_threads()) > CONCURRENT // 2, "it storms")
            spt.insmod()
            reader, = read("block")
            one = wire(tpg)
            before = sid_of(one.name) - 1
            assert 0 < before < sessions, "it was not in the middle"
            one.logout()
            storm.wait_until_ready()
            until(lambda: len(spt.starts()) == STAY, "only those are left that stay")
            alive = spt.starts()
            assert counted([tpg]) == Counter(start.initiator for start in alive)
            until(lambda: live(reader.sessions()) == {start.cookie for start in alive},
                  "the reader knows that")
            told = {cookie: session for cookie, session in reader.sessions().items()
                    if session.start.initiator != one.name}
            assert_told_since(told, storm.logins(), before)
            storm.finish()
        until(lambda: not spt.starts(), "nobody is left")
        reader.finish()
        spt.rmmod()

# SPDX-License-Identifier: GPL-2.0
"""Probes and processors come and go: each session is told, each stop confirmed."""
from __future__ import annotations

import time
from typing import Callable, Iterator

import processors
import pytest
import records
import spt
import status
from lio import Tpg
from storm import Reader, Storm, assert_same
from stress import Repeated, Stress
from test_noticing import silence
from tools import SLOW, until
from wire import WireInitiator

Read = Callable[..., list[Reader]]

# Nobody falls behind.
RING = "events=65536"

# How long sessions stay: longer than the module takes to see that probes are silent,
# for which it looks once a second.
LONG = "3000-5000" if SLOW else "1500-2500"

# Longer than that: nobody has the module look by what he does.
QUIET = 6 if SLOW else 4

SHORT = "0-200"


class Stops:
    """Sessions that log in to be stopped, each by the cookie that is listed."""

    def __init__(self, tpg: Tpg, stress: Stress) -> None:
        self._tpg = tpg
        self._stress = stress
        self.cookies: set[int] = set()

    def some(self, after: float) -> None:
        """A few, after so many seconds of quiet."""
        time.sleep(after)
        for _ in range(self._stress.random.randint(1, 5)):
            self._one()

    def _one(self) -> None:
        one = WireInitiator(self._tpg).login()
        cookie, = spt.cookies_of(one.name)
        assert spt.stop(cookie) == spt.DONE
        assert spt.stop(cookie, 0) == spt.UNKNOWN
        self.cookies.add(cookie)
        one.see_the_end()
        one.close()


def assert_nothing_is_lost(stops: Stops, readers: list[Reader], storm: Storm,
                           disturb: Callable[[], None], quiet: float,
                           causes: bool) -> None:
    """While it is disturbed all the time, and some are stopped after each quiet."""
    with Repeated(lambda: stops.some(quiet)), Repeated(disturb):
        storm.wait_until_ready()
    logins = storm.finish()
    until(lambda: not spt.starts(), "nobody is left")
    assert status.number("sessions") == 0
    for reader in readers:
        until(lambda one=reader: one.ends() == len(logins) + len(stops.cookies),
              "each end was told")
        reader.finish()
        assert not reader.losses
        told = reader.sessions()
        stopped = {cookie: told.pop(cookie) for cookie in stops.cookies}
        assert {one.cause for one in stopped.values()} == {records.STOPPED}
        assert_same(told, logins, causes)


@pytest.fixture(name="heard")
def heard_() -> Iterator[None]:
    """The probes are not silent when it is over."""
    yield
    silence(False)


@pytest.mark.parametrize("parameters", [
    "", "captures=1", "kprobes=0"], ids=["probes", "one-capture", "no-probes"])
def test_toggled(tpgs: list[Tpg], read: Read, stress: Stress, parameters: str,
                 one_processor: None, heard: None) -> None:
    """kernel.ftrace_enabled at random; the code that it changes has one processor."""
    spt.insmod(RING, *parameters.split())
    toggles = 0

    def toggle() -> None:
        nonlocal toggles
        silence(toggles % 2 == 0)
        stress.pause(1 if toggles % 2 else QUIET)
        toggles += 1

    sessions = 20 + stress.scaled(800, 120)
    stops = Stops(tpgs[0], stress)
    readers = read("block", "poll")
    with Storm(tpgs, sessions, linger_ms=LONG, concurrent=48, leave=1) as storm:
        assert_nothing_is_lost(stops, readers, storm, toggle, QUIET, causes=False)
    assert toggles
    stress.count(toggles, "toggles")
    stress.count(len(stops.cookies), "stops")
    stress.count(sessions, "sessions")


def test_processor_comes_and_goes(tpgs: list[Tpg], read: Read,
                                  stress: Stress) -> None:
    """Whoever runs there runs elsewhere: LIO, the probes, the work, those who wait."""
    spt.insmod(RING)
    turns = 0

    def turn() -> None:
        nonlocal turns
        for on in (False, True):
            processors.turn_others(on)
            stress.pause(0.3)
        turns += 1

    sessions = 40 + stress.scaled(3000, 400)
    began = time.monotonic()
    stops = Stops(tpgs[0], stress)
    readers = read("block", "poll")
    with Storm(tpgs, sessions, linger_ms=SHORT, concurrent=32, leave=1) as storm:
        assert_nothing_is_lost(stops, readers, storm, turn, 0.1, causes=True)
    assert turns > 1
    stress.count(turns, "turns")
    stress.count(len(stops.cookies), "stops")
    stress.count(sessions, f"sessions in {time.monotonic() - began:.0f} s")

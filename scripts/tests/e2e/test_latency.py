# SPDX-License-Identifier: GPL-2.0
"""How long it takes to be told, and what a login pays for that."""
from __future__ import annotations

import statistics
import time
from typing import Callable, Iterator

import pytest
import records
import spt
import status
from events import SOON, Events
from lio import Lio, Tpg
from status import Probe, Trace
from wire import WireInitiator

Wire = Callable[..., WireInitiator]
Measured = Callable[[str], None]

# The debug kernel says nothing about one that anybody uses.
pytestmark = pytest.mark.stock


@pytest.fixture(name="gone")
def gone_(lio: Lio) -> Iterator[str]:
    """A trace event for the moment when LIO has closed a session."""
    with Probe("r", "iscsit_close_session"):
        yield Probe.EVENT


def ms(seconds: float) -> str:
    """For people."""
    return f"{seconds * 1000:.1f} ms"


def now() -> float:
    """On the clock of the trace."""
    return time.clock_gettime(time.CLOCK_MONOTONIC)


def woken(tpg: Tpg, wire: Wire) -> float:
    """When a reader has woken for a logout."""
    with Events() as events:
        events.rest()
        one = wire(tpg)
        start = events.start(one.name)
        one.begin_logout()
        assert events.device.is_readable(SOON)
        woke = now()
        events.stop(start.cookie)
        one.see_the_end()
        return woke


def stopped(tpg: Tpg, wire: Wire) -> float:
    """When a stop that waits has been answered."""
    wire(tpg)
    with spt.Device() as device:
        start, = records.live(device.read_all())
        assert device.stop(start.cookie) == spt.DONE
        return now()


WAITS = {"a reader wakes": woken, "a stop returns": stopped}


@pytest.mark.parametrize("what", WAITS)
def test_end_to_wakeup(tpg: Tpg, wire: Wire, gone: str, measured: Measured,
                       what: str) -> None:
    """From LIO's end of a session to who waits for it: by the event, no polling.

    Without the probes somebody has to look, at intervals.
    """
    took: dict[str, list[float]] = {"Y": [], "N": []}
    for _ in range(4):
        for kprobes, late in took.items():
            spt.insmod(f"kprobes={kprobes}")
            with Trace(gone) as trace:
                times = [WAITS[what](tpg, wire) for _ in range(10)]
                ends = [when for _, when, _ in trace.lines()]
            assert len(ends) == len(times)
            late += [time - end for time, end in zip(times, ends)]
            spt.unload()
    by_event, by_looking = (statistics.median(late) for late in took.values())
    measured(f"{what} {ms(by_event)} (median), {ms(max(took['Y']))} (most) after LIO "
             f"has closed a session, {by_event / by_looking:.2f} of what it takes "
             f"without probes")
    assert by_event < by_looking / 2


def login_times(tpg: Tpg, wire: Wire, count: int) -> list[float]:
    """Logins one after another: seconds each."""
    took = []
    for _ in range(count):
        began = time.monotonic()
        one = wire(tpg)
        took.append(time.monotonic() - began)
        one.logout()
    return took


def test_what_a_login_pays(tpg: Tpg, lio: Lio, wire: Wire,
                           measured: Measured) -> None:
    """The same logins with the probes and without, turn by turn."""
    took: dict[str, list[float]] = {"Y": [], "N": []}
    for _ in range(8):
        for kprobes, times in took.items():
            spt.insmod(f"kprobes={kprobes}")
            assert status.text("noticing") == \
                {"Y": "probes", "N": "scans: turned off"}[kprobes]
            login_times(tpg, wire, 3)
            times += login_times(tpg, wire, 22)
            spt.unload()
    with_probes, without = (statistics.median(times) for times in took.values())
    measured(f"a login takes {ms(without)} (median) without probes, "
             f"{with_probes / without:.3f} times that with them, "
             f"{(with_probes - without) * 1e6:+.0f} us")


def test_what_holds_cost(tpg: Tpg, lio: Lio, wire: Wire, measured: Measured) -> None:
    """The same logins with no hold, with one and with a thousand, turn by turn."""
    took: dict[int, list[float]] = {0: [], 1: [], 1000: []}
    spt.insmod()
    with spt.Device() as device:
        for _ in range(8):
            for count, times in took.items():
                names = [f"iqn.2024-01.com.example:held{each}" for each in range(count)]
                for name in names:
                    assert device.set_hold(name) == spt.DONE
                login_times(tpg, wire, 3)
                times += login_times(tpg, wire, 22)
                for name in names:
                    assert device.lift(name) == spt.DONE
    none, one, many = (statistics.median(times) for times in took.values())
    measured(f"a login takes {ms(none)} (median) with no hold, {one / none:.3f} times "
             f"that with one, {many / none:.3f} times with a thousand")

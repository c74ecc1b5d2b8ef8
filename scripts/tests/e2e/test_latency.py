# SPDX-License-Identifier: GPL-2.0
"""How long it takes to be told, and what a login pays for that."""
from __future__ import annotations

import select
import statistics
import time
from typing import Callable, Iterator

import pytest
import spt
import status
from events import SOON, Events
from lio import Lio, Tpg
from status import Trace, set_tracing
from wire import WireInitiator

Wire = Callable[..., WireInitiator]
Measured = Callable[[str], None]

# The debug kernel says nothing about one that anybody uses.
pytestmark = pytest.mark.stock


@pytest.fixture(name="gone")
def gone_(lio: Lio) -> Iterator[str]:
    """A trace event for the moment when LIO has closed a session."""
    set_tracing("kprobe_events", "r:e2e/gone iscsit_close_session")
    yield "e2e/gone"
    set_tracing("kprobe_events", "-:e2e/gone")


def ms(seconds: float) -> str:
    """For people."""
    return f"{seconds * 1000:.1f} ms"


def test_end_to_wakeup(tpg: Tpg, module: None, wire: Wire, gone: str,
                       measured: Measured) -> None:
    """From LIO's end of a session to the reader that waits for it: no polling."""
    took = []
    with Trace(gone) as trace, Events() as events:
        poll = select.poll()
        poll.register(events.device.fd, select.POLLIN)
        for _ in range(50):
            one = wire(tpg)
            start = events.start(one.name)
            one.begin_logout()
            assert poll.poll(SOON * 1000)
            woken = time.clock_gettime(time.CLOCK_MONOTONIC)
            events.stop(start.cookie)
            took.append(woken)
            one.see_the_end()
        ends = [when for _, when, _ in trace.lines()]
    assert len(ends) == len(took)
    late = [woken - end for woken, end in zip(took, ends)]
    measured(f"a reader wakes {ms(statistics.median(late))} (median), "
             f"{ms(max(late))} (most) after LIO has closed a session")
    assert max(late) < SOON


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
            spt.rmmod()
    with_probes, without = (statistics.median(times) for times in took.values())
    measured(f"a login takes {ms(without)} (median) without probes, "
             f"{with_probes / without:.3f} times that with them, "
             f"{(with_probes - without) * 1e6:+.0f} us")

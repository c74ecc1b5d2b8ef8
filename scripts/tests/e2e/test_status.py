# SPDX-License-Identifier: GPL-2.0
"""sptctl status and the files that it reads: the numbers are those of what was
done."""
from __future__ import annotations

import os
import signal
import stat
from typing import Any, Callable

import spt
import sptctl
import status
from background import Background
from events import Events
from lio import Tpg
from proc import IOCTL, waits_in
from records import NO_LIMIT
from stuck import Stuck
from tools import until
from wire import WireInitiator

Wire = Callable[..., WireInitiator]

STOPS = ("done", "begun", "timed_out", "interrupted", "not_found")
NAMES = ["sessions", *(f"stops_{name}" for name in STOPS), "holds", "evictions",
         "logins_refused", "events", "events_dropped", "rescans", "hints", "hints_missed", "noticing"]


def stops(numbers: dict[str, Any]) -> dict[str, int]:
    """Those that are not 0."""
    return {name: numbers[f"stops_{name}"] for name in STOPS
            if numbers[f"stops_{name}"]}


def test_forms(tpg: Tpg, module: None, wire: Wire) -> None:
    """Text, JSON and files say the same."""
    wire(tpg)
    until(lambda: status.number("sessions") == 1, "it is counted")
    text = dict(line.split(None, 1)
                for line in sptctl.run("status").out.splitlines())
    as_json = sptctl.as_json("status")
    assert list(text) == list(as_json) == NAMES
    assert as_json["noticing"] == text["noticing"] == "probes"
    # Each look at the number of sessions is a look at LIO.
    later = {name: status.text(name) for name in NAMES}
    assert int(text.pop("rescans")) < as_json.pop("rescans") \
        < int(later.pop("rescans"))
    assert text == later == {name: str(value) for name, value in as_json.items()}
    for name in NAMES:
        mode = os.stat(status.FOLDER / name).st_mode
        assert stat.S_IMODE(mode) == 0o400


def test_new(module: None) -> None:
    """A module that was just loaded has counted nothing."""
    numbers = sptctl.as_json("status")
    assert numbers.pop("rescans") <= 3 and numbers.pop("noticing") == "probes"
    assert set(numbers.values()) == {0}


def test_sessions_and_events(tpg: Tpg, module: None, wire: Wire) -> None:
    """Who is there, and two events for each who has gone."""
    with Events() as events:
        for _ in range(3):
            wire(tpg)
        for _ in range(5):
            wire(tpg).logout()
        events.until_ended(5)
        numbers = sptctl.as_json("status")
        assert (numbers["sessions"], numbers["events"]) == (3, 13)
        assert (numbers["hints"], numbers["hints_missed"]) == (13, 0)
        assert numbers["events_dropped"] == 0
        assert stops(numbers) == {}


def test_stops(stuck: Stuck, tpg: Tpg, wire: Wire, caught: list[int]) -> None:
    """Each stop by how it was answered."""
    cookies = [spt.cookie_of(wire(tpg).name) for _ in range(3)]
    for cookie in cookies:
        assert spt.stop(cookie) == spt.DONE
    for cookie in (1, 2, cookies[0], cookies[1]):
        assert spt.stop(cookie) == spt.UNKNOWN
    assert stops(sptctl.as_json("status")) == {"done": 3, "not_found": 4}
    for _ in range(5):
        assert spt.stop(stuck.cookie, 0) == spt.BEGUN
    for _ in range(2):
        assert spt.stop(stuck.cookie, 1) == spt.STILL_ENDING

    main = os.getpid()

    def interrupt() -> None:
        until(lambda: waits_in(main, IOCTL), "the test waits in the kernel")
        os.kill(main, signal.SIGUSR1)

    helper = Background(interrupt)
    assert spt.stop(stuck.cookie, NO_LIMIT) == spt.INTERRUPTED
    helper.result()
    assert stops(sptctl.as_json("status")) == {
        "done": 3, "not_found": 4, "begun": 5, "timed_out": 2, "interrupted": 1}
    assert stuck.stop_and_resume() == spt.DONE
    assert stops(sptctl.as_json("status"))["done"] == 4

# SPDX-License-Identifier: GPL-2.0
"""Nothing is missed for want of kprobes; and it is said how things are noticed."""
from __future__ import annotations

import errno
import time
from pathlib import Path
from typing import Callable, Iterator

import pytest
import spt
import status
from events import SOON, Events
from lio import Lio, Tpg
from records import LOGOUT, Start
from status import KernelLog
from tools import sh, until
from wire import WireInitiator

Wire = Callable[..., WireInitiator]

KPROBES = Path("/sys/kernel/debug/kprobes/list")


def silence(on: bool) -> None:
    """What an admin may do to all of ftrace, kprobes at functions included."""
    sh("sysctl", "-q", f"kernel.ftrace_enabled={int(not on)}")


@pytest.fixture(name="silenced")
def silenced_(module: None) -> Iterator[None]:
    """The probes were there and fire no more."""
    assert status.text("noticing") == "probes"
    silence(True)
    yield
    silence(False)


def alive(events: Events) -> list[str]:
    """Who is there, as far as was told by now."""
    events.rest()
    return [start.initiator for start in events.live()]


def assert_scans_notice(tpg: Tpg, wire: Wire) -> None:
    """Sessions that live as long as it takes to see them are told once."""
    with Events() as events:
        for _ in range(5):
            one = wire(tpg)
            start = events.start(one.name)
            one.logout()
            events.stop(start.cookie)
        # Told or not; but what is told is told once, which Events checks.
        for _ in range(5):
            wire(tpg).logout()
        last = wire(tpg)
        until(lambda: alive(events) == [last.name], "it is told, and all ends are")
        last.logout()
        events.stop(events.live()[0].cookie)


def test_probes(tpg: Tpg, module: None, wire: Wire) -> None:
    """As it should be: each login and each logout is a hint."""
    assert status.text("noticing") == "probes"
    hints = status.number("hints")
    with Events() as events:
        for _ in range(5):
            wire(tpg).logout()
        events.until_ended(5)
    assert status.number("hints") == hints + 10
    assert status.number("hints_missed") == 0


def test_looks_little(tpg: Tpg, module: None, wire: Wire) -> None:
    """With probes, one who listens costs one look a second, nobody nothing."""
    wire(tpg)
    until(lambda: status.number("sessions") == 1, "it is seen")
    sh("sleep", 0.2)
    before = status.number("rescans")
    sh("sleep", 2)
    assert status.number("rescans") == before
    began = time.monotonic()
    with Events():
        sh("sleep", 2)
    took = time.monotonic() - began
    # The open's, the listener's first, and those of each second.
    assert 3 <= status.number("rescans") - before <= 4 + took


def test_silenced(tpg: Tpg, silenced: None, wire: Wire) -> None:
    """kernel.ftrace_enabled=0: said once in the log, and the scans go on."""
    log = KernelLog()
    hints = status.number("hints")
    assert status.text("noticing") == "scans: kprobes silenced"
    assert_scans_notice(tpg, wire)
    assert status.number("hints") == hints
    assert status.text("noticing") == "scans: kprobes silenced"
    assert log.lines() == \
        ["noticing starts and ends by scans: kprobes silenced"]

    log = KernelLog()
    silence(False)
    assert status.text("noticing") == "probes"
    with Events() as events:
        wire(tpg).logout()
        events.until_ended(1)
        assert set(events.stops().values()) == {LOGOUT}
    assert status.number("hints") == hints + 2
    assert log.lines() == ["noticing starts and ends by probes"]


def test_noticed_without_being_asked(tpg: Tpg, silenced: None, wire: Wire) -> None:
    """One who listens is enough for the log to tell that the probes are silent."""
    log = KernelLog()
    with Events():
        until(lambda: log.lines() ==
              ["noticing starts and ends by scans: kprobes silenced"], "it is said")


def test_turned_off(lio: Lio, wire: Wire) -> None:
    """kprobes=0: none are there, and everything works by looking."""
    log = KernelLog()
    spt.insmod("kprobes=0")
    tpg = lio.open_tpg()
    assert spt.NAME not in KPROBES.read_text()
    assert status.text("noticing") == "scans: turned off"
    assert_scans_notice(tpg, wire)
    one = wire(tpg)
    assert spt.stop(spt.cookie_of(one.name)) == spt.DONE
    assert status.number("hints") == status.number("hints_missed") == 0
    assert log.lines() == ["noticing starts and ends by scans: turned off",
                           "logins cannot be refused, so there are no evictions "
                           "and holds: -95",
                           *(line for line in log.lines() if "stopping" in line)]


@pytest.mark.parametrize("way", ["logout", "stop", "tpg disable"])
def test_more_ends_than_captures(lio: Lio, wire: Wire, way: str) -> None:
    """Hints that there is no room for are counted, and nothing is lost."""
    spt.insmod("captures=1")
    tpg = lio.open_tpg()
    with Events() as events:
        sessions = 0
        for _ in range(5):
            wires = [wire(tpg) for _ in range(40)]
            sessions += len(wires)
            until(lambda: events.rest() and len(events.live()) == 40, "all there")
            if way == "logout":
                for one in wires:
                    one.begin_logout()
            elif way == "stop":
                for start in events.live():
                    events.device.stop(start.cookie, 0)
            else:
                tpg.enable(False)
            events.until_ended(sessions)
            assert events.live() == []
            tpg.enable()
            if way == "tpg disable" or status.number("hints_missed"):
                break
        # LIO disables a TPG at its leisure, session by session.
        assert way == "tpg disable" or status.number("hints_missed")


@pytest.mark.parametrize("parameters", [
    "events=0", "events=1048577", "events=2000000", "captures=0",
    "captures=16385", "events=x", "kprobes=2", "events=8 captures=0"])
def test_bad_parameters(lio: Lio, parameters: str) -> None:
    """EINVAL, and nothing is left; what is right works after it."""
    assert spt.insmod_error(parameters) == errno.EINVAL
    assert not spt.is_loaded() and not status.FOLDER.exists()
    assert not spt.DEVICE.exists() and spt.NAME not in KPROBES.read_text()


@pytest.mark.parametrize("parameters", [
    "events=1", "events=1048576", "captures=1", "captures=16384"])
def test_extreme_parameters(lio: Lio, wire: Wire, parameters: str) -> None:
    """The least and the most that are allowed work."""
    spt.insmod(parameters)
    one = wire(lio.open_tpg())
    until(lambda: [start.initiator for start in spt.starts()] == [one.name],
          "it is listed")
    with Events() as events:
        start, = events.rest()
        assert isinstance(start, Start)
        one.logout()
        events.stop(start.cookie, LOGOUT, SOON)

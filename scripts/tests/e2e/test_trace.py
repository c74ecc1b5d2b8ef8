# SPDX-License-Identifier: GPL-2.0
"""Who stopped what, in the kernel's log and in its trace."""
from __future__ import annotations

import os
from typing import Callable

import pytest
import spt
import sptctl
from background import in_child
from events import CLOSING, Events
from lio import Tpg
from records import parse_events
from spt import Device
from status import KernelLog, Trace
from watch import watch
from wire import WireInitiator

Wire = Callable[..., WireInitiator]

NOBODY = 65534

# In a name, in the log, in the trace, in a line of sptctl watch.
ODD = {
    "line end": ("a\nb", r"a\nb", "a?b", r"a\x0ab"),
    "escape": ("a\x1b[31mb", r"a\e[31mb", "a?[31mb", r"a\x1b[31mb"),
    "blank": ("a b", "a b", "a b", r"a\x20b"),
    "per cent": ("a%s%n", "a%s%n", "a%s%n", "a%s%n"),
}


def described(one: WireInitiator, cookie: int, reinstated: int) -> str:
    """The fields that all events of a session have."""
    return (f"cookie={cookie:#x} initiator={one.name} isid={one.isid.hex()} "
            f"target={one.tpg.iqn} tpgt={one.tpg.tag} peer=127.0.0.1 "
            f"reinstated={reinstated} cause=")


def test_start_and_end(tpg: Tpg, module: None, wire: Wire) -> None:
    """session_start and session_end, with the session and the cause."""
    with Trace(f"{spt.NAME}/session_start", f"{spt.NAME}/session_end") as trace, \
            Events() as events:
        one = wire(tpg)
        first = events.start(one.name).cookie
        two = wire(tpg, one.name, isid=one.isid)
        pair = {type(event).__name__: event.cookie
                for event in (events.next(CLOSING), events.next(CLOSING))}
        second = pair["Start"]
        two.logout()
        events.stop(second)
        lines = [(event, text) for event, _, text in trace.lines()]
    assert lines[0] == ("session_start", described(one, first, 0) + "unknown")
    assert sorted(lines[1:3]) == [
        ("session_end", described(one, first, 0) + "reinstated"),
        ("session_start", described(two, second, 1) + "unknown")]
    assert lines[3:] == [("session_end", described(two, second, 1) + "logout")]


def test_who_asked(tpg: Tpg, module: None, wire: Wire) -> None:
    """stop_request and the log have the program, its process and its user."""
    first, second = wire(tpg), wire(tpg)
    cookies = [spt.cookie_of(one.name) for one in (first, second)]
    log = KernelLog()
    with Trace(f"{spt.NAME}/stop_request") as trace:
        process = sptctl.start("stop", cookies[0])
        process.communicate()
        with Device() as device:
            def as_nobody() -> tuple[int, object]:
                os.setresuid(NOBODY, NOBODY, NOBODY)
                return os.getpid(), device.stop(cookies[1], 7)
            pid, answer = in_child(as_nobody)
        assert answer == spt.DONE
        assert spt.stop(3, 0) == spt.UNKNOWN
        with open("/proc/self/comm", encoding="ascii") as file:
            comm = file.read().strip()
        asked = [text for _, _, text in trace.lines()]
    assert len(asked) == 3
    assert asked[0] == (f"cookie={cookies[0]:#x} timeout=30 pid={process.pid} "
                        f"uid=0 comm=sptctl")
    assert asked[1] == (f"cookie={cookies[1]:#x} timeout=7 pid={pid} "
                         f"uid={NOBODY} comm={comm}")
    assert asked[2] == f"cookie=0x3 timeout=0 pid={os.getpid()} uid=0 comm={comm}"
    nexus = "{0.name},i,0x{1},{0.tpg.iqn},t,0x0001"
    assert log.lines() == [
        f"stopping session {cookies[0]:#x} "
        f"{nexus.format(first, first.isid.hex())} for pid {process.pid} "
        f"uid 0 sptctl",
        f"stopping session {cookies[1]:#x} "
        f"{nexus.format(second, second.isid.hex())} for pid {pid} "
        f"uid {NOBODY} {comm}"]


def test_one_line_for_each_session(tpg: Tpg, module: None, wire: Wire) -> None:
    """However many ask for the same end."""
    cookies = [spt.cookie_of(wire(tpg).name) for _ in range(3)]
    log = KernelLog()
    for cookie in cookies:
        for _ in range(3):
            assert spt.stop(cookie, 0) in (spt.BEGUN, spt.DONE, spt.UNKNOWN)
        assert spt.stop(cookie) in (spt.DONE, spt.UNKNOWN)
    assert [line.split()[2] for line in log.lines()] == \
        [f"{cookie:#x}" for cookie in cookies]


@pytest.mark.parametrize("what", ODD)
def test_odd_names(tpg: Tpg, module: None, wire: Wire, what: str) -> None:
    """A name is an initiator's own choice; nobody is fooled by it."""
    name, in_log, in_trace, in_line = \
        (f"iqn.2024-01.example:{text}" for text in ODD[what])
    log = KernelLog()
    with Trace(f"{spt.NAME}/session_end") as trace, Device() as device, \
            watch() as lines:
        one = wire(tpg, name)
        assert device.is_readable(30)
        start, = device.read()
        assert start.nexus == f"{name},i,0x{one.isid.hex()},{tpg.iqn},t,0x0001"
        entry, = sptctl.as_json("list")
        assert entry["initiator_name"] == name
        assert lines.line().split(" ")[1:3] == [f"{start.cookie:#018x}", in_line]
        assert spt.stop(start.cookie) == spt.DONE
        line, = log.lines()
        (_, _, text), = trace.lines()
    assert f" {in_log},i,0x{one.isid.hex()}," in line
    assert f" initiator={in_trace} isid={one.isid.hex()} " in text


def test_not_utf8(tpg: Tpg, module: None, wire: Wire) -> None:
    """Bytes that are no text read as U+FFFD; START stays whole."""
    one = wire(tpg, "iqn.2024-01.example:\udcff\udc80x")
    with Device() as device:
        raw, _ = device.read_raw(1 << 16)
    start, = parse_events(raw)
    assert start.initiator == "iqn.2024-01.example:\ufffd\ufffdx"
    assert sptctl.run("list").code == sptctl.DONE
    assert sptctl.as_json("list")[0]["cookie"] == f"{start.cookie:#018x}"
    assert spt.stop(start.cookie) == spt.DONE
    one.see_the_end()

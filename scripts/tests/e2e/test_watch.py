# SPDX-License-Identifier: GPL-2.0
"""sptctl watch: each start and end as a line, for people, shells and programs."""
from __future__ import annotations

import datetime
import json
import signal
from typing import Any, Callable

import pytest
import spt
import sptctl
from events import Events
from lio import Lio, Tpg
from tools import until
from watch import Lines, watch
from wire import WireInitiator

Wire = Callable[..., WireInitiator]


def words(event: str, one: WireInitiator, cookie: int, last: str) -> list[str]:
    """A line as the help text has it."""
    return [event, f"{cookie:#018x}", one.name, one.isid.hex(), one.tpg.iqn,
            str(one.tpg.tag), "127.0.0.1", "-", last]


def test_text(tpg: Tpg, module: None, wire: Wire) -> None:
    """live for who is there, then start and stop; nine words each."""
    one = wire(tpg)
    cookie = spt.cookie_of(one.name)
    with watch() as lines:
        assert lines.line().split(" ") == words("live", one, cookie, "no")
        until(lines.waits, "it waits")
        two = wire(tpg)
        start = lines.line().split(" ")
        assert start == words("start", two, spt.cookie_of(two.name), "no")
        assert spt.stop(cookie) == spt.DONE
        assert lines.line().split(" ") == words("stop", one, cookie, "stopped")
        two.logout()
        assert lines.line().split(" ") == \
            words("stop", two, int(start[1], 16), "logout")
        assert lines.is_silent()
        assert lines.end(signal.SIGINT) == (-signal.SIGINT, "")


def test_json(tpg: Tpg, module: None, wire: Wire) -> None:
    """An object on each line, with the members that info has, and the time."""
    def event(lines: Lines) -> dict[str, Any]:
        found = json.loads(lines.line())
        read = datetime.datetime.strptime(found.pop("time") + "+0000",
                                          "%Y-%m-%dT%H:%M:%S.%fZ%z")
        now = datetime.datetime.now(datetime.timezone.utc)
        assert abs(now - read) < datetime.timedelta(seconds=30)
        return found

    one = wire(tpg)
    cookie = spt.cookie_of(one.name)
    info = sptctl.as_json("info", cookie)
    same = {key: info[key] for key in ("cookie", "initiator_name", "isid",
                                       "target_name", "tpgt", "chap_user")}
    same["peer_address"] = "127.0.0.1"
    with watch("--json") as lines:
        assert event(lines) == same | {"event": "live", "reinstated": False}
        until(lines.waits, "it waits")
        wire(tpg, one.name, isid=one.isid)
        found = {each["event"]: each for each in (event(lines), event(lines))}
        assert found["stop"] == same | {"event": "stop", "cause": "reinstated"}
        assert found["start"].pop("cookie") > same.pop("cookie")
        assert found["start"] == same | {"event": "start", "reinstated": True}


def test_filters(lio: Lio, module: None, wire: Wire) -> None:
    """Only those asked for, in the list of who is there as well."""
    first, second = lio.open_tpg(1), lio.open_tpg(2)
    other = lio.tpg("iqn.2024-01.example:other", 2)
    other.demo()
    other.enable()
    name = "iqn.2024-01.example:x"
    wires = {(tpg, who): wire(tpg, who) for tpg in (first, second, other)
             for who in (name, f"{name}y")}
    for options, wanted in (
            (("--initiator", name), lambda one: one.name == name),
            (("--target", other.iqn), lambda one: one.tpg is other),
            (("--tpg", "2"), lambda one: one.tpg.tag == 2),
            (("--tpg", "2", "--initiator", name, "--target", first.iqn),
             lambda one: one.tpg is second and one.name == name)):
        expected = sorted((one.name, one.tpg.iqn, str(one.tpg.tag))
                          for one in wires.values() if wanted(one))
        with watch(*options) as lines, Events() as events:
            listed = [lines.line().split() for _ in expected]
            until(lines.waits, "it waits")
            assert {line[0] for line in listed} == {"live"}
            assert sorted((line[2], *line[4:6]) for line in listed) == expected
            events.rest()
            told = 0
            for one in wires.values():
                one.logout()
                events.until_ended(told := told + 1)
                if wanted(one):
                    stop = lines.line().split()
                    assert (stop[0], stop[2]) == ("stop", one.name)
            for one in wires.values():
                one.login()
                if wanted(one):
                    assert lines.line().split()[:3:2] == ["start", one.name]
            assert lines.is_silent()


def test_once(tpg: Tpg, module: None, wire: Wire) -> None:
    """The first event after it began, and nothing of what was there."""
    one = wire(tpg)
    cookie = spt.cookie_of(one.name)
    with watch("--once") as lines:
        until(lines.waits, "it waits")
        assert lines.is_silent()
        one.logout()
        assert lines.line().split(" ") == words("stop", one, cookie, "logout")
        assert lines.end() == (sptctl.DONE, "")
    with watch("--once", "--initiator", "iqn.2024-01.example:y") as lines:
        until(lines.waits, "it waits")
        wire(tpg)
        two = wire(tpg, "iqn.2024-01.example:y")
        assert lines.line().split()[:3:2] == ["start", two.name]
        assert lines.end() == (sptctl.DONE, "")
        assert lines.is_silent()


def test_lost(lio: Lio, wire: Wire) -> None:
    """One who was stopped for too long is told, and who is there after it."""
    spt.insmod("events=8")
    tpg = lio.open_tpg()
    one = wire(tpg)
    with watch() as lines, Events() as events:
        assert lines.line().split()[:3:2] == ["live", one.name]
        until(lines.waits, "it waits")
        lines.pause()
        for number in range(20):
            wire(tpg).logout()
            events.until_ended(number + 1)
        lines.proceed()
        assert lines.line() == "lost" + " -" * 8
        assert lines.line().split()[:3:2] == ["live", one.name]
        one.logout()
        assert lines.line().split()[:3:2] == ["stop", one.name]
        assert lines.is_silent()


def test_shell(tpg: Tpg, module: None, wire: Wire) -> None:
    """A shell's loop gets each line when it is true, and a pipe's end ends it."""
    script = """
        "$0" watch | while read -r event cookie initiator rest; do
            echo "$initiator: $event $(("$cookie" > 0)) ${rest##* }"
            [ "$event" != stop ] || break
        done
        echo "${PIPESTATUS[@]}"
    """
    one = wire(tpg)
    with Lines("bash", "-c", script, sptctl.SPTCTL) as lines:
        assert lines.line() == f"{one.name}: live 1 no"
        two = wire(tpg)
        assert lines.line() == f"{two.name}: start 1 no"
        two.logout()
        assert lines.line() == f"{two.name}: stop 1 logout"
        # Nothing more is printed; the reader's end is enough to go.
        assert lines.line() == f"{128 + signal.SIGPIPE} 0"


@pytest.mark.parametrize("arguments", [
    ("watch", "x"), ("watch", "--initiator", ""), ("watch", "--tpg", "65536"),
    ("watch", "--tpg"), ("wait",), ("wait", "x"), ("wait", "1", "2"),
    ("wait", "--timeout", "1"), ("wait", "--timeout", "-1", "1"),
    ("status", "x")])
def test_usage(module: None, arguments: tuple[str, ...]) -> None:
    """Exit code 2, before anything is done."""
    outcome = sptctl.run(*arguments)
    assert (outcome.code, outcome.out) == (sptctl.USAGE, "")
    assert "--help" in outcome.one_line()


@pytest.mark.parametrize("command", ["watch", "wait", "status"])
def test_help(command: str) -> None:
    """Works without the module."""
    outcome = sptctl.run(command, "--help")
    assert (outcome.code, outcome.err) == (sptctl.DONE, "")
    assert f"sptctl {command}" in outcome.out


@pytest.mark.parametrize("arguments", [("watch",), ("wait", 1), ("status",)])
def test_module_not_loaded(lio: Lio, arguments: tuple[object, ...]) -> None:
    """Says what to do about it."""
    outcome = sptctl.run(*arguments)
    assert (outcome.code, outcome.out) == (sptctl.FAILED, "")
    assert "modprobe iscsitgt_spt" in outcome.one_line()

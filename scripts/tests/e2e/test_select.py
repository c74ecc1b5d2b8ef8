# SPDX-License-Identifier: GPL-2.0
"""list, info, stop and watch of some of the sessions there are.

How each selector is written is tested on the host, in scripts/tests/host.
"""
from __future__ import annotations

import pty
import os
import time
from typing import Callable

import pytest
import spt
import sptctl
from initiator import Initiator
from lio import Lio, Tpg
from stuck import Stuck
from tools import patience, until
from wire import WireInitiator

Wire = Callable[..., WireInitiator]

USER, PASSWORD = "chap-user", "secret-of-12-bytes"


def listed(*selectors: object) -> list[str]:
    """The initiators of those that match, sorted."""
    return sorted(entry["initiator_name"]
                  for entry in sptctl.as_json("list", *selectors))


class Place:
    """An explicit ACL with CHAP, and demo mode on IPv6, on two targets."""

    def __init__(self, lio: Lio, wire: Wire) -> None:
        self.chap = lio.tpg("iqn.2024-01.example:a", 1)
        self.demo = lio.tpg("iqn.2024-01.example:b", 2, host="::1")
        self.demo.demo()
        self.one = Initiator(self.chap, (USER, PASSWORD))
        self.chap.acl(self.one.name, chap=(USER, PASSWORD))
        for tpg in (self.chap, self.demo):
            tpg.enable()
        self.one.login()
        self.two = wire(self.demo)
        self.three = wire(self.demo)


@pytest.fixture(name="place")
def place_(lio: Lio, wire: Wire) -> Place:
    made = Place(lio, wire)
    spt.insmod()
    return made


def test_each_selector(place: Place) -> None:
    """Each alone leaves in whom it should; together they are joined with AND."""
    one, two, three = place.one.name, place.two.name, place.three.name
    both = sorted([two, three])
    acl = f"/iscsi/{place.chap.iqn}/tpg1/acls/{one}"
    sid = sptctl.as_json("list", "--initiator", two)[0]["sid"]
    for selectors, names in [
            (("--initiator", one.upper()), [one]),
            (("--initiator", "IQN.*:wire*"), both),
            (("--target", place.demo.iqn), both),
            (("--target", f"/iscsi/{place.chap.iqn}"), [one]),
            (("--target", f"/sys/kernel/config/target/iscsi/{place.demo.iqn}/tpgt_2"),
             both),
            (("--tpg", "2"), both), (("--tpg", "3"), []),
            (("--acl", acl), [one]),
            (("--tpg", "2", "--sid", str(sid)), [two]),
            (("--peer", "127.0.0.0/8"), [one]), (("--peer", "::1"), both),
            (("--portal", place.demo.portal), both),
            (("--portal", "127.0.0.1"), [one]),
            (("--chap-user", USER), [one]),
            (("--state", "logged-in"), sorted([one, *both])),
            (("--state", "ending"), []),
            (("--older-than", "1d"), []), (("--older-than", "0"), sorted([one, *both])),
            (("--initiator", two, "--peer", "127.0.0.1"), []),
            (("--all",), sorted([one, *both]))]:
        assert listed(*selectors) == names, selectors
    entry, = sptctl.as_json("list", "--chap-user", USER)
    assert entry["acl_path"] == acl
    assert entry["tpg_path"] == f"/iscsi/{place.chap.iqn}/tpg1"
    assert [each["acl_path"] for each in sptctl.as_json("list", "--tpg", "2")] == ["", ""]


def test_idle(place: Place) -> None:
    """Who sends a command meanwhile is not idle; a ping is no command."""
    def work() -> None:
        place.two.read(0)
        place.three.ping()

    process = sptctl.start("list", "--idle", "8", "--tpg", "2",
                           "--format", "initiator_name")
    # In the middle, however long it takes to begin.
    time.sleep(4)
    work()
    out, err = process.communicate(timeout=patience(30))
    assert (out, err) == (f"{place.three.name}\n", "")


def test_login_time(place: Place) -> None:
    """The wall clock's, whatever the time zone."""
    entry = sptctl.as_json("list", "--tpg", "1")[0]
    boot = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
    stamp = time.strptime(entry["login_at"], "%Y-%m-%dT%H:%M:%S%z")
    login = boot + entry["login_time"] / 1e9
    offset = stamp.tm_gmtoff
    assert abs(time.mktime(stamp[:8] + (0,)) - time.timezone - offset - login) < 3


def test_stop_selected(place: Place) -> None:
    """Those and no other; a dry run ends none."""
    before = spt.sessions()
    dry = sptctl.run("stop", "--dry-run", "--target", place.demo.iqn)
    assert dry.code == sptctl.DONE and len(dry.out.splitlines()) == 3
    assert spt.sessions().keys() == before.keys()

    outcome = sptctl.run("stop", "--target", place.demo.iqn)
    assert outcome.code == sptctl.DONE
    assert sorted(outcome.out.splitlines()) == sorted(
        f"{before[one.name].cookie:#018x} ended" for one in (place.two, place.three))
    assert outcome.one_line() == "2 sessions: 2 ended"
    assert spt.cookie_of(place.one.name) == before[place.one.name].cookie
    again = sptctl.run("stop", "--target", place.demo.iqn)
    assert (again.code, again.out) == (sptctl.NO_SESSION, "")
    assert again.one_line() == "no session matches"


def test_all_needs_yes(place: Place) -> None:
    """Nobody ends every session by a slip."""
    outcome = sptctl.run("stop", "--all")
    assert outcome.code == sptctl.USAGE and "--yes" in outcome.one_line()
    assert len(spt.sessions()) == 3
    # Open-iscsi comes back at once.
    place.one.logout()
    until(lambda: len(spt.sessions()) == 2, "it has logged out")
    outcome = sptctl.run("stop", "--all", "--yes")
    assert outcome.code == sptctl.DONE
    assert spt.sessions() == {}


@pytest.mark.parametrize("answer", ["y", "n", ""])
def test_question(place: Place, answer: str) -> None:
    """On a terminal it asks, and takes nothing but a yes for one."""
    pid, terminal = pty.fork()
    if not pid:
        os.execv(sptctl.SPTCTL, sptctl.command("stop", "--tpg", "2"))
    said = b""
    while b"[y/N] " not in said:
        said += os.read(terminal, 4096)
    assert b"End these 2 sessions?" in said and len(spt.sessions()) == 3
    os.write(terminal, f"{answer}\n".encode())
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    code = os.waitstatus_to_exitcode(status)
    assert (code, len(spt.sessions())) == \
        ((sptctl.DONE, 1) if answer == "y" else (sptctl.FAILED, 3))


def test_one_is_stuck(stuck: Stuck, lio: Lio, wire: Wire) -> None:
    """The others' lines come at once, its own at the deadline."""
    tpg: Tpg = lio.open_tpg(tag=2)
    others = [wire(tpg).name for _ in range(5)]
    cookies = sorted(f"{spt.cookie_of(name):#018x}" for name in others)
    process = sptctl.start("stop", "--timeout", "20", "--all", "--yes")
    assert process.stdout
    began = time.monotonic()
    ended = [process.stdout.readline() for _ in others]
    assert time.monotonic() - began < 15
    assert sorted(ended) == [f"{cookie} ended\n" for cookie in cookies]
    out, err = process.communicate()
    assert (process.returncode, out) == (sptctl.STILL_ENDING, "")
    told, summary = err.splitlines()
    assert f"{stuck.cookie:#018x}" in told
    assert summary == "sptctl: 6 sessions: 5 ended, 1 still ending"
    until(lambda: listed("--state", "stuck") == [stuck.one.name], "it is stuck")
    # A row of the table: the headings, then this one.
    row = sptctl.run("list", "--state", "stuck").out.splitlines()[1].split()
    assert row[1] == "stuck"
    assert stuck.stop_and_resume() == spt.DONE

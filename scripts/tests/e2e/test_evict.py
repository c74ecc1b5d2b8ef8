# SPDX-License-Identifier: GPL-2.0
"""To evict an initiator: its sessions end, and it is kept out for a while.

Not on the debug kernel is what lets Time2Retain be over: LIO's timer may not sleep.
"""
from __future__ import annotations

import errno
import json
import os
import time
from typing import Callable, Iterator

import pytest
import spt
import sptctl
import status
from background import Background
from disk import HangingDisk
from events import Events
from fio import Fio
from initiator import Initiator
from lio import Lio, Tpg
from mcs import connections
from proc import IOCTL, own_thread_hangs
from records import (EVERY_TARGET, HOLD_GET, HOLD_SET, NO_LIMIT, NOTIFIED, NOTIFY,
                     STOPPED)
from spt import Device, Hold
from status import KernelLog, Probe, Trace
from stuck import Iblock, Stuck
from tools import LATE_TICKS, SLACK, sh, until
from wire import Closed, Refused, WireInitiator

Wire = Callable[..., WireInitiator]

LONGEST = "iqn.2024-01.com.example:" + "x" * (223 - 24)


@pytest.fixture(name="device")
def device_(module: None) -> Iterator[Device]:
    """Open while the test lasts."""
    with Device() as device:
        yield device


def refused(one: WireInitiator) -> bool:
    """Whether it may not log in, and is told so; else it is logged in now."""
    try:
        one.login()
    except Refused as refusal:
        assert refusal.status == Refused.FORBIDDEN, refusal
        return True
    return False


def comes_in_after(one: WireInitiator, began: float) -> float:
    """How long after @began it is let in, knocking all the time."""
    until(lambda: not refused(one), "it is let in", 60)
    return time.monotonic() - began


def resume(stuck: Stuck) -> None:
    """It ends by itself then."""
    stuck.disk.resume()
    until(lambda: not stuck.tpg.has_session(stuck.one.name), "it has left")


def retained(lio: Lio, device: Device, wire: Wire) -> tuple[WireInitiator, int]:
    """One that has lost its connection, and the cookie of its session."""
    tpg = lio.open_tpg(level=2, DefaultTime2Retain=3)
    one = wire(tpg, ErrorRecoveryLevel=2, DefaultTime2Retain=3, login=False)
    one.login(ping=False)
    cookie = until(lambda: spt.sessions().get(one.name), "it is there").cookie
    one.break_off()
    until(lambda: device.known(cookie).connections == 0, "its connection is lost")
    return one, cookie


def test_stops_and_keeps_out(tpg: Tpg, device: Device, wire: Wire) -> None:
    """For exactly so long; somebody else does not notice."""
    one, other = wire(tpg), wire(tpg)
    cookie = spt.cookie_of(one.name)
    began = time.monotonic()
    with Events() as events:
        events.start(one.name)
        events.start(other.name)
        assert device.evict(cookie, 4) == spt.DONE
        assert spt.cookies_of(one.name) == []
        events.stop(cookie, STOPPED)
        one.see_the_end()
        assert refused(one)
        assert 4 - LATE_TICKS <= comes_in_after(one, began) < 4 + SLACK
    other.ping()
    wire(tpg).ping()


def test_lifted(tpg: Tpg, device: Device, wire: Wire) -> None:
    """Then it may come at once."""
    one = wire(tpg)
    assert device.evict(spt.cookie_of(one.name)) == spt.DONE
    assert refused(one)
    assert device.lift(one.name, tpg.iqn) == spt.DONE
    assert not refused(one)
    assert device.lift(one.name, tpg.iqn) == spt.UNKNOWN
    # It is let alone from now on.
    time.sleep(0.3)
    one.ping()


def test_every_session(tpgs: list[Tpg], device: Device, wire: Wire) -> None:
    """Of the initiator at this target, in all of its TPGs; not those of others."""
    name = "iqn.2024-01.com.example:twice"
    ones = [wire(tpg, name) for tpg in tpgs for _ in range(2)]
    other = wire(tpgs[0])
    cookies = spt.cookies_of(name)
    assert len(cookies) == 4
    assert device.evict(cookies[2]) == spt.DONE
    assert spt.cookies_of(name) == []
    for one in ones:
        one.see_the_end()
        assert refused(one)
    other.ping()


def test_other_targets(lio: Lio, device: Device, wire: Wire) -> None:
    """Are not concerned, unless that is asked for."""
    name = "iqn.2024-01.com.example:everywhere"
    here = lio.open_tpg()
    there = lio.tpg("iqn.2024-01.com.example:there")
    there.demo()
    there.enable()
    at_here, at_there = wire(here, name), wire(there, name)
    cookie, = (start.cookie for start in spt.starts()
               if here.iqn in start.nexus)
    assert device.evict(cookie) == spt.DONE
    assert refused(at_here)
    at_there.ping()
    wire(there, name).logout()
    # The session has gone, but the hold was set for it.
    assert device.evict(cookie, 60, EVERY_TARGET) == spt.DONE
    at_there.see_the_end()
    assert refused(at_there) and refused(at_here)
    assert [hold.target for hold in device.holds()] == [here.iqn, ""]


def test_joined(stuck: Stuck, device: Device, wire: Wire) -> None:
    """A deadline passes and the hold stays; a second call waits for the same end."""
    began = time.monotonic()
    assert device.evict(stuck.cookie, 60, 0, 1) == spt.STILL_ENDING
    assert 1 - LATE_TICKS <= time.monotonic() - began < 1 + SLACK
    assert [hold.initiator for hold in device.holds()] == [stuck.one.name]
    assert refused(wire(stuck.tpg, stuck.one.name, login=False))
    later = Background(lambda: device.evict(stuck.cookie, 60, 0, 60))
    until(lambda: later.waits_in(IOCTL), "it waits")
    stuck.disk.resume()
    assert later.result() == spt.DONE
    # The session has gone, and whoever asks for it again is told the same.
    assert device.evict(stuck.cookie) == spt.DONE


def test_waits_without_looking(stuck: Stuck, device: Device) -> None:
    """However many wait, LIO is not looked through for each all the time."""
    with Probe("p", "spt_registry_first"), Trace(Probe.EVENT) as trace:
        assert device.evict(stuck.cookie, 60, 0, 4) == spt.STILL_ENDING
        # Once at the beginning, and once at the end.
        assert len(trace.lines()) == 2


def test_begun(tpg: Tpg, stuck: Stuck, device: Device, wire: Wire) -> None:
    """Without waiting; it goes on by itself."""
    assert device.evict(stuck.cookie, 60, 0, 0) == spt.BEGUN
    one = wire(tpg)
    cookie = spt.cookie_of(one.name)
    assert device.evict(cookie, 60, 0, 0) in (spt.BEGUN, spt.DONE)
    until(lambda: not tpg.has_session(one.name), "it has left")
    assert refused(one)
    resume(stuck)


def test_hold_ends_first(stuck: Stuck, device: Device) -> None:
    """Nothing is promised any more, and the session goes on ending."""
    began = time.monotonic()
    assert device.evict(stuck.cookie, 1, 0, NO_LIMIT) == spt.STILL_ENDING
    assert 1 - LATE_TICKS <= time.monotonic() - began < 1 + 1 + SLACK
    assert device.holds() == []
    resume(stuck)


def test_another_hold(stuck: Stuck, device: Device) -> None:
    """One that is set after the first was lifted: somebody may have come between."""
    waiting = Background(lambda: device.evict(stuck.cookie, 60, 0, 60))
    until(lambda: waiting.waits_in(IOCTL), "it waits")
    with Device() as other:
        assert other.lift(stuck.one.name, stuck.tpg.iqn) == spt.DONE
        assert other.evict(stuck.cookie, 60, 0, 0) == spt.BEGUN
    assert waiting.result() == spt.STILL_ENDING
    resume(stuck)


def test_signal(stuck: Stuck, device: Device) -> None:
    """Ends the wait, and nothing else."""
    waiting = Background(lambda: device.evict(stuck.cookie, 60, 0, NO_LIMIT))
    until(lambda: waiting.waits_in(IOCTL), "it waits")
    waiting.interrupt()
    assert waiting.result() == spt.INTERRUPTED
    assert len(device.holds()) == 1
    resume(stuck)


def test_login_under_way(lio: Lio, device: Device, wire: Wire) -> None:
    """It was let in before the hold: it is waited for, and its session ends too."""
    tpg = lio.open_tpg()
    tpg.chap("user", "secret")
    name = "iqn.2024-01.com.example:slow"
    aside = lio.open_tpg(2)
    there = wire(aside, name)
    coming = wire(tpg, name, login=False).begin_login("user", "secret")
    waiting = Background(lambda: device.evict(spt.cookie_of(name)))
    there.see_the_end()
    time.sleep(0.5)
    assert waiting.is_running()
    # LIO lets it go on, and the session does not get to anything.
    try:
        coming.finish_login(ping=False)
    except (Closed, Refused):
        pass
    assert waiting.result() == spt.DONE
    coming.see_the_end()
    assert spt.cookies_of(name) == []


def test_login_that_hangs(lio: Lio, device: Device, wire: Wire) -> None:
    """Of somebody else: the deadline is kept, and what is there is stopped at once."""
    tpg = lio.open_tpg()
    one = wire(tpg)
    hanging = wire(tpg, login=False).begin_any_login()
    began = time.monotonic()
    assert device.evict(spt.cookie_of(one.name), 60, 0, 1) == spt.STILL_ENDING
    assert 1 - LATE_TICKS <= time.monotonic() - began < 1 + SLACK
    one.see_the_end()
    assert not tpg.has_session(one.name)
    # The drain keeps the module until it is over.
    assert spt.unload_error() == errno.EWOULDBLOCK
    hanging.close()
    assert device.evict(spt.cookie_of(wire(lio.open_tpg(2)).name)) == spt.DONE


def test_never_seen(lio: Lio, wire: Wire, hanging: Callable[[], HangingDisk]) -> None:
    """A session whose TPG was being disabled before the module came: it may write."""
    disk = hanging()
    backstore = Iblock(disk)
    lio.keep(backstore)
    tpgs = [lio.open_tpg(tag) for tag in (1, 2)]
    tpgs[0].lun(0, backstore)
    hidden, there = (wire(tpg, "iqn.2024-01.com.example:both") for tpg in tpgs)
    disk.suspend()
    hidden.read(0)
    backstore.wait_until_stuck(hidden)
    disabling = Background(lambda: tpgs[0].enable(False))
    until(own_thread_hangs, "LIO waits for it")
    spt.insmod()
    with Device() as device:
        cookie, = spt.cookies_of(there.name)
        assert device.evict(cookie, 60, 0, 1) == spt.STILL_ENDING
        there.see_the_end()
        assert not spt.cookies_of(there.name)
        waiting = Background(lambda: device.evict(cookie, 60, 0, 60))
        until(lambda: waiting.waits_in(IOCTL), "it waits")
        disk.resume()
        assert waiting.result() == spt.DONE
        disabling.result()


def test_name_sent_twice(tpg: Tpg, device: Device, wire: Wire) -> None:
    """LIO lets in by the last one: that is who it is."""
    first, last = (f"iqn.2024-01.com.example:{name}" for name in ("first", "last"))
    one = wire(tpg, f"{first}\0InitiatorName={last}")
    assert device.set_hold(first) == spt.DONE
    assert not spt.cookies_of(first)
    one.logout()
    until(lambda: not spt.starts(), "it has left")
    assert not refused(one)
    assert device.evict(spt.cookie_of(last)) == spt.DONE
    one.see_the_end()
    assert refused(one)
    assert refused(wire(tpg, last, login=False))


def test_no_name(tpg: Tpg, device: Device, wire: Wire) -> None:
    """LIO lets in one that sends an empty one."""
    one = wire(tpg, "\0InitiatorName=")
    assert device.evict(spt.cookie_of("")) == spt.DONE
    one.see_the_end()
    assert refused(one)
    assert device.lift("", tpg.iqn) == spt.DONE
    assert not refused(one)


def test_chap(lio: Lio, device: Device) -> None:
    """By an ACL with CHAP; refused before it is asked for its secret."""
    tpg = lio.tpg()
    one = Initiator(tpg, ("user", "secret-secret"))
    tpg.acl(one.name, chap=("user", "secret-secret"))
    tpg.enable()
    one.login()
    assert device.evict(spt.cookie_of(one.name), 3) == spt.DONE
    assert not tpg.has_session(one.name)
    until(lambda: tpg.has_session(one.name), "it is back", 60)
    assert not device.holds()


def test_several_connections(lio: Lio, device: Device, wire: Wire) -> None:
    """All of them go, and none joins."""
    tpg = lio.open_tpg(MaxConnections=3)
    one = wire(tpg, MaxConnections=3)
    others = list(connections(one, 3))[1:]
    assert device.evict(spt.cookie_of(one.name)) == spt.DONE
    for each in (one, *others):
        each.see_the_end()
    with pytest.raises(Refused):
        others[0].login(one.tsih)


def test_discovery(tpg: Tpg, device: Device, wire: Wire) -> None:
    """Is answered as before: it reaches no disk."""
    assert device.set_hold("iqn.2024-01.com.example:looks") == spt.DONE
    found = wire(tpg, "iqn.2024-01.com.example:looks", login=False).discover()
    assert tpg.iqn in found


@pytest.mark.stock
def test_time2retain(lio: Lio, device: Device, wire: Wire) -> None:
    """Who waits for Time2Retain is waited for, and may not continue its session."""
    one, cookie = retained(lio, device, wire)
    assert device.evict(cookie, 60, 0, 30) == spt.DONE
    assert refused(one)


def test_open_iscsi(disks: Callable[[int], list[Initiator]], device: Device,
                    fio: Callable[..., Fio]) -> None:
    """It is back by itself after the hold, and no block of its is wrong."""
    initiators = disks(3)
    victim, *others = initiators
    load = fio(initiators)
    load.wait_for_io()
    before = spt.sessions()
    began = time.monotonic()
    assert device.evict(before[victim.name].cookie, 8) == spt.DONE
    until(lambda: status.number("logins_refused"), "it knocks")
    until(lambda: victim.name in spt.sessions(), "it is back", 60)
    took = time.monotonic() - began
    # open-iscsi tries every few seconds.
    assert 8 - LATE_TICKS <= took < 8 + 5 * SLACK
    # As soon as it is lifted, too.
    assert device.evict(spt.cookie_of(victim.name), 600) == spt.DONE
    knocks = status.number("logins_refused")
    until(lambda: status.number("logins_refused") > knocks, "it knocks")
    assert device.lift(victim.name, victim.tpg.iqn) == spt.DONE
    until(lambda: victim.name in spt.sessions(), "it is back", 30)
    load.wait_for_pass()
    load.finish()
    after = spt.sessions()
    for other in others:
        assert after[other.name].cookie == before[other.name].cookie


def test_notify(tpg: Tpg, device: Device, wire: Wire) -> None:
    """It is told how long to wait, has its time, and is stopped then."""
    one = wire(tpg)
    cookie = spt.cookie_of(one.name)
    began = time.monotonic()
    waiting = Background(lambda: device.evict_flags(cookie, 60, NOTIFY))
    event, cid, wait = one.await_async()
    assert (event, cid, wait) == (2, 0, 60)
    one.ping()
    answer, flags = waiting.result()
    assert answer == spt.DONE and flags == NOTIFY | NOTIFIED
    assert 3 - LATE_TICKS <= time.monotonic() - began < 3 + SLACK
    one.see_the_end()
    assert refused(one)


def test_notify_and_leave(tpg: Tpg, device: Device, wire: Wire) -> None:
    """Who logs out when it is told is gone at once, and by a logout."""
    one = wire(tpg)
    with Events() as events:
        cookie = events.start(one.name).cookie
        began = time.monotonic()
        waiting = Background(lambda: device.evict_flags(cookie, 7200, NOTIFY))
        assert one.await_async()[2] == 7200
        one.logout()
        answer, flags = waiting.result()
        assert answer == spt.DONE and flags & NOTIFIED
        assert time.monotonic() - began < 2 + SLACK
        events.stop(cookie, "logout")


@pytest.mark.stock
def test_notify_cannot(stuck: Stuck, device: Device, lio: Lio, wire: Wire) -> None:
    """Without a connection, or to one that is ending: the answer says so."""
    _, cookie = retained(lio, device, wire)
    assert device.evict_flags(cookie, 60, NOTIFY) == (spt.DONE, NOTIFY)
    assert device.stop(stuck.cookie, 0) == spt.BEGUN
    waiting = Background(lambda: device.evict_flags(stuck.cookie, 60, NOTIFY))
    until(lambda: waiting.waits_in(IOCTL), "it waits")
    stuck.disk.resume()
    assert waiting.result() == (spt.DONE, NOTIFY)


def test_hold(tpg: Tpg, device: Device, wire: Wire) -> None:
    """Set without a session, changed, lifted; who is there stays."""
    one = wire(tpg)
    assert device.set_hold(one.name, tpg.iqn, 100) == spt.DONE
    assert device.holds() == [Hold(one.name, tpg.iqn, 100)]
    one.ping()
    assert refused(wire(tpg, one.name, login=False))
    assert device.set_hold(one.name, tpg.iqn, 2) == spt.DONE
    began = time.monotonic()
    assert device.holds() == [Hold(one.name, tpg.iqn, 2)]
    again = wire(tpg, one.name, login=False)
    assert refused(again)
    assert 2 - LATE_TICKS <= comes_in_after(again, began) < 2 + SLACK
    assert device.holds() == []
    one.ping()


def test_evict_does_not_cut_short(tpg: Tpg, device: Device, wire: Wire) -> None:
    """A hold that lasts longer; a HOLD does."""
    one = wire(tpg)
    assert device.set_hold(one.name, tpg.iqn, 1000) == spt.DONE
    assert device.evict(spt.cookie_of(one.name), 10) == spt.DONE
    assert device.holds()[0].left > 900
    assert device.set_hold(one.name, tpg.iqn, 10) == spt.DONE
    assert device.holds()[0].left <= 10


@pytest.mark.parametrize("name", [
    "iqn.2024-01.com.example:UPPER", LONGEST, "eui.02004567A425678D",
    "iqn.2024-01.example:\udcc3\udc84"])
def test_names(tpg: Tpg, device: Device, wire: Wire, name: str) -> None:
    """Letters of ASCII are compared without regard to case, others as they are."""
    assert device.set_hold(name) == spt.DONE
    assert refused(wire(tpg, name, login=False))
    assert refused(wire(tpg, name.swapcase(), login=False))
    assert not refused(wire(tpg, name[:-1], login=False))
    assert device.set_hold(name.upper(), seconds=5) == spt.DONE
    assert len(device.holds()) == 1
    assert device.lift(name.swapcase()) == spt.DONE
    assert not refused(wire(tpg, name, login=False))


def test_name_too_long(tpg: Tpg, device: Device, wire: Wire) -> None:
    """LIO cuts it off, and whoever is cut to a name that is kept out is that one."""
    assert device.set_hold(LONGEST) == spt.DONE
    assert refused(wire(tpg, LONGEST + "x", login=False))


def test_many(tpg: Tpg, device: Device, wire: Wire) -> None:
    """As many as the module parameter says."""
    names = [f"iqn.2024-01.com.example:many{number}" for number in range(1024)]
    for number, name in enumerate(names):
        assert device.set_hold(name, seconds=1000 + number) == spt.DONE
    assert device.set_hold("iqn.2024-01.com.example:one-more") == spt.FULL
    assert status.number("holds") == 1024
    one = wire(tpg)
    assert device.evict(spt.cookie_of(one.name)) == spt.FULL
    one.ping()
    found = device.holds()
    assert [hold.initiator for hold in found] == names
    assert all(990 + number < hold.left <= 1000 + number
               for number, hold in enumerate(found))
    for name in (names[0], names[500], names[-1]):
        assert refused(wire(tpg, name, login=False))
    wire(tpg).logout()
    # One that may be changed needs no room, and one that is lifted gives it.
    assert device.set_hold(names[3], seconds=1) == spt.DONE
    assert device.lift(names[7]) == spt.DONE
    assert device.set_hold("iqn.2024-01.com.example:one-more") == spt.DONE


def test_gone_with_the_module(tpg: Tpg, device: Device, wire: Wire) -> None:
    """None is left when it is loaded again; and nobody is caught while it goes."""
    one = wire(tpg, login=False)
    for _ in range(5):
        with Device() as other:
            assert other.set_hold(one.name) == spt.DONE
        assert refused(one)
        device.close()
        knocking = Background(lambda: [refused(one) for _ in range(20)])
        time.sleep(0.02)
        spt.rmmod()
        knocking.result()
        assert not refused(one)
        one.logout()
        spt.insmod()
        device.fd = Device().fd
        assert device.holds() == []


def test_told(tpg: Tpg, device: Device, wire: Wire) -> None:
    """Log, trace and counters."""
    one = wire(tpg)
    log = KernelLog()
    with Trace(f"{spt.NAME}/login_refused") as trace:
        assert device.evict(spt.cookie_of(one.name), 60) == spt.DONE
        for _ in range(3):
            assert refused(one)
        lines = [text for _, _, text in trace.lines()]
    assert lines == [f"initiator={one.name} target={tpg.iqn}"] * 3
    first, *rest = log.lines()
    assert first.startswith(
        f"evicting {one.name} from {tpg.iqn} for 60 s for pid {os.getpid()} uid 0 ")
    assert rest == [f"refused a login of {one.name} at {tpg.iqn}"] * 3
    assert {name: status.number(name) for name in
            ("holds", "evictions", "logins_refused")} == \
        {"holds": 1, "evictions": 1, "logins_refused": 3}


def test_sptctl(tpgs: list[Tpg], module: None, wire: Wire) -> None:
    """evict and hold, as an admin has them."""
    name, iqn = "iqn.2024-01.com.example:bob", tpgs[0].iqn
    ones = [wire(tpg, name) for tpg in tpgs]
    cookie = spt.cookies_of(name)[0]
    outcome = sptctl.run("evict", "--for", "10m", "--initiator", "*:bob")
    assert outcome == sptctl.Outcome(sptctl.DONE, f"{cookie:#018x} evicted\n", "")
    assert all(refused(one) for one in ones)
    held, = sptctl.as_json("hold", "list")
    assert (held["initiator_name"], held["target_name"]) == (name, iqn)
    assert 590 < held["seconds"] <= 600
    assert sptctl.run("hold", "lift", name).code == sptctl.NO_SESSION
    assert sptctl.run("hold", "lift", name.upper(), "--target", iqn).code == sptctl.DONE
    assert not refused(ones[0])
    assert sptctl.run("hold", "add", name, "--for", "1h").code == sptctl.DONE
    assert refused(ones[1])
    ones[0].ping()
    assert sptctl.run("evict", "--for", "1m", spt.cookie_of(name)).code == sptctl.DONE
    ones[0].see_the_end()
    assert len(sptctl.as_json("hold", "list")) == 2


def test_sptctl_notify(tpg: Tpg, module: None, wire: Wire) -> None:
    """It says whether the initiator was told."""
    one = wire(tpg)
    cookie = spt.cookie_of(one.name)
    process = sptctl.start("evict", "--for", "1m", "--notify", "--json", cookie)
    assert one.await_async() == (2, 0, 60)
    one.logout()
    out, err = process.communicate()
    done, = json.loads(out)
    assert not err and (done["notified"], done["result"]) == (True, "evicted")


BAD_EVICTIONS = {"no seconds": (0, 0), "two days": (172800, 0), "flags": (60, 8),
                 "a flag that is an answer": (60, NOTIFIED)}


@pytest.mark.parametrize("what", BAD_EVICTIONS)
def test_bad_eviction(tpg: Tpg, device: Device, wire: Wire, what: str) -> None:
    """Changes nothing."""
    one = wire(tpg)
    assert device.evict(spt.cookie_of(one.name), *BAD_EVICTIONS[what]) == spt.INVALID
    assert device.holds() == []
    one.ping()


def test_no_such_session(tpg: Tpg, device: Device, wire: Wire) -> None:
    """Nor does a cookie of nobody."""
    one = wire(tpg)
    cookie = spt.cookie_of(one.name)
    assert device.stop(cookie) == spt.DONE
    for nobody in (0, 1, cookie):
        assert device.evict(nobody) == spt.UNKNOWN
    assert device.holds() == []
    assert not refused(one)


BAD_HOLDS = {
    "no operation": (0, "a", "", 1, 0), "unknown operation": (4, "a", "", 1, 0),
    "no name": (HOLD_SET, "", "b", 1, 0), "no seconds": (HOLD_SET, "a", "", 0, 0),
    "two days": (HOLD_SET, "a", "", 172800, 0), "index": (HOLD_SET, "a", "", 1, 1),
    "name too long": (HOLD_SET, "a" * 224, "", 1, 0),
    "target too long": (HOLD_SET, "a", "b" * 224, 1, 0),
    "not zero-filled": (HOLD_SET, "a\0b", "", 1, 0),
    "get by name": (HOLD_GET, "a", "", 0, 0),
    "get for a while": (HOLD_GET, "", "", 1, 0),
}


@pytest.mark.parametrize("what", BAD_HOLDS)
def test_bad_hold(device: Device, what: str) -> None:
    """Changes nothing."""
    assert device.hold(*BAD_HOLDS[what])[0] == spt.INVALID
    assert device.holds() == []


@pytest.fixture(name="silenced")
def silenced_() -> Iterator[None]:
    """kprobes do not fire."""
    sh("sysctl", "-qw", "kernel.ftrace_enabled=0")
    yield
    sh("sysctl", "-qw", "kernel.ftrace_enabled=1")


def assert_cannot(tpg: Tpg, wire: Wire) -> None:
    """Neither; a session that is asked for stays."""
    one = wire(tpg)
    with Device() as device:
        assert device.evict(spt.cookie_of(one.name)) == spt.UNSUPPORTED
        assert device.set_hold("iqn.2024-01.com.example:anybody") == spt.UNSUPPORTED
        assert device.holds() == []
    one.ping()


def assert_can(tpg: Tpg, wire: Wire) -> None:
    """Both."""
    one = wire(tpg)
    with Device() as device:
        assert device.evict(spt.cookie_of(one.name)) == spt.DONE
        assert refused(one)


def test_silenced(tpg: Tpg, device: Device, wire: Wire, silenced: None) -> None:
    """kprobes that do not fire refuse nobody."""
    assert_cannot(tpg, wire)


def test_without_kprobes(tpg: Tpg, wire: Wire) -> None:
    """The log has one line of it."""
    log = KernelLog()
    spt.insmod("kprobes=N")
    assert_cannot(tpg, wire)
    assert [line for line in log.lines() if "cannot be refused" in line] == \
        ["logins cannot be refused, so there are no evictions and holds: -95"]


def test_probe_of_others(tpg: Tpg, wire: Wire) -> None:
    """One at the same function, that was there before or comes after, and goes."""
    with Probe("p", "core_tpg_check_initiator_node_acl"), Trace(Probe.EVENT):
        spt.insmod()
        assert_can(tpg, wire)
    assert_can(tpg, wire)
    with Probe("p", "core_tpg_check_initiator_node_acl"), Trace(Probe.EVENT):
        assert_can(tpg, wire)
        spt.unload()
    spt.insmod()
    assert_can(tpg, wire)


def test_redirected_by_others(tpg: Tpg, wire: Wire,
                              cleanup: list[Callable[[], object]]) -> None:
    """As by a live patch: the module is loaded all the same, and says so."""
    module = spt.MODULE.with_name("lio_redirect.ko")
    spt.insmod(module=module)
    cleanup.append(lambda: spt.unload_error("lio_redirect"))
    log = KernelLog()
    spt.insmod()
    assert_cannot(tpg, wire)
    assert [line for line in log.lines() if "cannot be refused" in line] == \
        ["logins cannot be refused, so there are no evictions and holds: -16"]
    assert spt.stop(spt.cookie_of(wire(tpg).name)) == spt.DONE
    spt.rmmod()
    spt.rmmod("lio_redirect")
    spt.insmod()
    # The other way round, it is the other one that has to go without.
    assert spt.insmod_error("", module) == errno.EBUSY
    assert_can(tpg, wire)


def test_silenced_later(tpg: Tpg, device: Device, wire: Wire) -> None:
    """Who slips in while kprobes are silenced is stopped soon."""
    one = wire(tpg)
    assert device.evict(spt.cookie_of(one.name)) == spt.DONE
    sh("sysctl", "-qw", "kernel.ftrace_enabled=0")
    try:
        one.login()
        one.see_the_end()
        until(lambda: not tpg.has_session(one.name), "it is stopped", 5)
    finally:
        sh("sysctl", "-qw", "kernel.ftrace_enabled=1")
    assert refused(one)


@pytest.mark.parametrize("holds", [1, 3, 65536])
def test_parameter(tpg: Tpg, wire: Wire, holds: int) -> None:
    """As many as it says."""
    spt.insmod(f"holds={holds}")
    with Device() as device:
        for number in range(min(holds, 4)):
            assert device.set_hold(f"iqn.2024-01.com.example:{number}") == spt.DONE
        assert device.set_hold("iqn.2024-01.com.example:more") == \
            (spt.DONE if holds > 4 else spt.FULL)
        assert refused(wire(tpg, "iqn.2024-01.com.example:0", login=False))


@pytest.mark.parametrize("holds", [0, 65537])
def test_bad_parameter(lio: Lio, holds: int) -> None:
    """The module is not loaded."""
    log = KernelLog()
    assert spt.insmod_error(f"holds={holds}") == errno.EINVAL
    assert log.lines() == [f"holds={holds} is not between 1 and 65536"]

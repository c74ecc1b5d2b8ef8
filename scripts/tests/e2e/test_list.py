# SPDX-License-Identifier: GPL-2.0
"""Every session is listed, once, with what LIO and the initiators say of it."""
from __future__ import annotations

import ctypes
import os
import struct
import threading
import time
from collections import Counter
from typing import Callable

import initiator
import lio as lio_
import pytest
import spt
import sptctl
from background import Background
from initiator import Initiator
from lio import Lio, Tpg
from records import (DEMO_ACL, HEADER, INFO, LIST, LOGGED_IN, SESSION_INFO, SESSION_LIST,
                     SUCCESS, Info, header)
from spt import Device
from tools import LATE_TICKS, until
from wire import WireInitiator

Wire = Callable[..., WireInitiator]

USER, PASSWORD = "jürgen", "secret-of-12-bytes"


class Site:
    """Two targets of two TPGs each: explicit ACLs, demo mode, CHAP with both."""

    def __init__(self, lio: Lio, wire: Wire) -> None:
        self.wire = wire
        self.explicit = lio.tpg("iqn.2024-01.example:a", 1)
        self.demo = lio.tpg("iqn.2024-01.example:a", 7)
        self.chap = lio.tpg("iqn.2024-01.example:b", 1)
        self.chap_demo = lio.tpg("iqn.2024-01.example:b", 2, host="::1")
        self.demo.demo()
        self.chap_demo.demo()
        self.chap_demo.chap("demo-user", PASSWORD)
        for tpg in self.tpgs:
            tpg.enable()
        self.kernel: list[Initiator] = []
        self.wires: list[WireInitiator] = []

    @property
    def tpgs(self) -> list[Tpg]:
        return [self.explicit, self.demo, self.chap, self.chap_demo]

    def login_each_way(self) -> None:
        """Two more sessions on each target."""
        one = Initiator(self.explicit)
        self.explicit.acl(one.name, tag=f"tag of {one.iface}")
        two = Initiator(self.chap, (USER, PASSWORD))
        self.chap.acl(two.name, chap=(USER, PASSWORD))
        three = Initiator(self.chap_demo, ("demo-user", PASSWORD))
        for each in (one, two, three):
            self.kernel.append(each.login())
        self.wires.append(self.wire(self.demo))

    def names(self) -> list[str]:
        """The initiators in the order of their logins do not matter."""
        return sorted(each.name for each in [*self.kernel, *self.wires])


@pytest.fixture(name="site")
def site_(lio: Lio, wire: Wire) -> Site:
    return Site(lio, wire)


def assert_like_initiator(info: Info, one: Initiator | WireInitiator) -> None:
    """What the initiator's side knows of the session."""
    assert info.initiator == one.name
    assert info.target == one.tpg.iqn
    assert info.tpgt == one.tpg.tag
    assert info.portal == str(one.tpg.portal)
    assert info.peer in one.tpg.sockets()
    assert (info.state, info.connections, info.erl) == (LOGGED_IN, 1, 0)
    assert info.tsih and info.sid
    if isinstance(one, WireInitiator):
        assert (info.isid, info.tsih) == (one.isid, one.tsih)
        assert info.peer == one.address


def assert_like_lio(site: Site, info: Info, one: Initiator | WireInitiator) -> None:
    """What LIO's own configfs knows of the session."""
    if one.tpg in (site.demo, site.chap_demo):
        assert info.flags == DEMO_ACL and info.acl_tag == ""
        assert one.name in one.tpg.dynamic_sessions()
    else:
        acl = one.tpg.acl_session(one.name)
        assert acl and info.flags == 0
        assert (info.sid, info.isid, info.tsih) == (acl.sid, acl.isid, acl.tsih)
        assert info.peer.rsplit(":", 1)[0] in acl.text
    assert info.acl_tag == \
        (f"tag of {one.iface}" if one.tpg is site.explicit else "")
    assert info.chap_user == {site.chap: USER,
                              site.chap_demo: "demo-user"}.get(one.tpg, "")


def test_logins_before_and_after_insmod(site: Site) -> None:
    """Sessions older than the module are listed like those that come later."""
    site.login_each_way()
    spt.insmod()
    before = spt.sessions()
    assert sorted(before) == site.names()

    site.login_each_way()
    after = spt.sessions()
    assert sorted(after) == site.names()
    for name, info in before.items():
        assert after[name].cookie == info.cookie
        assert after[name].login_time == info.login_time
    assert len({info.cookie for info in after.values()}) == 8
    for one in [*site.kernel, *site.wires]:
        assert_like_initiator(after[one.name], one)
        assert_like_lio(site, after[one.name], one)


def test_start_records(site: Site) -> None:
    """START says in UTF-16 what SESSION_INFO says in UTF-8."""
    site.login_each_way()
    spt.insmod()
    records = spt.starts()
    assert len(records) == 4
    with Device() as device:
        for start in records:
            info = device.known(start.cookie)
            host, _ = info.peer.rsplit(":", 1)
            assert start.peer == host.strip("[]")
            assert start.nexus == (
                f"{info.initiator},i,0x{info.isid.hex()},"
                f"{info.target},t,0x{info.tpgt:04x}")
            assert start.chap_user == info.chap_user
            assert start.is_reinstated == 0
    assert {start.peer for start in records} == {"127.0.0.1", "::1"}
    assert {start.chap_user for start in records} == {"", USER, "demo-user"}


def test_at_once(site: Site) -> None:
    """Each as it is by itself, however many are asked for at a time."""
    site.login_each_way()
    spt.insmod()
    with Device(os.O_WRONLY) as device:
        together = device.list()
        assert together == [device.known(info.cookie) for info in together]
        assert {info.initiator: info for info in together} == spt.sessions()
        assert len(together) == 4
        for room in (1, 2, 3, 4, 256):
            assert device.list(room) == together


def test_at_once_while_others_come_and_go(lio: Lio, module: None, wire: Wire) -> None:
    """Who is there all the time is told once."""
    tpg = lio.open_tpg()
    names: list[str] = []
    over = threading.Event()
    come_and_gone = 0

    def come_and_go() -> None:
        nonlocal come_and_gone
        while not over.is_set():
            wire(tpg).logout()
            come_and_gone += 1

    others = Background(come_and_go)
    with Device() as device:
        for _ in range(8):
            names += [wire(tpg).name for _ in range(2)]
            for room in (1, 2, 3, 5):
                told = Counter(info.initiator for info in device.list(room))
                assert [told[name] for name in names] == [1] * len(names)
    over.set()
    others.result()
    assert come_and_gone > 10


def test_at_once_sizes(site: Site) -> None:
    """A caller who knows less or more gets that much of each."""
    site.login_each_way()
    spt.insmod()
    with Device() as device:
        whole = [device.ask(info.cookie)[1] for info in device.list()]
        for size in (40, 48, INFO.size - 8, INFO.size, INFO.size + 8, 4124 - 4):
            answer, next_, listed = device.ask_list(0, 5, size)
            assert (answer, next_, len(listed)) == (spt.DONE, 0, 4)
            for one, full in zip(listed, whole):
                assert one[28:] == full[28:size].ljust(size - 28, b"\0")
                assert HEADER.unpack(one[:28]) == (
                    28, b"ISCSITGT", 0, SESSION_INFO, SUCCESS, size - 28)


@pytest.mark.parametrize("room, size", [
    (0, INFO.size), (257, 40), (1, 32), (1, 44), (1, 4128), (1 << 24, 1 << 24)])
def test_at_once_wrong(site: Site, room: int, size: int) -> None:
    """It is told, and nothing is written."""
    site.wire(site.demo)
    spt.insmod()
    raw = LIST.pack(header(SESSION_LIST, (LIST.size - 28 + room * size) % 2**32), 0, 0,
                    room, size)
    record = ctypes.create_string_buffer(raw, 4 * INFO.size)
    with Device() as device:
        assert device.ioctl(record) == spt.INVALID
    assert record.raw[28:] == raw[28:].ljust(4 * INFO.size - 28, b"\0")


def test_cookie_is_the_sessions(site: Site) -> None:
    """The same in every listing; another one after the next login."""
    one = site.wire(site.demo)
    spt.insmod()
    cookie = spt.cookie_of(one.name)
    assert {spt.cookie_of(one.name) for _ in range(10)} == {cookie}
    one.logout()
    # LIO answers a logout before it closes the session.
    until(lambda: not spt.starts(), "the session has left")
    one.login()
    again = spt.cookie_of(one.name)
    assert again > cookie
    with Device() as device:
        assert device.info(cookie) is None


def test_age(site: Site, module: None) -> None:
    """The login time is that of the login, not of when it was first seen."""
    late = int(LATE_TICKS * 1e9)
    earliest = time.clock_gettime_ns(time.CLOCK_BOOTTIME) - late
    one = site.wire(site.demo)
    latest = time.clock_gettime_ns(time.CLOCK_BOOTTIME) + late
    time.sleep(3 * LATE_TICKS)
    info = spt.sessions()[one.name]
    assert earliest <= info.login_time <= latest
    age = sptctl.as_json("info", info.cookie)["age_seconds"]
    now = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    assert 0 <= age <= (now - earliest) / 1e9


def test_counters(site: Site, module: None) -> None:
    """Commands are counted for the session that sent them."""
    idle, busy = site.wire(site.demo), site.wire(site.demo)
    before = spt.sessions()
    busy.read(0)
    busy.read(0)
    busy.ping()
    after = spt.sessions()
    assert after[busy.name].command_pdus == before[busy.name].command_pdus + 2
    assert after[idle.name].command_pdus == before[idle.name].command_pdus


def test_sptctl_agrees(site: Site) -> None:
    """list, list --json and info show the same as the device."""
    site.login_each_way()
    spt.insmod()
    listed = {entry["cookie"]: entry for entry in sptctl.as_json("list")}
    infos = spt.sessions().values()
    assert sorted(listed) == sorted(f"{info.cookie:#018x}" for info in infos)
    lines = sptctl.run("list", "--wide").out.splitlines()
    assert len(lines) == 1 + len(listed)
    narrow = sptctl.run("list").out.splitlines()
    assert len(narrow) == len(lines) and max(map(len, narrow)) <= 80
    for info in infos:
        entry = listed[f"{info.cookie:#018x}"]
        assert entry["initiator_name"] == info.initiator
        assert entry["target_name"] == info.target
        assert entry["tpgt"] == info.tpgt
        assert entry["peer_address"] == info.peer
        assert entry["portal_address"] == info.portal
        assert entry["chap_user"] == info.chap_user
        assert entry["acl_tag"] == info.acl_tag
        assert entry["isid"] == info.isid.hex()
        assert (entry["tsih"], entry["sid"]) == (info.tsih, info.sid)
        assert entry["connections"] == info.connections
        assert entry["login_time"] == info.login_time
        assert entry["state"] == "logged-in" and entry["ending"] is False
        assert entry["note"] == "idle" and entry["commands"] == 0
        assert entry["connection_states"] == ["logged-in"]
        assert (info.time2retain_left, info.ending_since) == (0, 0)
        assert entry["demo_acl"] is bool(info.flags & DEMO_ACL)
        single = sptctl.as_json("info", info.cookie)
        assert single.keys() == entry.keys()
        assert single["it_nexus"] == entry["it_nexus"] == (
            f"{info.initiator},i,0x{info.isid.hex()},{info.target},"
            f"t,0x{info.tpgt:04x}")
        row = next(line for line in lines if info.initiator in line).split()
        assert row[:6] == [f"{info.cookie:#018x}", "logged-in", info.initiator,
                           info.target, str(info.tpgt), info.peer]
        assert row[6] == (info.chap_user or "-")
        text = sptctl.run("info", info.cookie).out
        assert info.initiator in text and info.peer in text


def test_no_sessions(lio: Lio, module: None) -> None:
    """Nothing is listed where nothing is, and a table of it is no error."""
    assert not lio_.session_threads() and not list(initiator.SESSIONS.iterdir())
    assert spt.starts() == []
    assert sptctl.as_json("list") == []
    outcome = sptctl.run("list")
    assert (outcome.code, outcome.err) == (sptctl.DONE, "")
    assert len(outcome.out.splitlines()) <= 1


def test_record_layout() -> None:
    """The numbers of the documents, not those of some compiler."""
    assert struct.calcsize(INFO.format) == 1032
    assert spt.IOCTL_SCSI_MINIPORT == 0xc01cbd02

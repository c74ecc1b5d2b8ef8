# SPDX-License-Identifier: GPL-2.0
"""Networks that fail: a peer that vanishes, a link that flaps, loss, half-open ends.

The target's portal is in a network namespace of its own, at the other end of a cable;
the bystander is not.
"""
from __future__ import annotations

import time
from pathlib import Path
from typing import Callable

import lio as lio_
import pytest
import spt
from events import Events
from fio import Fio
from initiator import Initiator
from lio import Lio, Tpg
from records import STOPPED
from spt import Device
from stress import Repeated, Stress
from tools import SLACK, sh, until
from wire import WireInitiator

Wire = Callable[..., WireInitiator]

NAMESPACE = Path("/run/netns/target")
OURS, THEIRS = "10.9.0.1", "10.9.0.2"


class Cable:
    """A pair of virtual interfaces; ours can be pulled out."""

    def __init__(self) -> None:
        sh("ip", "netns", "add", NAMESPACE.name)
        sh("ip", "link", "add", "cable", "type", "veth", "peer", "name", "cable",
           "netns", NAMESPACE.name)
        sh("ip", "address", "add", f"{OURS}/24", "dev", "cable")
        self._there("address", "add", f"{THEIRS}/24", "dev", "cable")
        self._there("link", "set", "cable", "up")
        self.plug()

    @staticmethod
    def _there(*words: str) -> None:
        sh("ip", "-n", NAMESPACE.name, *words)

    def pull(self) -> None:
        """Nothing gets through any more, and nobody is told."""
        self._there("link", "set", "cable", "down")

    def plug(self) -> None:
        """As before."""
        self._there("link", "set", "cable", "up")
        sh("ip", "link", "set", "cable", "up")

    def lose(self, percent: int) -> None:
        """So many packets, each way; none if 0."""
        for where in ((), ("-n", NAMESPACE.name)):
            if percent:
                sh("tc", *where, "qdisc", "replace", "dev", "cable", "root", "netem",
                   "loss", f"{percent}%", "delay", "2ms", "1ms")
            else:
                sh("tc", *where, "qdisc", "del", "dev", "cable", "root", check=False)

    def remove(self) -> None:
        """Both ends, with the namespace."""
        sh("ip", "link", "del", "cable")
        sh("ip", "netns", "del", NAMESPACE.name)


@pytest.fixture(name="cable")
def cable_(cleanup: list[Callable[[], object]], lio: Lio) -> Cable:
    """In place; the target is removed before it is."""
    made = Cable()
    cleanup.insert(0, made.remove)
    cleanup.append(made.plug)
    cleanup.append(lambda: made.lose(0))
    return made


@pytest.fixture(name="far")
def far_(lio: Lio, cable: Cable) -> Tpg:
    """A demo-mode TPG at the other end of the cable, with a LUN."""
    tpg = lio.tpg(host=THEIRS, namespace=str(NAMESPACE))
    tpg.lun(0, lio.keep(lio_.ramdisk(1)))
    tpg.demo()
    tpg.enable()
    return tpg


def load(one: WireInitiator, stress: Stress) -> None:
    """Some commands whose answers may be under way."""
    for _ in range(stress.random.randint(0, 16)):
        one.read(stress.random.randrange(2048))


def assert_stopped(device: Device, events: Events, cookie: int) -> None:
    """At once, however far away its initiator is."""
    began = time.monotonic()
    assert device.stop(cookie, 30) == spt.DONE
    assert time.monotonic() - began < 2 * SLACK
    events.stop(cookie, STOPPED, 2 * SLACK)


def begin(one: WireInitiator, events: Events) -> int:
    """A session; its cookie."""
    one.login()
    return events.start(one.name, 3 * SLACK).cookie


def test_peer_vanishes(far: Tpg, cable: Cable, aside: WireInitiator, module: None,
                       wire: Wire, stress: Stress) -> None:
    """The cable is out: nobody acknowledges, and the stop does not ask for that."""
    one = wire(far, login=False)
    with Device() as device, Events() as events:
        events.start(aside.name)
        for _ in stress.rounds(100, debug=30):
            cookie = begin(one, events)
            load(one, stress)
            cable.pull()
            stress.pause(0.05)
            load(one, stress)
            assert_stopped(device, events, cookie)
            cable.plug()
            one.close()


def test_half_open(far: Tpg, cable: Cable, aside: WireInitiator, module: None,
                   wire: Wire, stress: Stress) -> None:
    """The initiator has gone while the cable was out: only the target has the end of
    a connection, until it is stopped, or until the initiator is back."""
    one = wire(far, login=False)
    with Device() as device, Events() as events:
        events.start(aside.name)
        for _ in stress.rounds(100, debug=30):
            cookie = begin(one, events)
            cable.pull()
            # Reset, not finished: nothing is sent again once the cable is in.
            one.abort()
            stress.pause(0.05)
            if stress.random.random() < 0.5:
                cable.plug()
            assert_stopped(device, events, cookie)
            cable.plug()


def is_replaced(events: Events, old: int) -> bool:
    """Whether it was told that it has ended, and that there is another one."""
    events.rest()
    return old in events.stops() and len(events.live()) == 2


def test_reinstated_half_open(far: Tpg, cable: Cable, aside: WireInitiator,
                              module: None, wire: Wire, stress: Stress) -> None:
    """The initiator is back on a new connection while its old one is stopped."""
    one = wire(far, login=False)
    with Device() as device, Events() as events:
        events.start(aside.name)
        for _ in stress.rounds(60, debug=20):
            cookie = begin(one, events)
            cable.pull()
            one.abort()
            cable.plug()
            login, answer = stress.race(
                0.02, one.login, lambda old=cookie: device.stop(old, 30))
            assert login and answer in (spt.DONE, spt.UNKNOWN), answer
            one.ping()
            until(lambda: device.info(cookie) is None, "the old one has ended")
            until(lambda old=cookie: is_replaced(events, old), "both are told")
            new, = (start for start in events.live() if start.initiator == one.name)
            assert new.cookie > cookie
            assert device.stop(new.cookie) == spt.DONE
            events.stop(new.cookie, STOPPED)


def test_flaps(lio: Lio, cable: Cable, aside: WireInitiator, module: None,
               disks: Callable[..., list[Initiator]],
               fio: Callable[[list[Initiator]], Fio], stress: Stress) -> None:
    """open-iscsi over a bad cable, stopped again and again; every block is right."""
    tpg = lio.tpg(host=THEIRS, namespace=str(NAMESPACE))
    initiators = disks(3, tpg)
    flaps = 0

    def flap() -> None:
        # Out for less than a second, as TCP backs off for longer than that.
        nonlocal flaps
        stress.pause(2)
        cable.lose(stress.random.choice((0, 2, 10)))
        cable.pull()
        stress.pause(0.7)
        cable.plug()
        flaps += 1

    busy = fio(initiators)
    busy.wait_for_io()
    with Device() as device, Repeated(flap):
        for _ in stress.rounds(30, debug=8):
            victim = stress.random.choice(initiators)
            cookie = until(lambda name=victim.name: spt.cookies_of(name),
                           "it is logged in", 120)[0]
            assert device.stop(cookie, 30) in (spt.DONE, spt.UNKNOWN)
            assert device.info(cookie) is None
            stress.pause(1)
    cable.lose(0)
    stress.count(flaps, "flaps")
    until(lambda: all(tpg.has_session(one.name) for one in initiators),
          "everybody is back", 120)
    busy.wait_for_pass()
    busy.finish()

# SPDX-License-Identifier: GPL-2.0
"""No memory for a while, or only at times: nobody is forgotten, no stop hangs."""
from __future__ import annotations

import errno
import time
from typing import Callable, Iterator

import faults
import pytest
import records
import spt
import status
from client import Client
from lio import Tpg
from spt import Answer, Device
from storm import Reader, Storm, assert_same
from stress import Repeated, Stress
from tools import until
from wire import WireInitiator

Wire = Callable[..., WireInitiator]

pytestmark = pytest.mark.debug

# More than the module has prepared for.
MANY = 24


@pytest.fixture(name="ours")
def ours_(module: None) -> Iterator[None]:
    """What fails is what the module calls for, whichever thread does."""
    faults.set_up()
    faults.where(faults.module_text())
    yield
    faults.set_up()


def test_outage(tpg: Tpg, ours: None, wire: Wire, client: Client) -> None:
    """Who was known can be stopped meanwhile; who has come is found by itself."""
    client.load()
    first = wire(tpg)
    with Device() as device:
        until(lambda: client.get("live") == 1, "it is told")
        start, = records.live(device.read_all())
        with faults.failing(100):
            with pytest.raises(OSError) as error:
                Device()
            assert error.value.errno == errno.ENOMEM
            assert device.read_raw(1 << 16) == (b"", errno.ENOMEM)
            assert device.stop(start.cookie) == spt.NO_MEMORY
            first.ping()
            # By a module, which brings its own memory.
            client.set("stop", start.cookie)
            first.see_the_end()
            until(lambda: client.get("ended") == 1, "its end is told")
            stay = [wire(tpg) for _ in range(MANY)]
            for _ in range(MANY):
                wire(tpg).logout()
            assert_looks_at_its_leisure()
            assert client.get("started") < 1 + MANY
        # Nobody asks for it.
        until(lambda: client.get("live") == MANY, "those are found that stay")
        events = device.read_all()
        assert {one.initiator for one in records.live([start, *events])} == \
            {one.name for one in stay}
    assert client.numbers() == (1 + MANY + gone(events), 1 + gone(events), MANY)
    assert gone(events) + status.number("hints_missed") == MANY
    assert len(spt.starts()) == MANY


def gone(events: list[records.Event]) -> int:
    """How many of those have come and gone that did not stay; one was there."""
    return sum(isinstance(event, records.Stop) for event in events) - 1


def assert_looks_at_its_leisure() -> None:
    """What cannot be done now is not tried without a pause."""
    before = status.number("rescans")
    began = time.monotonic()
    time.sleep(2)
    looks = (status.number("rescans") - before) / (time.monotonic() - began)
    assert 2 <= looks <= 40, looks


def test_at_times(tpg: Tpg, ours: None, client: Client, stress: Stress,
                  cleanup: list[Callable[[], object]]) -> None:
    """Sessions that live long enough are told once, stops are confirmed."""
    client.load()
    readers = [Reader(way, errno.ENOMEM) for way in ("block", "poll")]
    cleanup.extend(reader.finish for reader in readers)
    stopped: set[int] = set()

    def disturb() -> None:
        faults.set_all("probability", stress.random.choice((0, 5, 20, 40)))
        stress.pause(2)

    def stop() -> None:
        one = WireInitiator(tpg).login()
        cookie = cookie_of(one.name)
        timeout = stress.random.choice((0, 30))
        assert stop_at_last(cookie, timeout) in (spt.DONE, spt.BEGUN)
        stopped.add(cookie)
        one.see_the_end()
        one.close()

    sessions = 60 + stress.scaled(300, 300)
    faults.set_all("times", faults.TIMES)
    with Storm([tpg], sessions, concurrent=32, linger_ms="2000-4000",
               leave=1) as storm:
        with Repeated(stop):
            with Repeated(disturb):
                storm.wait_until_ready()
            faults.set_all("probability", 0)
        logins = storm.finish()
    assert faults.failed() > sessions / 2
    stress.count(faults.failed(), "failed allocations")
    stress.count(len(stopped), "stops")
    until(lambda: not spt.starts(), "nobody is left")
    ends = len(logins) + len(stopped)
    until(lambda: client.numbers() == (ends, ends, 0), "the module is told all")
    for reader in readers:
        until(lambda one=reader: one.ends() == ends, "each end is told")
        reader.finish()
        assert not reader.losses
        told = reader.sessions()
        assert {told.pop(cookie).cause for cookie in stopped} == {records.STOPPED}
        assert_same(told, logins)


def cookie_of(initiator: str) -> int:
    """As soon as there is memory to tell it."""
    def look() -> int | None:
        try:
            found = {start.initiator: start.cookie for start in spt.starts()}
            return found.get(initiator)
        except OSError as error:
            assert error.errno == errno.ENOMEM
        return None
    found = until(look, "it is listed")
    assert found
    return found


def stop_at_last(cookie: int, timeout: int) -> Answer:
    """As soon as there is memory to ask for it."""
    def ask() -> Answer | None:
        try:
            answer = spt.stop(cookie, timeout)
        except OSError as error:
            assert error.errno == errno.ENOMEM
            return None
        return None if answer == spt.NO_MEMORY else answer
    found = until(ask, "it is stopped")
    assert found
    return found

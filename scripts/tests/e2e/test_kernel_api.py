# SPDX-License-Identifier: GPL-2.0
"""What other modules of the kernel get, by one that is there for this."""
from __future__ import annotations

import errno
from typing import Callable

import pytest
import spt
from background import Background
from client import Client
from events import Events
from lio import Lio, Tpg
from records import CAUSES, LOGOUT, STOPPED, Start
from storm import Storm
from tools import SLOW, rounds, until
from wire import Closed, WireInitiator

Wire = Callable[..., WireInitiator]


def test_counts_like_a_reader(tpg: Tpg, module: None, wire: Wire,
                              client: Client) -> None:
    """Who is there at once, then each start and each end with its cause."""
    for _ in range(3):
        wire(tpg)
    until(lambda: len(spt.starts()) == 3, "they are there")
    client.load()
    assert client.numbers() == (3, 0, 3)
    with Events() as events:
        for _ in range(20):
            wire(tpg).logout()
        events.until_ended(20)
        starts = sum(isinstance(event, Start) for event in events.seen)
        until(lambda: client.numbers() == (starts, 20, 3), "it is told the same")
        assert CAUSES[client.get("last_cause")] == LOGOUT
    assert client.get("lost") == 0


def test_listens_alone(lio: Lio, wire: Wire, client: Client) -> None:
    """Without probes and readers, a notifier is enough for someone to look."""
    spt.insmod("kprobes=0")
    client.load()
    tpg = lio.open_tpg()
    for number in range(1, 4):
        one = wire(tpg)
        until(lambda count=number: client.get("started") == count, "told")
        one.logout()
        until(lambda count=number: client.get("ended") == count, "told")


def test_stop(tpg: Tpg, module: None, wire: Wire, client: Client) -> None:
    """A module can end a session too, with the same answers."""
    client.load()
    one, other = wire(tpg), wire(tpg)
    cookie = spt.cookie_of(one.name)
    client.set("stop", cookie)
    assert one.name not in tpg.dynamic_sessions()
    assert [start.initiator for start in spt.starts()] == [other.name]
    with pytest.raises(OSError) as error:
        client.set("stop", cookie)
    assert error.value.errno == errno.ENOENT
    until(lambda: client.get("ended") == 1, "it is told")
    assert CAUSES[client.get("last_cause")] == STOPPED


def test_stop_on_start(tpg: Tpg, module: None, client: Client) -> None:
    """A notifier may end the very session that it is told of."""
    client.load("stop_on_start=1")
    with Events() as events:
        for number in range(1, rounds(20) + 1):
            try:
                WireInitiator(tpg).login().see_the_end()
            except Closed:
                pass
            events.until_ended(number)
            assert set(events.stops().values()) == {STOPPED}
            until(lambda count=number: client.numbers() == (count, count, 0), "told")
            assert client.get("last_stop") == 0


def test_slow(lio: Lio, wire: Wire, client: Client) -> None:
    """One that takes its time loses events, is told so, and knows who is there."""
    spt.insmod("events=8")
    tpg = lio.open_tpg()
    wire(tpg)
    # Longer than a session takes to come and go.
    client.load(f"slow_ms={2000 if SLOW else 500}")
    with Events() as events:
        for number in range(1, 21):
            wire(tpg).logout()
            events.until_ended(number)
        # It delays nobody else.
        assert client.get("started") < 21
        wire(tpg)
    client.set("slow_ms", 0)
    until(lambda: client.get("lost"), "it is told that it has lost events")
    until(lambda: client.get("live") == 2, "it knows who is there")
    wire(tpg)
    until(lambda: client.get("live") == 3, "it goes on")


def test_pins_the_module(module: None, client: Client) -> None:
    """The module that offers something stays while somebody uses it."""
    client.load()
    assert spt.is_in_use()
    client.unload()
    assert not spt.is_in_use()


def test_comes_and_goes(tpg: Tpg, module: None, client: Client) -> None:
    """Register and unregister while events flow."""
    with Storm([tpg], 100_000, concurrent=16, linger_ms="0-50") as storm:
        until(lambda: len(spt.starts()) > 3, "it storms")
        for _ in range(rounds(12)):
            Background(client.load).result(10)
            until(lambda: client.get("ended") > 10, "it is told")
            # In this order, as both go on.
            ended = client.get("ended")
            assert client.get("started") >= ended
            assert client.get("lost") == 0
            Background(client.unload).result(10)
        assert storm.is_running()


def test_slow_one_leaves(tpg: Tpg, module: None, client: Client) -> None:
    """One that is never done with what happens need not wait for that."""
    with Storm([tpg], 100_000, concurrent=16, linger_ms="0-50") as storm:
        until(lambda: len(spt.starts()) > 3, "it storms")
        Background(lambda: client.load("slow_ms=50")).result(10)
        until(lambda: client.get("started") > 10, "it is told")
        Background(client.unload).result(10)
        assert storm.is_running()

# SPDX-License-Identifier: GPL-2.0
"""Each allocation of the module fails once: that is told, and all goes on after it.

What is not given back, kmemleak reports at the end of the run.
"""
from __future__ import annotations

import errno
from collections import Counter
from typing import Any, Callable, Iterator

import client as client_
import faults
import pytest
import spt
import status
from client import Client
from events import Events
from lio import Lio, Tpg
from records import STOPPED, parse_info
from spt import Device
from stress import Stress
from test_noticing import KPROBES
from tools import until
from wire import WireInitiator

Wire = Callable[..., WireInitiator]

pytestmark = [pytest.mark.debug, pytest.mark.usefixtures("injected")]

# The module has room for so many that it has not seen, and one more.
NEW = 17


@pytest.fixture(name="injected")
def injected_(lio: Lio) -> Iterator[None]:
    """Nothing fails before it is asked for, nor after the test."""
    faults.set_up()
    yield
    faults.set_up()


@pytest.fixture(name="ours")
def ours_(injected: None, module: None) -> None:
    """What fails is what the module calls for, which is loaded."""
    faults.where(faults.module_text())


def open_and_close() -> None:
    """And nothing else."""
    Device().close()


def assert_some_failed(errors: Counter[Any], failure: Any, *others: Any) -> None:
    """And none in another way than these; the last outcome is none."""
    assert errors[failure], errors
    assert set(errors) <= {failure, *others}, errors


def test_open(tpg: Tpg, ours: None, wire: Wire) -> None:
    """It is opened or not, and then it can be."""
    wire(tpg)
    until(lambda: len(spt.starts()) == 1, "it is seen")
    there = spt.starts()
    errors: Counter[int] = Counter()
    for outcome in faults.one_by_one(open_and_close):
        errors[outcome.error] += 1
        assert spt.starts() == there
    assert_some_failed(errors, errno.ENOMEM, 0)
    assert outcome.error == 0


def test_new_ones(lio: Lio, wire: Wire, stress: Stress) -> None:
    """Nobody has looked since they came, so that there is no room for them."""
    spt.insmod("kprobes=0")
    faults.where(faults.module_text())
    tpg = lio.open_tpg()
    known: dict[str, int] = {}
    errors: Counter[int] = Counter()
    until(lambda: status.number("rescans"), "there is room for some")
    for number in stress.rounds(8, 8):
        wires = [wire(tpg) for _ in range(NEW)]
        # The first ones are those before it knows how many are new.
        nth = number + 1 if number < 3 else stress.random.randint(4, 2 * NEW)
        look = stress.random.choice((open_and_close, lambda: status.number("sessions")))
        outcome, was_reached = faults.fail_one(look, nth)
        assert was_reached
        errors[outcome.error] += 1
        now = {start.initiator: start.cookie for start in spt.starts()}
        assert now.items() >= known.items()
        assert set(now) == {one.name for one in wires} | set(known)
        known = now
    assert_some_failed(errors, errno.ENOMEM, 0)


def test_read(tpg: Tpg, ours: None, wire: Wire) -> None:
    """No event is lost by it."""
    one = wire(tpg)
    until(lambda: len(spt.starts()) == 1, "it is seen")
    errors: Counter[int] = Counter()
    with Device() as device:
        for outcome in faults.one_by_one(device.read):
            errors[outcome.error] += 1
            if not outcome.error:
                assert [event.initiator for event in outcome.value] == [one.name]
                assert device.read() == []
                device.close()
                device.fd = Device().fd
    assert_some_failed(errors, errno.ENOMEM, 0)
    assert outcome.error == 0


def come_and_go(tpg: Tpg) -> None:
    """A session, of which both is told."""
    before = status.number("events")
    WireInitiator(tpg).login().logout()
    until(lambda: status.number("events") == before + 2, "it is told")


def test_read_behind(lio: Lio, wire: Wire) -> None:
    """That events were lost is told once, when there is memory to go on."""
    spt.insmod("events=1")
    faults.where(faults.module_text())
    tpg = lio.open_tpg()
    stays = wire(tpg)
    errors: Counter[int] = Counter()
    with Device() as device:
        until(device.read, "it is told")
        is_behind = False

        nth, was_reached = 0, True
        while was_reached:
            if not is_behind:
                come_and_go(tpg)
            is_behind = True
            nth += 1
            outcome, was_reached = faults.fail_one(device.read, nth)
            errors[outcome.error] += 1
            if outcome.error == errno.EPIPE:
                is_behind = False
                assert [event.initiator for event in device.read()] == [stays.name]
    assert_some_failed(errors, errno.ENOMEM, errno.EPIPE)
    assert outcome.error == errno.EPIPE


def test_info(tpg: Tpg, ours: None, wire: Wire) -> None:
    """It is answered or not."""
    cookie = spt.cookie_of(wire(tpg).name)
    answers: Counter[spt.Answer] = Counter()
    with Device() as device:
        for outcome in faults.one_by_one(lambda: device.ask(cookie)[0]):
            answers[outcome.value] += 1
            assert device.known(cookie)
    assert_some_failed(answers, spt.NO_MEMORY, spt.DONE)
    assert outcome.value == spt.DONE


def test_list(tpg: Tpg, ours: None, wire: Wire) -> None:
    """All are told of or none."""
    for _ in range(2):
        wire(tpg)
    until(lambda: len(spt.starts()) == 2, "they are there")
    there = [start.cookie for start in spt.starts()]
    answers: Counter[spt.Answer] = Counter()
    with Device() as device:
        for outcome in faults.one_by_one(lambda: device.ask_list(0, 3)):
            answer, _, listed = outcome.value
            answers[answer] += 1
            if answer == spt.DONE:
                assert [parse_info(record).cookie for record in listed] == there
            assert [info.cookie for info in device.list()] == there
    assert_some_failed(answers, spt.NO_MEMORY, spt.DONE)
    assert answer == spt.DONE


@pytest.mark.parametrize("timeout", [0, 30])
def test_stop(tpg: Tpg, ours: None, wire: Wire, timeout: int) -> None:
    """It is done, or nothing is and can be done then."""
    answers: Counter[spt.Answer] = Counter()
    nth, was_reached = 0, True
    with Events() as events:
        while was_reached:
            nth += 1
            one = wire(tpg)
            cookie = events.start(one.name).cookie
            outcome, was_reached = faults.fail_one(
                lambda key=cookie: events.device.stop(key, timeout), nth)
            answers[outcome.value] += 1
            if outcome.value == spt.NO_MEMORY:
                one.ping()
                assert events.rest() == []
                assert events.device.stop(cookie) == spt.DONE
            one.see_the_end()
            events.stop(cookie, STOPPED)
    assert_some_failed(answers, spt.NO_MEMORY, spt.DONE, spt.BEGUN)
    assert outcome.value != spt.NO_MEMORY


def test_status(tpg: Tpg, ours: None, wire: Wire) -> None:
    """Each of the files; but for new sessions they need none."""
    wire(tpg)
    until(lambda: status.number("sessions") == 1, "it is seen")
    for path in status.FOLDER.iterdir():
        if path.is_file() and not path.is_symlink() and path.name != "uevent":
            for outcome in faults.one_by_one(path.read_text):
                assert outcome.error in (0, errno.ENOMEM)
            assert outcome.error == 0
    assert status.number("sessions") == 1


def test_notifier(tpg: Tpg, ours: None, wire: Wire, client: Client) -> None:
    """It is registered and told, or not registered, and its module not loaded.

    That module registers it twice, and takes any refusal but one for a fault.
    """
    for _ in range(3):
        wire(tpg)
    until(lambda: len(spt.starts()) == 3, "they are there")
    errors: Counter[int] = Counter()
    for outcome in faults.one_by_one(
            lambda: spt.insmod_error("", client_.FILE)):
        errors[outcome.value] += 1
        assert client_.FOLDER.exists() == (outcome.value == 0)
        if not outcome.value:
            assert client.numbers() == (3, 0, 3)
            client.unload()
    assert_some_failed(errors, errno.ENOMEM, errno.EINVAL, 0)
    assert outcome.value == 0
    assert not spt.is_in_use()


def assert_works(tpg: Tpg) -> None:
    """It sees a session; of its own, as one that is idle for long is ended by LIO."""
    one = WireInitiator(tpg).login()
    assert one.name in {start.initiator for start in spt.starts()}
    one.logout()


def test_insmod(tpg: Tpg, stress: Stress, one_processor: None) -> None:
    """It is loaded, if need be without probes, or nothing of it is there."""
    # Linux leaks the name of a slab that it cannot add to sysfs.
    faults.where(faults.function("do_one_initcall"), faults.function("sysfs_slab_add"))
    total = faults.allocations(lambda: spt.insmod_error(""))
    assert spt.is_loaded() and total > 100
    spt.rmmod()
    errors: Counter[int] = Counter()
    ways: Counter[str] = Counter()
    every = list(range(1, total + 1))
    stress.random.shuffle(every)
    for number in stress.rounds(total, total, "allocations",
                                lambda: errors[errno.ENOMEM]):
        nth = every[number % total]
        outcome, _ = faults.fail_one(lambda: spt.insmod_error(""), nth)
        errors[outcome.value] += 1
        if outcome.value:
            assert not spt.is_loaded() and not spt.DEVICE.exists()
            assert not status.FOLDER.exists()
            assert spt.NAME not in KPROBES.read_text(encoding="ascii")
        else:
            ways[status.text("noticing")] += 1
            assert_works(tpg)
            assert not spt.is_in_use()
    assert_some_failed(errors, errno.ENOMEM, 0)
    assert set(ways) <= {"probes", "scans: no kprobes"}
    spt.insmod()
    assert status.text("noticing") == "probes"


def test_insmod_at_random(tpg: Tpg, stress: Stress, one_processor: None) -> None:
    """Some of them fail, also while it undoes what it has done."""
    faults.where(faults.function("do_one_initcall"), faults.function("sysfs_slab_add"))
    errors: Counter[int] = Counter()
    for _ in stress.rounds(40, 40, "loads", lambda: errors[errno.ENOMEM]):
        with faults.failing(stress.random.choice((1, 2, 5))):
            # Linux warns when it has no memory to take a probe away.
            errors[spt.insmod_error("kprobes=0")] += 1
        assert spt.is_loaded() == spt.DEVICE.exists() == status.FOLDER.exists()
        if spt.is_loaded():
            assert_works(tpg)
            spt.rmmod()
    assert_some_failed(errors, errno.ENOMEM, 0)

# SPDX-License-Identifier: GPL-2.0
"""What tests get, and what has to be left of it: nothing."""
from __future__ import annotations

import signal
from typing import Callable, Iterator

import pytest

import background
import disk
import initiator
import lio as lio_
import processors
import spt
from client import Client
from disk import HangingDisk
from fio import Fio
from initiator import Initiator
from lio import Lio, Tpg
from storm import Reader
from stuck import Fileio, Iblock, Stuck
from tools import SLOW
from wire import WireInitiator

pytest_plugins = ["retained"]


def pytest_configure(config: pytest.Config) -> None:
    """What tests are marked with."""
    config.addinivalue_line("markers", "stock: not on the debug kernel")
    config.addinivalue_line("markers", "debug: only on the debug kernel")


def pytest_collection_modifyitems(config: pytest.Config,
                                  items: list[pytest.Item]) -> None:
    """Not skipped, as a skip counts as a failure: there is nothing to be done."""
    elsewhere = "stock" if SLOW else "debug"
    out = [item for item in items if item.get_closest_marker(elsewhere)]
    config.hook.pytest_deselected(items=out)
    items[:] = [item for item in items if item not in out]


@pytest.fixture(scope="session", autouse=True)
def machine() -> None:
    """Both ends of iSCSI on one machine."""
    lio_.load()
    disk.load()
    initiator.start()


MEASURED: list[str] = []


@pytest.fixture(name="measured")
def measured_() -> Callable[[str], None]:
    """Takes what a test has measured, for people to read."""
    return MEASURED.append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Lines that scripts/tests/run repeats at its end."""
    for what in MEASURED:
        terminalreporter.write_line(f"measured: {what}")


class Cleanup(list[Callable[[], object]]):
    """What to undo, the newest first; every step is tried."""

    def run(self) -> None:
        """Undo; the first error is raised when all is done."""
        errors = []
        while self:
            try:
                self.pop()()
            except Exception as error:  # pylint: disable=broad-except
                errors.append(error)
        if errors:
            raise errors[0]


def assert_nothing_is_left() -> None:
    """Of the module, of LIO, of the initiators, of the disks."""
    assert not spt.is_loaded()
    assert not lio_.session_threads()
    assert not lio_.targets()
    assert not list(initiator.SESSIONS.glob("session*"))
    assert not disk.mapped()


@pytest.fixture(name="cleanup")
def cleanup_(machine: None) -> Iterator[Cleanup]:
    """The order is: resume disks, end I/O, log out, unload, remove targets."""
    cleanup = Cleanup()
    yield cleanup
    background.kill_children()
    cleanup.run()
    assert_nothing_is_left()


@pytest.fixture(name="lio")
def lio_fixture(cleanup: Cleanup) -> Lio:
    """An empty LIO."""
    lio = Lio()
    cleanup.append(lio.remove)
    cleanup.append(spt.unload)
    cleanup.append(initiator.remove)
    return lio


@pytest.fixture(name="tpg")
def tpg_(lio: Lio) -> Tpg:
    """One demo-mode TPG without a LUN."""
    return lio.open_tpg()


@pytest.fixture(name="tpgs")
def tpgs_(lio: Lio) -> list[Tpg]:
    """Two of one target; with short queues, which make logins cheap."""
    made = [lio.open_tpg(tag) for tag in (1, 2)]
    for tpg in made:
        tpg.attribute("default_cmdsn_depth", 1)
    return made


@pytest.fixture(name="one_processor")
def one_processor_() -> Iterator[None]:
    """See processors.py."""
    yield from processors.only_one()


@pytest.fixture(name="module")
def module_(lio: Lio) -> None:
    """The module is loaded."""
    spt.insmod()


@pytest.fixture(name="wire")
def wire_(lio: Lio, cleanup: Cleanup) -> Callable[..., WireInitiator]:
    """Makes initiators on a bare socket, logged in unless told otherwise."""
    def make(tpg: Tpg, name: str = "", login: bool = True,
             **keys: object) -> WireInitiator:
        made = WireInitiator(tpg, name, **keys)
        cleanup.append(made.leave)
        return made.login() if login else made
    return make


@pytest.fixture(name="read")
def read_(lio: Lio, cleanup: Cleanup) -> Callable[..., list[Reader]]:
    """Starts readers of several ways."""
    def make(*ways: str) -> list[Reader]:
        made = [Reader(way) for way in ways]
        cleanup.extend(reader.finish for reader in made)
        return made
    return make


@pytest.fixture(name="client")
def client_(lio: Lio, cleanup: Cleanup) -> Client:
    """Not loaded yet; gone before our module has to."""
    client = Client()
    cleanup.append(client.unload)
    return client


@pytest.fixture(name="disks")
def disks_(lio: Lio) -> Callable[..., list[Initiator]]:
    """Makes open-iscsi initiators, each with its ACL and disk, logged in."""
    def make(count: int, tpg: Tpg | None = None, **options: str) -> list[Initiator]:
        tpg = tpg or lio.tpg()
        made = [Initiator(tpg, **options) for _ in range(count)]
        for number, one in enumerate(made):
            tpg.lun(number, lio.keep(lio_.ramdisk(1)))
            tpg.acl(one.name, number)
        tpg.enable()
        initiator.login_all(made)
        return made
    return make


@pytest.fixture(name="fio")
def fio_(cleanup: Cleanup, disks: object) -> Callable[..., Fio]:
    """Starts fio."""
    def make(initiators: list[Initiator]) -> Fio:
        made = Fio(initiators)
        cleanup.append(made.kill)
        return made
    return make


@pytest.fixture(name="stick")
def stick_(lio: Lio, module: None, wire: Callable[..., WireInitiator],
           hanging: Callable[[], HangingDisk]) -> Callable[..., Stuck]:
    """Makes sessions hang, each with a target of its own."""
    def make(backend: type[Iblock | Fileio] = Iblock) -> Stuck:
        made = hanging()
        tpg = lio.tpg(f"iqn.2024-01.com.example:{made.name}")
        name = f"iqn.2024-01.com.example:{made.name}-initiator"
        backstore = backend(made)
        lio.keep(backstore)
        tpg.lun(0, backstore)
        tpg.acl(name, 0)
        tpg.enable()
        one = wire(tpg, name)
        made.suspend()
        one.read(block=4096)
        backstore.wait_until_stuck(one)
        return Stuck(tpg, one, spt.cookie_of(name), made)
    return make


@pytest.fixture(name="stuck")
def stuck_(stick: Callable[..., Stuck]) -> Stuck:
    """One session that hangs."""
    return stick()


@pytest.fixture(name="hanging")
def hanging_(cleanup: Cleanup, lio: Lio) -> Callable[[], HangingDisk]:
    """Makes disks that can be suspended; resumed before all other cleaning."""
    def make() -> HangingDisk:
        made = HangingDisk()
        # Below lio.remove, which lets go of it.
        cleanup.insert(0, made.remove)
        cleanup.append(made.resume)
        return made
    return make


@pytest.fixture(name="caught")
def caught_() -> Iterator[list[int]]:
    """The signals that came; with a handler, one that does not restart calls."""
    caught: list[int] = []
    before = signal.signal(signal.SIGUSR1, lambda number, _: caught.append(number))
    yield caught
    signal.signal(signal.SIGUSR1, before)

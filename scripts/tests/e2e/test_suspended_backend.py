# SPDX-License-Identifier: GPL-2.0
"""A session whose backend hangs cannot end; who stops it must not hang too."""
from __future__ import annotations

import os
import signal
import threading
import time
from typing import Callable

import lio as lio_
import pytest
import spt
import sptctl
from background import Background, Child
from lio import Lio
from proc import IOCTL, state, waits_in
from records import NO_LIMIT
from spt import Device
from stuck import Fileio, Iblock, Stuck
from tools import LATE_TICKS, SLACK, patience, until
from wire import WireInitiator

Wire = Callable[..., WireInitiator]
Make = Callable[..., Stuck]


@pytest.mark.parametrize("backend", [Iblock, Fileio])
def test_deadline(stick: Make, backend: type[Iblock | Fileio]) -> None:
    """ETIMEDOUT in time; ENDING from then on; the end once it is resumed."""
    stuck = stick(backend)
    assert not stuck.is_ending()
    began = time.monotonic()
    assert spt.stop(stuck.cookie, 2) == spt.STILL_ENDING
    assert 2 - LATE_TICKS <= time.monotonic() - began < 2 + SLACK
    began = time.monotonic()
    outcome = sptctl.run("stop", "--timeout", "2", stuck.cookie)
    # The program has to be started as well.
    assert 2 - LATE_TICKS <= time.monotonic() - began < 2 + patience(5)
    assert outcome.code == sptctl.STILL_ENDING
    assert f"{stuck.cookie:#018x}" in outcome.one_line()

    assert stuck.is_ending()
    assert sptctl.as_json("info", stuck.cookie)["ending"] is True
    entry, = sptctl.as_json("list")
    assert entry["ending"] is True and entry["cookie"] == f"{stuck.cookie:#018x}"
    assert sptctl.run("list").out.splitlines()[1].split()[1] in ("ending", "stuck")
    assert entry["note"].startswith("ending for ") and \
        entry["note"].endswith(": LIO waits for its commands to be done")
    assert entry["note"].split(":")[0] in sptctl.run("info", stuck.cookie).out
    with Device() as device:
        info = device.known(stuck.cookie)
    now = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    # That one, and what its initiator has not acknowledged.
    assert 1 <= info.commands <= 2 and info.connections == 1
    assert info.login_time < info.ending_since < now - int(3e9)
    assert spt.stop(stuck.cookie, 0) == spt.BEGUN
    assert spt.is_in_use()

    assert stuck.stop_and_resume() == spt.DONE
    assert stuck.tpg.acl_session(stuck.one.name) is None
    assert not stuck.tpg.sockets()
    assert spt.starts() == []
    until(lambda: not spt.is_in_use(), "the module goes")


def test_every_waiter_gets_the_end(stuck: Stuck) -> None:
    """Several processes wait for one end, and all of them are told."""
    devices = [Device() for _ in range(4)]
    children = [Child(lambda device=device: device.stop(stuck.cookie, NO_LIMIT))
                for device in devices]
    for child in children:
        child.go()
    until(stuck.is_ending, "the stop has begun")
    for child in children:
        until(lambda pid=child.pid: waits_in(pid, IOCTL), "the process waits")
    stuck.disk.resume()
    assert [child.result() for child in children] == [spt.DONE] * 4
    for device in devices:
        device.close()


def test_signal(stuck: Stuck, caught: list[int]) -> None:
    """EINTR and ABORTED for a process with a handler; the end goes on."""
    main = os.getpid()
    done = threading.Event()

    def interrupt() -> None:
        until(lambda: waits_in(main, IOCTL), "the test waits in the kernel")
        until(stuck.is_ending, "the stop has begun")
        os.kill(main, signal.SIGUSR1)
        done.set()

    helper = Background(interrupt)
    assert spt.stop(stuck.cookie, NO_LIMIT) == spt.INTERRUPTED
    helper.result()
    assert done.is_set() and caught == [signal.SIGUSR1]
    assert stuck.is_ending()
    assert spt.is_in_use()
    assert stuck.stop_and_resume() == spt.DONE


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_killed_caller(stuck: Stuck, number: signal.Signals) -> None:
    """A caller can be killed at any time, and leaves only the end behind."""
    process = sptctl.start("stop", "--timeout", "none", stuck.cookie)
    until(stuck.is_ending, "the stop has begun")
    until(lambda: waits_in(process.pid, IOCTL), "sptctl waits")
    began = time.monotonic()
    process.send_signal(number)
    process.communicate()
    assert time.monotonic() - began < SLACK
    assert process.returncode == -number
    assert stuck.is_ending() and spt.is_in_use()
    stuck.disk.resume()
    until(lambda: not spt.starts(), "the end has gone on")
    until(lambda: not spt.is_in_use(), "the module goes")


def test_paused_sptctl_waits_on(stuck: Stuck) -> None:
    """Ctrl-Z and fg: EINTR without an end is no reason to give up."""
    process = sptctl.start("stop", "--timeout", "none", stuck.cookie)
    until(lambda: waits_in(process.pid, IOCTL), "sptctl waits")
    process.send_signal(signal.SIGSTOP)
    until(lambda: state(process.pid) == "T", "sptctl is stopped")
    process.send_signal(signal.SIGCONT)
    until(lambda: waits_in(process.pid, IOCTL), "sptctl waits again")
    stuck.disk.resume()
    out, err = process.communicate()
    assert (process.returncode, err) == (sptctl.DONE, ""), out


def test_connection_lost_while_it_hangs(stuck: Stuck) -> None:
    """It is ending, though LIO notes that only when its command is done."""
    assert not stuck.is_ending()
    stuck.one.close()
    until(stuck.is_ending, "the end is seen")
    told = sptctl.as_json("info", stuck.cookie)
    assert told["connection_states"] == ["cleanup-wait"]
    assert told["note"].startswith("ending for ") and \
        told["note"].endswith(": LIO waits for its commands to be done")
    assert sptctl.as_json("list", "--state", "ending") and \
        sptctl.run("list").out.splitlines()[1].split()[1] in ("ending", "stuck")
    stuck.disk.resume()
    until(lambda: not spt.starts(), "it has ended")


def test_others_go_on(stuck: Stuck, lio: Lio, wire: Wire) -> None:
    """A session on another LUN works, and can be listed and stopped."""
    tpg = lio.open_tpg()
    tpg.lun(0, lio.keep(lio_.ramdisk(1)))
    assert spt.stop(stuck.cookie, 0) == spt.BEGUN
    other = wire(tpg)
    other.read(0)
    other.ping()
    cookies = spt.sessions()
    assert cookies[stuck.one.name].cookie == stuck.cookie
    assert spt.stop(cookies[other.name].cookie) == spt.DONE
    assert stuck.is_ending()


def test_logged_in_again_meanwhile(stuck: Stuck, wire: Wire) -> None:
    """The old session may still be ending when its initiator is back."""
    assert spt.stop(stuck.cookie, 0) == spt.BEGUN
    back = wire(stuck.tpg, stuck.one.name)
    cookies = {start.cookie for start in spt.starts()}
    assert stuck.cookie in cookies and len(cookies) == 2
    assert stuck.stop_and_resume() == spt.DONE
    back.ping()
    assert [start.cookie for start in spt.starts()] == \
        sorted(cookies - {stuck.cookie})


def test_several_cookies(stuck: Stuck, lio: Lio, wire: Wire) -> None:
    """sptctl stop ends what it can, and says which one it could not."""
    tpg = lio.open_tpg()
    cookies = [spt.cookie_of(wire(tpg).name) for _ in range(3)]
    outcome = sptctl.run("stop", "--timeout", "2", cookies[0], stuck.cookie,
                         *cookies[1:])
    assert outcome.code == sptctl.STILL_ENDING
    # In the order in which they end.
    assert sorted(outcome.out.splitlines()) == \
        [f"{cookie:#018x} ended" for cookie in sorted(cookies)]
    assert f"{stuck.cookie:#018x}" in outcome.one_line()
    assert [start.cookie for start in spt.starts()] == [stuck.cookie]

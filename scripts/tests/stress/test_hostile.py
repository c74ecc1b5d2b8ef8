# SPDX-License-Identifier: GPL-2.0
"""Callers that do everything wrong, many times, and those next to them."""
from __future__ import annotations

import random
import subprocess
from itertools import count
from pathlib import Path
from typing import Callable, Iterator

import lio as lio_
import pytest
import retained as retained_
import spt
from background import Background
from lio import Lio, Tpg
from records import ENDING
from stress import Stress
from tools import until
from wire import Closed, WireInitiator

Wire = Callable[..., WireInitiator]
Retained = tuple[WireInitiator, int]

FUZZ = Path("/src/build/fuzz/fuzz")
VICTIM = "iqn.2024-01.com.example:victim"
VICTIMS, BYSTANDERS = 6, 4

# So few that a reader who is slow falls behind.
EVENTS = 64

# Objects that may be others', or spare ones; each thousandth call makes more.
SLAB = Path("/sys/kernel/slab/iscsitgt_spt_session")
SOME = 200

# Ten million on the stock kernels together.
CALLS, DEBUG_CALLS = 5_000_000, 300_000


@pytest.fixture(name="module")
def module_(lio: Lio) -> None:
    """With a ring that is soon full."""
    spt.insmod(f"events={EVENTS}")


class Victim:
    """Logs in again whenever its session is ended, or out when that takes long."""

    numbers = count()

    def __init__(self, tpg: Tpg) -> None:
        number = next(self.numbers)
        self.logins = 0
        self._chance = random.Random(number)
        self._one = WireInitiator(tpg, f"{VICTIM}{number}")
        self.name = self._one.name
        self._leaves = False
        self._thread = Background(self._run)

    def _run(self) -> None:
        while not self._leaves:
            try:
                self._one.login()
                self.logins += 1
                if self._chance.random() < 0.1:
                    self._one.logout()
                else:
                    self._one.see_the_end()
            except (Closed, TimeoutError):
                # It was ended in the middle of that, or by nobody.
                pass
        self._one.leave()

    def leave(self) -> None:
        """End its sessions until it has seen that it shall go."""
        self._leaves = True
        until(self._has_left, f"{self.name} has left")
        self._thread.result()

    def _has_left(self) -> bool:
        if self._thread.is_running():
            for start in spt.starts():
                if start.initiator == self.name:
                    spt.stop(start.cookie)
        return not self._thread.is_running()


@pytest.fixture(name="victims")
def victims_(lio: Lio, module: None, cleanup: list[Callable[[], object]]
             ) -> Iterator[list[Victim]]:
    """In a TPG of their own."""
    tpg = lio.open_tpg(2)
    made = [Victim(tpg) for _ in range(VICTIMS)]
    cleanup.extend(one.leave for one in made)
    until(lambda: all(one.logins for one in made), "all are there")
    yield made


def quiet(lio: Lio, wire: Wire) -> list[WireInitiator]:
    """Sessions in which nothing happens, not even LIO's pings."""
    tpg = lio.tpg(tag=3)
    names = [f"iqn.2024-01.com.example:bystander{i}" for i in range(BYSTANDERS)]
    for name in names:
        tpg.acl(name)
        tpg.leave_alone(name)
    tpg.enable()
    return [wire(tpg, name) for name in names]


def objects() -> int:
    """For how many sessions there is memory; with those of caches of the same size,
    where the kernel merges them."""
    # Else what each processor keeps for itself counts as a whole, used or not.
    (SLAB / "shrink").write_text("1", encoding="ascii")
    text = (SLAB / "objects").read_text(encoding="ascii")
    return int(text.split()[0])


def run_fuzz(calls: int, seed: int) -> str:
    """What the program says, which has to be content."""
    done = subprocess.run([FUZZ, "--calls", str(calls), "--seed", str(seed),
                           "--victim", VICTIM, "--stuck", retained_.NAME],
                          text=True, check=False, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_fuzz(lio: Lio, retained: Retained, victims: list[Victim], wire: Wire,
              stress: Stress, measured: Callable[[str], None]) -> None:
    """Each is answered as promised, and nobody else notices anything."""
    bystanders = quiet(lio, wire)
    cookies = {one.name: spt.cookie_of(one.name) for one in bystanders}
    before = objects()
    calls = stress.scaled(CALLS, DEBUG_CALLS)
    for line in run_fuzz(calls, stress.random.getrandbits(32)).splitlines():
        measured(line)
    stress.count(calls, "calls")
    stress.count(sum(one.logins for one in victims), "logins")
    for victim in victims:
        victim.leave()

    for one in bystanders:
        one.ping()
    stuck, cookie = retained
    # Who has logged out has its answer a moment before it has left LIO.
    until(lambda: spt.sessions().keys() == cookies.keys() | {stuck.name},
          "they are there, and nobody else")
    there = spt.sessions()
    assert {one.name: there[one.name].cookie for one in bystanders} == cookies
    assert not any(there[name].flags & ENDING for name in cookies)
    assert there[stuck.name].cookie == cookie
    until(lambda: len(lio_.session_threads()) == 2 * BYSTANDERS,
          "LIO has threads for nobody else")
    assert objects() < before + SOME
    for one in bystanders:
        assert spt.stop(cookies[one.name]) == spt.DONE

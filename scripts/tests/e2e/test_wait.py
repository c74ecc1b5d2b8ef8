# SPDX-License-Identifier: GPL-2.0
"""sptctl wait: see a session go, and do nothing to it."""
from __future__ import annotations

import time
from typing import Callable

import pytest
import spt
import sptctl
from lio import Lio, Tpg
from tools import LATE_TICKS, patience, until
from watch import Lines
from wire import WireInitiator

Wire = Callable[..., WireInitiator]


def wait(*arguments: object) -> Lines:
    """sptctl wait, which waits."""
    lines = Lines(*sptctl.command("wait", *arguments))
    return lines


@pytest.mark.parametrize("timeout", [(), ("--timeout", "none"), ("--timeout", "600")])
@pytest.mark.parametrize("cause", ["logout", "stopped"])
def test_ends(tpg: Tpg, module: None, wire: Wire, timeout: tuple[str, ...],
              cause: str) -> None:
    """Returns at the end, and says why; the session was not disturbed."""
    one, other = wire(tpg), wire(tpg)
    cookie = spt.cookie_of(one.name)
    with wait(*timeout, cookie) as lines:
        until(lines.waits, "it waits")
        one.ping()
        other.logout()
        if cause == "stopped":
            spt.stop(cookie, 0)
        else:
            one.logout()
        assert lines.line() == f"{cookie:#018x} ended {cause}"
        assert lines.end() == (sptctl.DONE, "")


def test_timeout(tpg: Tpg, module: None, wire: Wire) -> None:
    """Exit code 4 at the deadline, with 0 at once."""
    one = wire(tpg)
    cookie = spt.cookie_of(one.name)
    for seconds in (0, 1):
        began = time.monotonic()
        outcome = sptctl.run("wait", "--timeout", str(seconds), cookie)
        took = time.monotonic() - began
        assert seconds - LATE_TICKS <= took < seconds + patience(5)
        assert (outcome.code, outcome.out) == (sptctl.STILL_ENDING, "")
        assert f"{cookie:#018x}" in outcome.one_line()
    one.ping()


def test_unknown_cookie(tpg: Tpg, module: None, wire: Wire) -> None:
    """Exit code 3 for one that is not there, or not there any more."""
    cookie = spt.cookie_of(wire(tpg).name)
    assert spt.stop(cookie) == spt.DONE
    for gone in (cookie, 1):
        for timeout in ("0", "none"):
            outcome = sptctl.run("wait", "--timeout", timeout, gone)
            assert (outcome.code, outcome.out) == (sptctl.NO_SESSION, "")
            assert "no such session" in outcome.one_line()


def test_behind(lio: Lio, wire: Wire) -> None:
    """Also one who missed the very event that it waits for learns of the end."""
    spt.insmod("events=8")
    tpg = lio.open_tpg()
    one = wire(tpg)
    cookie = spt.cookie_of(one.name)
    with wait(cookie) as lines:
        until(lines.waits, "it waits")
        lines.pause()
        one.logout()
        for _ in range(10):
            wire(tpg).logout()
        until(lambda: not spt.starts(), "all are gone")
        lines.proceed()
        assert lines.line() == f"{cookie:#018x} ended unknown"
        assert lines.end() == (sptctl.DONE, "")

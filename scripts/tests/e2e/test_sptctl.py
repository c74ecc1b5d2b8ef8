# SPDX-License-Identifier: GPL-2.0
"""sptctl for scripts: exit codes, one clear line on stderr, nothing else there.

What needs a hanging backend is in test_suspended_backend.py, who may not use
it in test_permission.py.
"""
from __future__ import annotations

from typing import Callable

import pytest
import spt
import sptctl
from lio import Lio, Tpg
from wire import WireInitiator

Wire = Callable[..., WireInitiator]


@pytest.mark.parametrize("arguments", [("list",), ("list", "--json"),
                                       ("info", 1), ("stop", 1)])
def test_module_not_loaded(lio: Lio, arguments: tuple[object, ...]) -> None:
    """Says what to do about it."""
    outcome = sptctl.run(*arguments)
    assert (outcome.code, outcome.out) == (sptctl.FAILED, "")
    assert "modprobe iscsitgt_spt" in outcome.one_line()


@pytest.mark.parametrize("arguments", [
    ("info",), ("stop",), ("info", "x"), ("info", "0"), ("info", "-1"),
    ("info", "0x"), ("info", "1", "2"), ("stop", "1x"), ("stop", "1", ""),
    ("stop", "18446744073709551616"), ("stop", "--timeout", "1"),
    ("stop", "--timeout", "-1", "1"), ("stop", "--timeout", "1s", "1"),
    ("stop", "--timeout", "4294967295", "1"), ("stop", "--timeout"),
    ("list", "1"), ("list", "--jsn"), ("end", "1"), ("--json",),
])
def test_usage(module: None, arguments: tuple[str, ...]) -> None:
    """Exit code 2, before anything is done."""
    outcome = sptctl.run(*arguments)
    assert (outcome.code, outcome.out) == (sptctl.USAGE, "")
    assert "--help" in outcome.one_line()


@pytest.mark.parametrize("arguments", [
    ("--help",), ("-h",), ("list", "--help"), ("info", "--help"),
    ("stop", "--help"), ("stop", "-h"), ("--version",)])
def test_help(arguments: tuple[str, ...]) -> None:
    """Works without the module."""
    outcome = sptctl.run(*arguments)
    assert (outcome.code, outcome.err) == (sptctl.DONE, "")
    assert "sptctl" in outcome.out


@pytest.mark.parametrize("arguments", [
    ("info", "1"), ("info", "--json", "1"), ("stop", "1"),
    ("stop", "--timeout", "0", "1"), ("stop", "--timeout", "none", "1")])
def test_unknown_cookie(module: None, arguments: tuple[str, ...]) -> None:
    """Exit code 3."""
    outcome = sptctl.run(*arguments)
    assert (outcome.code, outcome.out) == (sptctl.NO_SESSION, "")
    assert "no such session" in outcome.one_line()


def test_stop(tpg: Tpg, module: None, wire: Wire) -> None:
    """Done; by a cookie as list prints it, and then there is none."""
    wire(tpg)
    entry, = sptctl.as_json("list")
    outcome = sptctl.run("stop", entry["cookie"])
    assert outcome == sptctl.Outcome(sptctl.DONE, f"{entry['cookie']} ended\n", "")
    assert tpg.sockets() == set()
    assert sptctl.run("stop", entry["cookie"]).code == sptctl.NO_SESSION


def test_stop_by_decimal(tpg: Tpg, module: None, wire: Wire) -> None:
    """A cookie is a number, however it is written."""
    cookie = spt.cookie_of(wire(tpg).name)
    assert sptctl.run("stop", str(cookie)).out == f"{cookie:#018x} ended\n"


def test_stop_several(tpg: Tpg, module: None, wire: Wire) -> None:
    """All that are there end, and the one that is not is named."""
    cookies = [spt.cookie_of(wire(tpg).name) for _ in range(4)]
    outcome = sptctl.run("stop", cookies[0], 1, *cookies[1:3], cookies[0])
    assert outcome.code == sptctl.NO_SESSION
    # In the order in which they end.
    assert sorted(outcome.out.splitlines()) == \
        [f"{cookie:#018x} ended" for cookie in cookies[:3]]
    assert "0x0000000000000001" in outcome.one_line()
    assert [start.cookie for start in spt.starts()] == cookies[3:]


def test_bad_cookie_among_good_ones(tpg: Tpg, module: None, wire: Wire) -> None:
    """Nothing is stopped by a command that is wrong."""
    cookie = spt.cookie_of(wire(tpg).name)
    assert sptctl.run("stop", cookie, "x").code == sptctl.USAGE
    assert [start.cookie for start in spt.starts()] == [cookie]


def test_output_that_does_not_arrive(tpg: Tpg, module: None, wire: Wire) -> None:
    """A list that was cut short does not pass for a whole one."""
    wire(tpg)
    outcome = sptctl.run("list", under=("sh", "-c", '"$@" >/dev/full', "sh"))
    assert outcome.code == sptctl.FAILED
    assert "No space left" in outcome.one_line()

# SPDX-License-Identifier: GPL-2.0
"""What is different on a terminal: width, colour, a question, progress."""
from __future__ import annotations

import re

import pytest
from device import NEVER, TARGET, Device, Session
from records import ENDING, FAILED as STATE_FAILED
from tool import DONE, FAILED, STILL_ENDING, USAGE, Tool, no_control

SESSIONS = [Session(cookie=i, initiator=f"iqn.2026-11.com.example:{'i' * 150}{i}")
            for i in (1, 2, 3)]
COLOUR = re.compile(rb"\x1b\[[0-9;]*m")
QUESTION = b"End these 3 sessions? [y/N] "
STATES = [Session(cookie=1), Session(cookie=2, flags=ENDING, ending_for=1),
          Session(cookie=3, flags=ENDING, ending_for=60),
          Session(cookie=4, state=STATE_FAILED, connections=0)]


@pytest.mark.valgrind(1)
@pytest.mark.parametrize("columns", [70, 80, 100, 132, 200])
def test_width(tool: Tool, device: Device, columns: int) -> None:
    """As wide as the terminal, and no wider."""
    device.have(*SESSIONS, Session(cookie=4, target="x" * 200))
    code, shown, _ = tool.terminal("list", columns=columns).end()
    assert code == DONE
    lines = no_control(COLOUR.sub(b"", shown)).splitlines()
    assert len(lines) == 5
    assert columns - 4 <= max(map(len, lines)) <= columns


@pytest.mark.parametrize("columns", [0, 1, 5, 40, 65535])
def test_strange_width(tool: Tool, device: Device, columns: int) -> None:
    """Never none, never a crash."""
    device.have(*SESSIONS)
    code, shown, _ = tool.terminal("list", columns=columns).end()
    text = no_control(COLOUR.sub(b"", shown))
    assert code == DONE and len(text.splitlines()) == 4
    assert all(f"{session.cookie:#018x}" in text for session in SESSIONS)


def test_wide(tool: Tool, device: Device) -> None:
    """Does not care."""
    device.have(*SESSIONS)
    code, shown, _ = tool.terminal("list", "--wide", columns=80).end()
    assert code == DONE
    assert all(str(session.initiator).encode() in shown for session in SESSIONS)


@pytest.mark.valgrind
def test_colour(tool: Tool, device: Device) -> None:
    """Red where somebody has to act, yellow where somebody has to look."""
    device.have(*STATES)
    for options in ((), ("--wide",)):
        code, shown, _ = tool.terminal("list", *options).end()
        assert code == DONE
        _, plain, ending, stuck, failed = shown.splitlines()
        assert not COLOUR.search(plain)
        assert re.search(rb"\x1b\[[0-9;]*31m *stuck *\x1b\[0?m", stuck)
        for line, word in ((ending, b"ending"), (failed, b"failed")):
            assert re.search(rb"\x1b\[[0-9;]*33m *" + word + rb" *\x1b\[0?m", line)
        # Columns stand where they stand without.
        assert COLOUR.sub(b"", shown).decode() == tool.good("list", *options)


@pytest.mark.parametrize("arguments, environment", [
    (("list",), {"NO_COLOR": "1"}), (("list", "--json"), {}),
    (("list", "--format", "state,cookie"), {}), (("info", "--all"), {}),
    (("watch", "--once"), {})])
def test_no_colour(tool: Tool, device: Device, arguments: tuple[str, ...],
                   environment: dict[str, str]) -> None:
    """Where it was turned off, and in what programs read."""
    device.have(*STATES).read(Session(cookie=9).start())
    code, shown, _ = tool.terminal(*arguments, **environment).end()
    assert code == DONE and shown
    no_control(shown)


def test_evil_on_a_terminal(tool: Tool, device: Device) -> None:
    """The colours are ours, nothing else is."""
    device.have(Session(cookie=1, initiator="\x1b[31m\x1b[2J", target="\u009b31m",
                        flags=ENDING, ending_for=99, chap_user="\x1b]0;x\x07"))
    for arguments in (("list",), ("list", "--wide"), ("info", "--all"),
                      ("stop", "--dry-run", "--all")):
        code, shown, _ = tool.terminal(*arguments).end()
        assert code == DONE
        no_control(COLOUR.sub(b"", shown))
        assert len(COLOUR.findall(shown)) <= 2


def stoppable(device: Device) -> Device:
    """Three, each of which ends at once."""
    device.have(*SESSIONS)
    for session in SESSIONS:
        device.stops(session.cookie)
    return device


@pytest.mark.valgrind(1)
@pytest.mark.parametrize("answer", [b"y\n", b"yes\n", b"Y\n", b"YES\n", b"Yes\n"])
def test_yes(tool: Tool, device: Device, answer: bytes) -> None:
    """Asked on stderr, with the table; stdout has only the ends."""
    stoppable(device)
    terminal = tool.terminal("stop", "--target", TARGET, stdout=False)
    shown = terminal.until(QUESTION)
    assert shown.count(b"0x00000000000000") == 3 and b"COOKIE" in shown
    assert device.stopped() == []
    terminal.type(answer)
    code, shown, out = terminal.end()
    assert code == DONE and device.stopped() == [1, 2, 3]
    assert out.splitlines() == [b"0x%016x ended" % i for i in (1, 2, 3)]
    assert b"sptctl: 3 sessions: 3 ended\n" in shown


@pytest.mark.valgrind(1)
@pytest.mark.parametrize("answer", [
    b"n\n", b"\n", b"\x04", b"no\n", b"yep\n", b"yy\n", b"ye\n", b" \n", b"n\ny\n",
    b"N\n", b"j\n", b"1\n", b"y y\n", b"yesyes\n", b"x" * 2000 + b"\ny\n",
    b"\xff\n"])
def test_no(tool: Tool, device: Device, answer: bytes) -> None:
    """Anything else."""
    stoppable(device)
    terminal = tool.terminal("stop", "--target", TARGET, stdout=False)
    terminal.until(QUESTION)
    terminal.type(answer)
    code, shown, out = terminal.end()
    assert (code, out) == (FAILED, b"") and device.stopped() == []
    assert b"nothing was stopped" in shown


def test_nobody_can_answer(tool: Tool, device: Device) -> None:
    """The terminal goes away at the question."""
    stoppable(device)
    terminal = tool.terminal("stop", "--target", TARGET, stdout=False)
    terminal.until(QUESTION)
    terminal.process.terminate()
    terminal.process.wait(60)
    assert device.stopped() == []


@pytest.mark.parametrize("arguments", [
    ("--target", TARGET, "--yes"), ("--all", "--yes"), ("1", "2", "3")])
def test_not_asked(tool: Tool, device: Device, arguments: tuple[str, ...]) -> None:
    """Who said so, or named them."""
    stoppable(device)
    code, shown, out = tool.terminal("stop", *arguments, stdout=False).end()
    assert code == DONE and b"[y/N]" not in shown
    assert device.stopped() == [1, 2, 3] and out.count(b"ended\n") == 3


def test_not_asked_for_a_dry_run(tool: Tool, device: Device) -> None:
    """There is nothing to agree to."""
    stoppable(device)
    code, shown, _ = tool.terminal("stop", "--dry-run", "--all").end()
    assert code == DONE and b"[y/N]" not in shown and device.stopped() == []


def test_all_needs_yes_here_too(tool: Tool, device: Device) -> None:
    """Too much for one key."""
    stoppable(device)
    code, shown, _ = tool.terminal("stop", "--all").end()
    assert code == USAGE and b"--yes" in shown and device.log() == []


def test_asked_for_one(tool: Tool, device: Device) -> None:
    """In English."""
    stoppable(device)
    terminal = tool.terminal("stop", "--initiator", "*1", stdout=False)
    shown = terminal.until(b"[y/N] ")
    assert b"End this session? " in shown or b"End these 1 sessions? " not in shown
    terminal.type(b"y\n")
    assert terminal.end()[0] == DONE and device.stopped() == [1]


def test_ended_at_the_question(tool: Tool, device: Device) -> None:
    """Somebody else's end does not matter."""
    device.have(*SESSIONS).stops(1).stop_fails(2, 2).stops(3)
    terminal = tool.terminal("stop", "--target", TARGET, stdout=False)
    terminal.until(QUESTION)
    terminal.type(b"y\n")
    code, _, out = terminal.end()
    assert code in (DONE, 3)
    assert out.splitlines()[0] == b"0x0000000000000001 ended"
    assert out.splitlines()[-1] == b"0x0000000000000003 ended"


@pytest.mark.valgrind
def test_progress(tool: Tool, device: Device) -> None:
    """On stderr while it takes long, and gone or ended when it is over."""
    device.have(*SESSIONS).stops(1, 0).stops(2, 1500).stops(3, NEVER)
    terminal = tool.terminal("stop", "--timeout", "2", 1, 2, 3, stdout=False)
    code, shown, out = terminal.end()
    assert code == STILL_ENDING
    assert out.splitlines() == [b"0x0000000000000001 ended",
                                b"0x0000000000000002 ended"]
    said = [line for line in re.split(rb"[\r\n]|\x1b\[[0-9;]*K", shown) if line.strip()]
    assert said[-1].startswith(b"sptctl: 0x0000000000000003: still ending")
    assert len(said) > 1
    no_control(re.sub(rb"\r|\x1b\[[0-9;]*[Km]", b"", shown))


def test_progress_amid_events(tool: Tool, device: Device) -> None:
    """It takes no less time because others log in meanwhile."""
    device.have(*SESSIONS).stops(1, 2500).stops(2, 0)
    for i in range(10, 22):
        device.read(Session(cookie=i).start(), ms=(i - 9) * 200)
    code, shown, out = tool.terminal("stop", 1, 2, stdout=False).end()
    assert (code, out) == (DONE, b"0x0000000000000002 ended\n"
                                 b"0x0000000000000001 ended\n")
    assert shown.strip()


def test_progress_beside_lines(tool: Tool, device: Device) -> None:
    """Both on one terminal: what stays there are the lines."""
    device.have(*SESSIONS).stops(1, 1300).stops(2, 2600)
    code, shown, _ = tool.terminal("stop", 1, 2).end()
    assert code == DONE and b"\r" in shown
    assert re.sub(rb"[^\r\n]*\r\x1b\[K", b"", shown).splitlines() == [
        b"0x0000000000000001 ended", b"0x0000000000000002 ended"]


def test_no_progress(tool: Tool, device: Device) -> None:
    """Of what takes no time, of one alone, and where stderr is no terminal."""
    stoppable(device)
    code, shown, _ = tool.terminal("stop", 1, 2, stdout=False).end()
    assert code == DONE and (shown == b"" or tool.slow)
    device.entry(3, 8, ms=1600)
    code, shown, _ = tool.terminal("stop", 8, stdout=False).end()
    assert (code, shown) == (DONE, b"")
    device.entry(3, 9, ms=1600)
    assert tool.good("stop", 9) == "0x0000000000000009 ended\n"

# SPDX-License-Identifier: GPL-2.0
"""sptctl stop: whom it ends, what it says and when, and its exit code."""
from __future__ import annotations

import errno
import os
import select
import time

import pytest
from device import NEVER, TARGET, Device, Session, stop
from tool import DONE, FAILED, NO_SESSION, STILL_ENDING, Tool

SESSIONS = [Session(cookie=i, initiator=f"iqn.2026-11.com.example:i{i}")
            for i in (1, 2, 3)]


def ended(*cookies: int) -> str:
    """The lines for these."""
    return "".join(f"{cookie:#018x} ended\n" for cookie in cookies)


@pytest.mark.valgrind
def test_one(tool: Tool, device: Device) -> None:
    """Ends at once, or after a while."""
    device.have(*SESSIONS).stops(1, 0).stops(2, 200)
    assert tool.good("stop", 1) == ended(1)
    assert tool.good("stop", 2) == ended(2)
    assert device.stopped() == [1, 2]


@pytest.mark.valgrind(1)
@pytest.mark.parametrize("how", [(1, 2, 3), ("--all", "--yes"),
                                 ("--target", TARGET)])
def test_in_the_order_of_ends(tool: Tool, device: Device,
                              how: tuple[object, ...]) -> None:
    """Not in that of the operands."""
    device.have(*SESSIONS).stops(1, 900).stops(2, 200).stops(3, 500)
    outcome = tool.run("stop", *how)
    assert (outcome.code, outcome.out) == (DONE, ended(2, 3, 1))
    assert outcome.err == ("" if how[0] == 1 else "sptctl: 3 sessions: 3 ended\n")


@pytest.mark.parametrize("timeout", ["2", "none", None])
def test_a_stuck_one_holds_up_nobody(tool: Tool, device: Device,
                                     timeout: str) -> None:
    """The lines of the others come while it is still waited for."""
    device.have(*SESSIONS).stops(1, NEVER).stops(2, 300).stops(3, 0)
    options = ["--timeout", timeout] if timeout else []
    process = tool.start("stop", *options, 1, 2, 3)
    said = b""
    while said.count(b"\n") < 2:
        assert select.select([process.stdout], [], [], 2.5)[0], said
        said += os.read(process.stdout.fileno(), 4096)
    assert said.decode() == ended(3, 2)
    if timeout != "2":
        assert process.poll() is None
        process.kill()
        process.communicate()
        return
    outcome = tool.finish(process)
    assert (outcome.code, outcome.out) == (STILL_ENDING, "")
    assert "0x0000000000000001" in outcome.one_line()


def test_all_are_begun_first(tool: Tool, device: Device) -> None:
    """So that they share the time."""
    device.have(*SESSIONS).stops(1, 700).stops(2, 700).stops(3, 700)
    began = time.monotonic()
    assert sorted(tool.good("stop", 3, 1, 2).splitlines(True)) == \
        ended(1, 2, 3).splitlines(True)
    assert tool.slow or time.monotonic() - began < 1.9
    requests = [line for line in device.log() if line.startswith("stop")]
    assert sorted(requests[:3]) == ["stop 0x1 0", "stop 0x2 0", "stop 0x3 0"]


@pytest.mark.parametrize("how", [(1, 2, 3), ("--all", "--yes")])
def test_begin_only(tool: Tool, device: Device, how: tuple[object, ...]) -> None:
    """A timeout of 0 waits for nobody."""
    device.have(*SESSIONS).stops(1, NEVER).stops(2, 0).stops(3, 60000)
    began = time.monotonic()
    outcome = tool.run("stop", "--timeout", "0", *how)
    assert outcome.code == DONE
    assert sorted(outcome.out.splitlines()) == [
        "0x0000000000000001 begun", "0x0000000000000002 ended",
        "0x0000000000000003 begun"]
    assert time.monotonic() - began < 20
    requests = [line for line in device.log() if line.startswith("stop")]
    assert requests == ["stop 0x1 0", "stop 0x2 0", "stop 0x3 0"]


@pytest.mark.parametrize("cookies", [(1, 1), ("1", "0x1", "01"), (1, 2, 1, 2)])
def test_named_twice(tool: Tool, device: Device, cookies: tuple[object, ...]) -> None:
    """Counts once: by its second turn it may be gone."""
    device.have(*SESSIONS).stops(1).stops(2)
    assert tool.good("stop", *cookies) == ended(*range(1, len(
        {int(str(cookie), 0 if "x" in str(cookie) else 10) for cookie in cookies}) + 1))


MIXTURES = [
    ({1: 0, 2: 200}, DONE, 0), ({1: 0, 2: errno.ENOENT}, NO_SESSION, 1),
    ({1: errno.ENOENT, 2: errno.ENOENT}, NO_SESSION, 2),
    ({1: 0, 2: NEVER}, STILL_ENDING, 1),
    ({1: errno.ENOENT, 2: NEVER}, STILL_ENDING, 2),
    ({1: errno.EIO, 2: errno.ENOENT, 3: NEVER}, FAILED, 3),
    ({1: 0, 2: errno.EIO, 3: errno.ENOMEM}, FAILED, 2),
]


@pytest.mark.valgrind(2)
@pytest.mark.parametrize("answers, code, lines", MIXTURES)
def test_mixtures(tool: Tool, device: Device, answers: dict[int, int], code: int,
                  lines: int) -> None:
    """What needs somebody to act comes first; a line of its own for each."""
    device.have(*SESSIONS)
    for cookie, answer in answers.items():
        if 0 < answer < 200:
            device.stop_fails(cookie, answer)
        else:
            device.stops(cookie, answer)
    outcome = tool.run("stop", "--timeout", "1", *answers)
    assert outcome.code == code
    assert outcome.out == ended(*(cookie for cookie, answer in answers.items()
                                  if answer in (0, 200)))
    messages = outcome.err.splitlines()
    assert len(messages) == lines
    for cookie, answer in answers.items():
        about = [line for line in messages if f"{cookie:#018x}: " in line]
        assert len(about) == (answer not in (0, 200))
        assert all(line.startswith("sptctl: ") for line in about)
        for line in about:
            assert {errno.ENOENT: "no such session", NEVER: "still ending"}.get(
                answer, os.strerror(answer % 133)) in line
    assert device.stopped() == list(answers)


@pytest.mark.parametrize("ends, code, summary", [
    ([0, 100, 200], DONE, "3 sessions: 3 ended"),
    ([0, 100, NEVER], STILL_ENDING, "3 sessions: 2 ended, 1 still ending"),
    ([NEVER, NEVER, NEVER], STILL_ENDING, "3 sessions: 0 ended, 3 still ending")])
def test_summary(tool: Tool, device: Device, ends: list[int], code: int,
                 summary: str) -> None:
    """The last line, where selectors chose."""
    device.have(*SESSIONS)
    for session, ms in zip(SESSIONS, ends):
        device.stops(session.cookie, ms)
    outcome = tool.run("stop", "--timeout", "1", "--target", TARGET)
    assert outcome.code == code
    assert outcome.err.splitlines()[-1] == f"sptctl: {summary}"
    assert outcome.out.count("ended\n") == len(ends) - ends.count(NEVER)


def test_summary_of_others(tool: Tool, device: Device) -> None:
    """One that was gone already, and one that could not be ended."""
    device.have(*SESSIONS).stops(1).stop_fails(2, errno.ENOENT)
    device.stop_fails(3, errno.EIO)
    outcome = tool.run("stop", "--target", TARGET)
    assert outcome.code == FAILED
    last = outcome.err.splitlines()[-1]
    assert last.startswith("sptctl: 3 sessions: 1 ended, ")


def test_summary_of_one(tool: Tool, device: Device) -> None:
    """It says so in English."""
    device.have(*SESSIONS).stops(1)
    outcome = tool.run("stop", "--initiator", "*:i1")
    assert outcome.err == "sptctl: 1 session: 1 ended\n"


@pytest.mark.valgrind(1)
@pytest.mark.parametrize("how", [("--all",), ("--target", TARGET),
                                 ("--all", "--yes"), (1, 2, 3),
                                 ("--initiator", "*:i1"),
                                 ("--timeout", "0", "--all")])
def test_dry_run(tool: Tool, device: Device, how: tuple[object, ...]) -> None:
    """The table that list prints, and nothing is asked to end."""
    device.have(*SESSIONS).stops(1).stops(2).stops(3)
    selector = [word for word in how if word in ("--initiator", "*:i1")]
    table = tool.good("list", *selector)
    assert tool.good("stop", "--dry-run", *how) == table
    assert len(table.splitlines()) == (2 if selector else 4)
    assert device.stopped() == []


def test_dry_run_of_nobody(tool: Tool, device: Device) -> None:
    """As without it."""
    device.have(*SESSIONS)
    for how in (("--tpg", "9"), (9,)):
        outcome = tool.run("stop", "--dry-run", *how)
        assert (outcome.code, outcome.out) == (NO_SESSION, "")
        assert outcome.one_line()


@pytest.mark.parametrize("errors", [(errno.EIO, errno.ENOENT),
                                    (errno.ENOENT, errno.EIO)])
def test_dry_run_tells_the_worst(tool: Tool, device: Device,
                                 errors: tuple[int, int]) -> None:
    """In whatever order they come."""
    device.have(SESSIONS[2])
    for cookie, err in enumerate(errors, 1):
        device.info_fails(cookie, err)
    outcome = tool.run("stop", "--dry-run", 1, 2, 3)
    assert outcome.code == FAILED and len(outcome.err.splitlines()) == 2
    assert device.stopped() == []


def test_all_needs_yes(tool: Tool, device: Device) -> None:
    """Alone, and where nobody can be asked."""
    assert "--yes" in tool.misuse("stop", "--all")
    tool.misuse("stop", "--timeout", "1", "--all")
    device.have(*SESSIONS).stops(1).stops(2).stops(3)
    assert tool.run("stop", "--all", "--tpg", "1").code == DONE


def test_lost_while_ending(tool: Tool, device: Device) -> None:
    """Who is not there any more when all are told anew has ended."""
    device.have(*SESSIONS).stops(1, 300, silent=True).stops(2, NEVER)
    device.read_fails(errno.EPIPE, ms=600).read(
        SESSIONS[1].start() + SESSIONS[2].start(), ms=600).nothing_yet()
    outcome = tool.run("stop", "--timeout", "2", 1, 2)
    assert (outcome.code, outcome.out) == (STILL_ENDING, ended(1))
    assert "0x0000000000000002" in outcome.one_line()


def test_lost_and_ended_later(tool: Tool, device: Device) -> None:
    """Who is still there then is waited for."""
    device.have(*SESSIONS).stops(1, 700)
    device.read_fails(errno.EPIPE, ms=200).read(SESSIONS[0].start(), ms=200)
    assert tool.good("stop", "--timeout", "20", 1) == ended(1)


@pytest.mark.parametrize("cause", [0, 2, 3, 4, 5, 77])
def test_ended_for_another_reason(tool: Tool, device: Device, cause: int) -> None:
    """It is gone, however."""
    device.have(*SESSIONS).stops(1, 200, cause=cause)
    assert tool.good("stop", 1) == ended(1)


def test_others_come_and_go(tool: Tool, device: Device) -> None:
    """Events of sessions that nobody named do not matter."""
    device.have(*SESSIONS).stops(1, 500)
    device.read(Session(cookie=9).start(), ms=100).read(stop(3) + stop(9), ms=200)
    assert tool.good("stop", 1) == ended(1)
    assert device.stopped() == [1]


@pytest.mark.parametrize("err", [errno.EIO, errno.ENOMEM])
def test_cannot_read_meanwhile(tool: Tool, device: Device, err: int) -> None:
    """It must not pass for an end."""
    device.have(*SESSIONS).stops(1, NEVER, silent=True).read_fails(err, ms=200)
    outcome = tool.run("stop", "--timeout", "2", 1)
    assert outcome.code in (FAILED, STILL_ENDING) and outcome.out == ""
    assert outcome.one_line()


def test_interrupted_at_its_end(tool: Tool, device: Device) -> None:
    """It may have ended while sptctl was stopped: then that is what is said."""
    device.have(*SESSIONS).stop_fails(1, errno.EINTR).stop_fails(1, errno.ENOENT)
    assert tool.good("stop", 1) == ended(1)
    device.stop_fails(2, errno.ENOENT)
    assert tool.run("stop", 2).code == NO_SESSION


def test_one_alone_asks_once(tool: Tool, device: Device) -> None:
    """Its end is waited for by the request."""
    device.have(*SESSIONS).stops(1, 300)
    assert tool.good("stop", "--timeout", "7", 1) == ended(1)
    assert tool.good("stop", "--timeout", "none", 1, 1) == ended(1)
    assert [line for line in device.log() if line.startswith("stop")] == \
        ["stop 0x1 7", f"stop 0x1 {0xffffffff}"]


def test_interrupted(tool: Tool, device: Device) -> None:
    """A stop and continue of sptctl; nothing may have been begun by then."""
    device.have(*SESSIONS).stop_fails(1, errno.EINTR).stops(1, 200)
    device.read_fails(errno.EINTR, ms=100)
    assert tool.good("stop", "--timeout", "20", 1) == ended(1)


def test_cannot_select(tool: Tool, device: Device) -> None:
    """Nothing is ended on half a list."""
    device.replay(*SESSIONS).info(SESSIONS[0]).info_fails(2, errno.EIO)
    device.info(SESSIONS[2]).stops(1).stops(2).stops(3)
    outcome = tool.run("stop", "--target", TARGET)
    assert (outcome.code, outcome.out) == (FAILED, "")
    assert outcome.one_line() and device.stopped() == []


def test_gone_while_selecting(tool: Tool, device: Device) -> None:
    """A session that ended by itself is not one of them."""
    device.replay(*SESSIONS).info(SESSIONS[0]).info_fails(2, errno.ENOENT)
    device.info(SESSIONS[2]).stops(1).stops(3)
    outcome = tool.run("stop", "--target", TARGET)
    assert (outcome.code, outcome.out) == (DONE, ended(1, 3))
    assert device.stopped() == [1, 3]


def test_many(tool: Tool, device: Device) -> None:
    """All of them, each once."""
    sessions = [Session(cookie=i) for i in range(1, 301)]
    device.have(*sessions)
    for session in sessions:
        device.stops(session.cookie, 50)
    outcome = tool.run("stop", "--all", "--yes")
    assert outcome.code == DONE
    assert sorted(outcome.out.splitlines(True)) == \
        ended(*range(1, 301)).splitlines(True)
    assert outcome.err == "sptctl: 300 sessions: 300 ended\n"
    assert device.stopped() == list(range(1, 301))


def test_output_that_does_not_arrive(tool: Tool, device: Device) -> None:
    """Is no success."""
    device.have(*SESSIONS).stops(1)
    with open("/dev/full", "wb") as full:
        outcome = tool.finish(tool.start("stop", 1, stdout=full.fileno()))
    assert outcome.code == FAILED and "cannot write" in outcome.one_line()
    assert device.stopped() == [1]


def test_input_is_no_answer(tool: Tool, device: Device) -> None:
    """Where stdin is no terminal nobody is asked."""
    device.have(*SESSIONS).stops(1).stops(2).stops(3)
    outcome = tool.run("stop", "--target", TARGET)
    assert outcome.code == DONE and "[y/N]" not in outcome.err

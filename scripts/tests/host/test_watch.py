# SPDX-License-Identifier: GPL-2.0
"""sptctl watch and wait: events as they come, losses, ends."""
from __future__ import annotations

import errno
import json
import os
import re
import select
import time

import pytest
from device import INITIATOR, TARGET, Device, Session, stop
from records import CAUSES, FAILED as STATE_FAILED
from tool import DONE, FAILED, NO_SESSION, STILL_ENDING, Tool

A = Session(cookie=1, chap_user="a user")
B = Session(cookie=2, initiator="iqn.2026-11.com.example:bob", tpgt=0xabcd,
            peer="[2001:db8::7]:5", target="iqn.2026-11.com.example:other")
C = Session(cookie=3, initiator="iqn.2026-11.com.example:carol")
LOST = "lost - - - - - - - -"


def events(tool: Tool, *arguments: str) -> list[list[str]]:
    """What watch tells until the device fails, which ends each script here."""
    outcome = tool.run("watch", *arguments)
    assert outcome.code == FAILED and "Input/output" in outcome.one_line()
    lines = [line.split(" ") for line in outcome.out.splitlines()]
    assert all(len(line) == 9 for line in lines)
    return lines


@pytest.mark.valgrind
def test_lines(tool: Tool, device: Device) -> None:
    """Nine words for each."""
    device.read(A.start() + B.start(reinstated=1)).nothing_yet()
    device.read(C.start(reinstated=1) + stop(2, 3)).ends_at()
    assert events(tool) == [
        ["live", "0x0000000000000001", INITIATOR, "00023d000001", TARGET, "1",
         "192.0.2.7", r"a\x20user", "no"],
        ["live", "0x0000000000000002", B.initiator, "00023d000001", B.target,
         "43981", "2001:db8::7", "-", "yes"],
        ["start", "0x0000000000000003", C.initiator, "00023d000001", TARGET, "1",
         "192.0.2.7", "-", "yes"],
        ["stop", "0x0000000000000002", B.initiator, "00023d000001", B.target,
         "43981", "2001:db8::7", "-", "connection-lost"]]


@pytest.mark.parametrize("cause", range(8))
def test_causes(tool: Tool, device: Device, cause: int) -> None:
    """One that this sptctl does not know is unknown."""
    device.read(A.start()).nothing_yet().read(stop(1, cause)).ends_at()
    word = CAUSES[cause] if cause < len(CAUSES) else "unknown"
    assert events(tool)[1][-1] == word
    *_, line = tool.run("watch", "--json").out.splitlines()
    assert json.loads(line)["cause"] == word


@pytest.mark.valgrind
def test_loss(tool: Tool, device: Device) -> None:
    """Everybody is forgotten, and told again."""
    device.read(A.start() + B.start()).nothing_yet().read_fails(errno.EPIPE)
    device.read(B.start()).nothing_yet().read(stop(2)).ends_at()
    assert [line[:2] for line in events(tool)] == [
        ["live", "0x0000000000000001"], ["live", "0x0000000000000002"],
        ["lost", "-"], ["live", "0x0000000000000002"],
        ["stop", "0x0000000000000002"]]


def test_replay_ends_with_a_stop(tool: Tool, device: Device) -> None:
    """What comes after it is no longer what was there."""
    device.read(A.start() + stop(1) + B.start()).ends_at()
    assert [line[0] for line in events(tool)] == ["live", "stop", "start"]


def test_json(tool: Tool, device: Device) -> None:
    """An object a line, with just what there is to tell."""
    device.read(A.start()).nothing_yet().read(B.start() + stop(1, 2))
    device.read_fails(errno.EPIPE).nothing_yet().ends_at()
    lines = tool.run("watch", "--json").out.splitlines()
    live, start, end, lost = map(json.loads, lines)
    session = {"event", "cookie", "initiator_name", "isid", "target_name", "tpgt",
               "peer_address", "chap_user", "time"}
    assert set(live) == set(start) == session | {"reinstated"}
    assert set(end) == session | {"cause"} and set(lost) == {"event", "time"}
    assert [one["event"] for one in (live, start, end, lost)] == \
        ["live", "start", "stop", "lost"]
    assert (live["chap_user"], live["tpgt"], live["reinstated"]) == \
        ("a user", 1, False)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", lost["time"])


@pytest.mark.valgrind(1)
@pytest.mark.parametrize("reads, line", [
    ((stop(1),), "stop 0x0000000000000001"),
    ((B.start(), stop(1)), "start 0x0000000000000002"),
    ((errno.EPIPE,), "lost -")])
def test_once(tool: Tool, device: Device, reads: tuple[object, ...],
              line: str) -> None:
    """The next event, and an end."""
    device.read(A.start()).nothing_yet()
    for what in reads:
        device.read_fails(what) if isinstance(what, int) else device.read(what)
    device.ends_at()
    assert tool.good("watch", "--once").startswith(line)
    assert tool.good("watch", "--once").count("\n") == 1
    assert json.loads(tool.good("watch", "--once", "--json"))["event"] == \
        line.split()[0]


def test_at_once(tool: Tool, device: Device) -> None:
    """Each line comes when it happens, into a pipe too."""
    device.read(A.start()).nothing_yet().read(stop(1), ms=1500).ends_at()
    process = tool.start("watch")
    assert select.select([process.stdout], [], [], 60)[0]
    assert os.read(process.stdout.fileno(), 4096).startswith(b"live ")
    assert process.poll() is None
    assert tool.finish(process).out.startswith("stop ")


def test_reader_goes_away(tool: Tool, device: Device) -> None:
    """Also while nothing happens."""
    device.have(A)
    process = tool.start("watch")
    assert os.read(process.stdout.fileno(), 4096).startswith(b"live ")
    process.stdout.close()
    assert process.wait(60) == -13
    process.stderr.close()


@pytest.mark.parametrize("selector, cookies", [
    (("--initiator", INITIATOR), [1]), (("--initiator", "*"), [1, 2, 3]),
    (("--initiator", "*:BOB"), [2]), (("--target", TARGET), [1, 3]),
    (("--target", f"/iscsi/{TARGET}/tpg1"), [1, 3]),
    (("--target", f"/iscsi/{TARGET}/tpg2"), []), (("--tpg", "tpgt_43981"), [2]),
    (("--tpg", "1", "--initiator", "*c*"), [1, 3]), (("--peer", "::/0"), [2]),
    (("--peer", "192.0.2.0/24"), [1, 3]), (("--chap-user", "a user"), [1]),
    (("--acl", f"/iscsi/{TARGET}/tpg1/acls/{C.initiator}"), [3]),
    (("--sid", "1"), [1, 2, 3]), (("--sid", "2"), []),
    (("--portal", "192.0.2.1:3260"), [1, 2, 3]), (("--portal", "::1"), []),
    (("--state", "logged-in"), [1, 2, 3]), (("--state", "failed"), []),
    (("--all",), [1, 2, 3])])
def test_selectors(tool: Tool, device: Device, selector: tuple[str, ...],
                   cookies: list[int]) -> None:
    """Both of a session's events, or none."""
    device.read(A.start() + B.start()).nothing_yet().read(C.start())
    device.read(stop(1) + stop(2) + stop(3)).ends_at()
    for session in (A, B, C):
        device.info(session)
    lines = events(tool, *selector)
    assert [int(line[1], 0) for line in lines if line[0] != "stop"] == cookies
    assert [int(line[1], 0) for line in lines if line[0] == "stop"] == cookies


def test_state_when_first_told(tool: Tool, device: Device) -> None:
    """Later ones do not count."""
    device.read(A.start()).nothing_yet().read(stop(1)).ends_at()
    device.info(Session(cookie=1, state=STATE_FAILED, connections=0)).info(A)
    assert [line[0] for line in events(tool, "--state", "failed")] == \
        ["live", "stop"]


@pytest.mark.parametrize("err", [errno.EIO, errno.ENOMEM])
def test_cannot_look(tool: Tool, device: Device, err: int) -> None:
    """Nobody can say whether that one is meant."""
    device.read(A.start()).nothing_yet().info_fails(1, err).ends_at(errno.EBADF)
    outcome = tool.run("watch", "--state", "failed")
    assert (outcome.code, outcome.out) == (FAILED, "")
    assert os.strerror(err) in outcome.one_line()


def test_gone_when_it_is_looked_at(tool: Tool, device: Device) -> None:
    """What its START told decides."""
    device.read(A.start() + stop(1)).nothing_yet().ends_at()
    assert [line[0] for line in events(tool, "--initiator", INITIATOR,
                                       "--target", TARGET, "--tpg", "1",
                                       "--peer", "192.0.2.7")] == ["live", "stop"]
    assert events(tool, "--tpg", "2") == []


def test_loss_is_told_whoever_is_selected(tool: Tool, device: Device) -> None:
    """Any event may have been among what is lost."""
    device.read(A.start()).nothing_yet().read_fails(errno.EPIPE).nothing_yet()
    device.info(A).ends_at()
    assert [line[0] for line in events(tool, "--tpg", "99")] == ["lost"]


@pytest.mark.valgrind
def test_wait(tool: Tool, device: Device) -> None:
    """Until it has ended, and why."""
    device.have(A, B).read(stop(2), ms=100).read(stop(1, 2), ms=300)
    assert tool.good("wait", 1) == "0x0000000000000001 ended logout\n"
    assert tool.device.stopped() == []


@pytest.mark.parametrize("timeout", ["0", "1"])
def test_wait_in_vain(tool: Tool, device: Device, timeout: str) -> None:
    """Exit code 4."""
    device.have(A).read(stop(1), ms=30000)
    began = time.monotonic()
    outcome = tool.run("wait", "--timeout", timeout, 1)
    assert (outcome.code, outcome.out) == (STILL_ENDING, "")
    assert "not ended" in outcome.one_line()
    assert int(timeout) <= time.monotonic() - began < 25


def test_wait_for_nobody(tool: Tool, device: Device) -> None:
    """Who is not there cannot end."""
    device.have(A).read(B.start(), ms=100)
    outcome = tool.run("wait", 2)
    assert (outcome.code, outcome.out) == (NO_SESSION, "")
    assert "no such session" in outcome.one_line()


def test_wait_over_a_loss(tool: Tool, device: Device) -> None:
    """What was lost was its end, or not."""
    device.have(A, B).read_fails(errno.EPIPE).read(B.start()).nothing_yet()
    device.read(stop(2, 5), ms=200)
    assert tool.good("wait", 1) == "0x0000000000000001 ended unknown\n"
    assert tool.good("wait", 2) == "0x0000000000000002 ended removed\n"


def test_wait_fails(tool: Tool, device: Device) -> None:
    """Does not pass for an end."""
    device.have(A).read_fails(errno.EIO)
    outcome = tool.run("wait", 1)
    assert (outcome.code, outcome.out) == (FAILED, "")
    assert "Input/output" in outcome.one_line()


def test_wait_for_who_ends_at_once(tool: Tool, device: Device) -> None:
    """Between the open and the read."""
    device.read(A.start() + stop(1, 4)).nothing_yet()
    outcome = tool.run("wait", 1)
    assert (outcome.code, outcome.out) == \
        (DONE, "0x0000000000000001 ended reinstated\n")


def test_nobody_reads_errors_as_lines(tool: Tool, device: Device) -> None:
    """A loss that is told as it is, also as the first."""
    device.read_fails(errno.EPIPE).read(A.start()).nothing_yet().ends_at()
    assert [" ".join(line) for line in events(tool)][0] == LOST

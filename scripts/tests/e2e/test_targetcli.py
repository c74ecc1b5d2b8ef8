# SPDX-License-Identifier: GPL-2.0
"""The way from targetcli to a session and back, and the scripts that go it."""
from __future__ import annotations

import json
import re
import signal
import time
from pathlib import Path
from typing import Callable, Iterator

import lio as lio_
import pytest
import spt
import sptctl
import targetcli
from initiator import Initiator
from lio import Lio, Tpg, write
from proc import state
from stuck import Stuck
from targetcli import configuration, finish, run, start
from tools import patience, sh, until
from wire import Refused, WireInitiator

Wire = Callable[..., WireInitiator]

IQN = "iqn.2024-01.com.example:store"
STATE = Path("/run/iscsitgt_spt")
OLD, NEW = "old-secret-of-some-bytes", "new secret, with 'all' \"sorts\" of $(bytes)"

# Room for what a script does beside waiting, on an emulated processor.
SLACK = 15

# What they do to the kernel, other tests do on the debug kernel, too, and oftener.
pytestmark = pytest.mark.stock


@pytest.fixture(name="clean", autouse=True)
def clean_() -> Iterator[None]:
    """No script leaves anything behind, unless the test has removed that."""
    yield
    assert not STATE.exists() or not list(STATE.iterdir())


def path_of(tpg: Tpg) -> str:
    """As targetcli has it."""
    return f"/iscsi/{tpg.iqn}/tpg{tpg.tag}"


def acl_of(tpg: Tpg, name: str) -> str:
    """As targetcli has it."""
    return f"{path_of(tpg)}/acls/{name}"


def furnish(lio: Lio, tpg: Tpg, *names: str) -> None:
    """Two LUNs, and for each initiator an ACL with a bit of everything."""
    for number in range(2):
        tpg.lun(number, lio.keep(lio_.ramdisk(1)))
    for name in names:
        acl = tpg.acl(name, 1, tag=f"{name[-4:]}-tag")
        write(acl / "lun_0/write_protect", 1)
        write(acl / "attrib/nopin_timeout", 44)
        write(acl / "cmdsn_depth", 32)


def waits_for_lio(script: str, pid: int) -> bool:
    """Whether a child of a script is in the kernel, uninterruptibly."""
    children = sh("pgrep", "-P", pid, "-x", script, check=False).split()
    return any(state(int(child)) == "D" for child in children)


@pytest.fixture(name="neighbour")
def neighbour_(lio: Lio, module: None, wire: Wire) -> Iterator[WireInitiator]:
    """One in a TPG of its own, whom nothing here may touch."""
    tpg = lio.tpg("iqn.2024-01.com.example:neighbour")
    tpg.demo()
    tpg.enable()
    one = wire(tpg)
    cookie = spt.cookie_of(one.name)
    yield one
    one.ping()
    assert spt.cookie_of(one.name) == cookie


@pytest.mark.parametrize("script", ["drain", "rotate-chap", "evict"])
def test_help(script: str) -> None:
    """All there is to know before using it."""
    outcome = run(script, "--help")
    assert (outcome.code, outcome.err) == (sptctl.DONE, "")
    assert "--timeout" in outcome.out and "Exit codes:" in outcome.out


@pytest.mark.parametrize("line", [
    "drain", "drain {iqn}", "drain {iqn} x", "drain {iqn} 65536", "drain {iqn} 1",
    "drain {iqn} -1 --yes", "drain {iqn} 1 2 --yes", "drain {iqn}x 1 --yes",
    "drain {iqn} 2 --yes", "drain ../{iqn} 1 --yes", "drain {iqn} 1 --ye",
    "drain {iqn} 1 --yes --timeout 0", "drain {iqn} 1 --yes --timeout 1s",
    "drain --undo {iqn} 1", "drain --undo --delete {iqn} 1",
    "rotate-chap {iqn} 1", "rotate-chap {iqn} 1 {name}x",
    "rotate-chap {iqn} 1 {name}", "rotate-chap {iqn} 1 {name} --user=",
    "rotate-chap {iqn} 1 {name} --user NULLIFIED",
    "evict {iqn} 1 {name} --yes", "evict {iqn} 1 {name}x --yes --undo {file}",
    "evict {iqn} 1 {name} --undo {file}",
    "evict {iqn} 1 {name} --yes --undo {taken}",
    "evict {iqn} 1 {name} --yes --undo /nowhere/file",
    "evict --restore {file}", "evict --restore {taken}",
    "evict {iqn} 1 {name} --restore {file}",
])
def test_refused(lio: Lio, module: None, wire: Wire, tmp_path: Path,
                 line: str) -> None:
    """One line, exit code 2, and nothing is changed."""
    tpg = lio.tpg(IQN)
    name = "iqn.2024-01.com.example:one"
    furnish(lio, tpg, name)
    tpg.enable()
    wire(tpg, name)
    cookie = spt.cookie_of(name)
    taken = tmp_path / "taken"
    taken.write_text("{}")
    taken.chmod(0o600)
    before = configuration(tpg)
    outcome = run(*(word.format(iqn=IQN, name=name, file=tmp_path / "file",
                                taken=taken) for word in line.split()),
                  given=NEW + "\n")
    assert outcome.refusal()
    assert configuration(tpg) == before
    assert spt.cookie_of(name) == cookie
    assert not (tmp_path / "file").exists() and taken.read_text() == "{}"


def test_without_the_module(lio: Lio, tmp_path: Path) -> None:
    """What cannot work is not begun."""
    tpg = lio.tpg(IQN)
    name = "iqn.2024-01.com.example:one"
    tpg.acl(name, chap=("user", OLD))
    tpg.enable()
    before = configuration(tpg)
    for words in (("drain", IQN, 1, "--yes"), ("rotate-chap", IQN, 1, name),
                  ("evict", IQN, 1, name, "--yes", "--undo", tmp_path / "file")):
        outcome = run(*words, given=NEW)
        assert outcome.code == sptctl.FAILED
        assert "modprobe iscsitgt_spt" in outcome.err
    assert configuration(tpg) == before
    assert not (tmp_path / "file").exists()


def test_from_targetcli_and_back(lio: Lio, module: None, wire: Wire) -> None:
    """What targetcli prints of a session leads to its cookie, and back."""
    name = "iqn.2024-01.com.example:same"
    # The same initiator in both, with the same session ID of LIO's.
    other, tpg = (lio.tpg(f"{IQN}{number}") for number in range(2))
    other.acl(name)
    tpg.lun(0, lio.keep(lio_.ramdisk(1)))
    tpg.acl(name, 0)
    for each in (other, tpg):
        each.enable()
        wire(each, name)
    told = re.findall(r"^alias: .*\tsid: (\d+) type: Normal .*\n +name: (\S+)",
                      targetcli.targetcli("sessions", "detail"), re.MULTILINE)
    assert len(told) == 2 and told[0] == told[1] and told[0][1] == name
    sid = told[0][0]
    by_sid = sptctl.run("list", "--sid", sid, "--target", tpg.iqn, "--initiator",
                        name, "--format", "cookie,acl_path,tpg_path")
    cookie, acl_path, tpg_path = by_sid.out.rstrip("\n").split("\t")
    session, = [start for start in spt.starts() if start.cookie == int(cookie, 16)]
    assert session.initiator == name and tpg.iqn in session.nexus.split(",")
    assert (acl_path, tpg_path) == (acl_of(tpg, name), path_of(tpg))

    in_configfs = tpg.path / "acls" / name
    for selector in (("--acl", acl_path), ("--acl", in_configfs),
                     ("--target", tpg_path), ("--target", tpg.path),
                     ("--target", tpg_path.rpartition("/")[0])):
        found = sptctl.run("list", *selector, "--format", "cookie")
        assert (found.code, found.out) == (sptctl.DONE, f"{cookie}\n"), selector
    assert "mapped_lun0" in targetcli.targetcli("ls", acl_path)
    assert name in targetcli.targetcli("ls", tpg_path)


def test_path_of_a_tagged_acl(lio: Lio, module: None, wire: Wire) -> None:
    """targetcli shows it by its tag; sptctl takes the name, and tells both."""
    tpg = lio.tpg(IQN)
    name = "iqn.2024-01.com.example:one"
    tpg.acl(name, tag="ours")
    tpg.enable()
    wire(tpg, name)
    found = sptctl.run("list", "--acl", acl_of(tpg, name), "--format",
                       "acl_path,tpg_path,acl_tag")
    acl_path, tpg_path, acl_tag = found.out.rstrip("\n").split("\t")
    assert acl_path == acl_of(tpg, name)
    assert acl_tag == "ours"
    assert "o- ours " in targetcli.targetcli("ls", f"{tpg_path}/acls/{acl_tag}")


def test_drain(lio: Lio, neighbour: WireInitiator, wire: Wire) -> None:
    """Everybody out, also who tries to come back; nobody else; and undone."""
    tpg = lio.tpg(IQN)
    # The neighbour's target listens there too.
    neighbour.tpg.path.joinpath("np", str(tpg.portal)).mkdir()
    one = Initiator(tpg)
    furnish(lio, tpg, one.name, "iqn.2024-01.com.example:two")
    tpg.enable()
    one.login()
    two = wire(tpg, "iqn.2024-01.com.example:two")
    before = configuration(tpg)

    outcome = run("drain", IQN, "tpg1", "--yes")
    assert (outcome.code, outcome.out.count(" ended\n")) == (sptctl.DONE, 2), outcome
    two.see_the_end()
    assert [start.initiator for start in spt.starts()] == [neighbour.name]
    assert configuration(tpg) == before | {str(tpg.path / "enable"): "0\n"}
    # The portal has been open all the time for the other target.
    with pytest.raises(Refused, match="login refused: status 03"):
        two.login()
    assert run("drain", IQN, 1, "--yes").refusal()

    assert run("drain", "--undo", IQN, 1).code == sptctl.DONE
    assert configuration(tpg) == before
    until(lambda: tpg.has_session(one.name), "open-iscsi is back", 60)


def test_drain_demo_mode(lio: Lio, neighbour: WireInitiator, wire: Wire) -> None:
    """Many sessions at once, without ACLs; deleted, and brought back whole."""
    tpg = lio.tpg(IQN)
    tpg.demo()
    furnish(lio, tpg, "iqn.2024-01.com.example:one", "iqn.2024-01.com.example:two")
    tpg.acl("iqn.2024-01.com.example:three", chap=("user", OLD))
    tpg.attribute("authentication", 0)
    tpg.param("MaxBurstLength", 131072)
    tpg.enable()
    for _ in range(20):
        wire(tpg)
    before = configuration(tpg)

    outcome = run("drain", IQN, 1, "--delete", "--yes")
    assert (outcome.code, outcome.out.count(" ended\n")) == (sptctl.DONE, 20), outcome
    assert not tpg.path.exists()
    assert [start.initiator for start in spt.starts()] == [neighbour.name]
    file, = STATE.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600

    outcome = run("drain", "--undo", IQN, 1)
    assert outcome.code == sptctl.DONE, outcome
    assert configuration(tpg) == before
    wire(tpg)


def test_drain_keeps_its_deadline(stuck: Stuck, neighbour: WireInitiator,
                                  wire: Wire) -> None:
    """A session that hangs holds it up until then; the TPG stays as it was."""
    name = "iqn.2024-01.com.example:other"
    stuck.tpg.acl(name)
    other = wire(stuck.tpg, name)
    before = configuration(stuck.tpg)
    began = time.monotonic()
    outcome = run("drain", stuck.tpg.iqn, 1, "--yes", "--timeout", 2)
    assert outcome.code == sptctl.STILL_ENDING, outcome
    assert time.monotonic() - began < patience(2 + SLACK)
    assert "still ending" in outcome.last_line()
    assert f"{stuck.cookie:#018x}" in outcome.err
    assert configuration(stuck.tpg) == before
    other.see_the_end()
    other.login()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_drain_interrupted(stuck: Stuck, wire: Wire, number: int) -> None:
    """All is put back, or can be when it was killed."""
    before = configuration(stuck.tpg)
    drain = start("drain", stuck.tpg.iqn, 1, "--yes", "--timeout", 60)
    until(stuck.is_ending, "the stop has begun")
    assert configuration(stuck.tpg) != before
    drain.send_signal(number)
    if number == signal.SIGKILL:
        # sptctl waits on, and keeps the pipes open.
        assert drain.wait() == -number
        assert run("drain", stuck.tpg.iqn, 1, "--yes").refusal()
        assert run("drain", "--undo", stuck.tpg.iqn, 1).code == sptctl.DONE
    else:
        outcome = finish(drain)
        assert outcome.code == sptctl.FAILED
        assert "interrupted" in outcome.last_line()
    assert configuration(stuck.tpg) == before
    name = "iqn.2024-01.com.example:other"
    stuck.tpg.acl(name)
    wire(stuck.tpg, name)


@pytest.fixture(name="late")
def late_(lio: Lio, neighbour: WireInitiator, wire: Wire) -> WireInitiator:
    """One that is past CHAP, and not yet a session."""
    tpg = lio.tpg(IQN)
    one = wire(tpg, "iqn.2024-01.com.example:late", login=False)
    tpg.acl(one.name, chap=("user", OLD))
    tpg.enable()
    return one.begin_login("user", OLD)


def finish_late(late: WireInitiator) -> None:
    """It becomes a session, and does not stay one."""
    late.finish_login()
    late.see_the_end()


def test_drain_waits_for_logins(late: WireInitiator) -> None:
    """One that is under way is not missed."""
    drain = start("drain", IQN, 1, "--yes")
    until(lambda: waits_for_lio("drain", drain.pid), "it waits for the login")
    finish_late(late)
    outcome = finish(drain)
    assert (outcome.code, outcome.out.count(" ended\n")) == (sptctl.DONE, 1), outcome


def test_rotate_chap_sees_late_ones(late: WireInitiator) -> None:
    """One that had shown the old secret does not slip through."""
    rotate = start("rotate-chap", IQN, 1, late.name, "--settle", 8)
    assert rotate.stdin and rotate.stdout
    rotate.stdin.write(NEW)
    rotate.stdin.close()
    rotate.stdin = None
    assert "has a new secret" in rotate.stdout.readline()
    finish_late(late)
    outcome = finish(rotate)
    assert (outcome.code, outcome.out.count(" ended\n")) == (sptctl.DONE, 1), outcome


def test_evict_waits_for_logins(late: WireInitiator, tmp_path: Path) -> None:
    """What becomes of one that is under way is ended, or the ACL would stay."""
    evict = start("evict", IQN, 1, late.name, "--yes", "--undo", tmp_path / "undo")
    until(lambda: waits_for_lio("evict", evict.pid), "it waits for the login")
    finish_late(late)
    outcome = finish(evict)
    assert outcome.code == sptctl.DONE, outcome
    assert not (late.tpg.path / "acls" / late.name).exists()


def test_rotate_chap(lio: Lio, neighbour: WireInitiator) -> None:
    """Out with the old secret, in with the new one; others do not notice."""
    tpg = lio.tpg(IQN)
    one, other = (Initiator(tpg, ("user", OLD)) for _ in range(2))
    for each in (one, other):
        tpg.acl(each.name, chap=("user", OLD))
    tpg.enable()
    one.login()
    other.login()
    cookie, kept = (spt.cookie_of(each.name) for each in (one, other))
    before = configuration(tpg)

    rotate = start("rotate-chap", IQN, 1, one.name, "--settle", 8)
    assert rotate.stdin and rotate.stdout
    rotate.stdin.write(NEW + "\n")
    rotate.stdin.close()
    rotate.stdin = None
    lines = [rotate.stdout.readline() for _ in range(2)]
    assert lines == [f"{acl_of(tpg, one.name)} has a new secret\n",
                     f"{cookie:#018x} ended\n"]
    assert configuration(tpg) == before | {
        str(tpg.path / "acls" / one.name / "auth/password"): NEW + "\n"}
    # It is not let in with the old one, and this one is not taken for old.
    one.logout()
    with pytest.raises(AssertionError, match="authorization failure"):
        one.login()
    one.set_password(NEW)
    one.login()
    new = spt.cookie_of(one.name)
    outcome = finish(rotate)
    assert (outcome.code, outcome.err) == (sptctl.DONE, ""), outcome
    assert spt.cookie_of(one.name) == new
    assert spt.cookie_of(other.name) == kept


def test_rotate_chap_saves(lio: Lio, module: None) -> None:
    """targetcli saves it, when asked to."""
    tpg = lio.tpg(IQN)
    name = "iqn.2024-01.com.example:one"
    tpg.acl(name, chap=("user", OLD))
    tpg.enable()
    outcome = run("rotate-chap", IQN, 1, name, "--user", "new-user", "--save",
                  "--settle", 0, given=NEW)
    assert outcome.code == sptctl.DONE, outcome
    saved = json.loads(Path("/etc/rtslib-fb-target/saveconfig.json").read_text())
    acl = saved["targets"][0]["tpgs"][0]["node_acls"][0]
    assert (acl["chap_userid"], acl["chap_password"]) == ("new-user", NEW)


@pytest.mark.parametrize("secret", [
    "", "\n", "eleven-byte", "x" * 256, f"{NEW}\nsecond line\n", f" {NEW}", OLD,
    "NULL-and-some-more", "sécret-of-some-bytes", "its-own-secret"])
def test_bad_secret(lio: Lio, module: None, secret: str) -> None:
    """What would keep nobody out, or let nobody in, is not set."""
    tpg = lio.tpg(IQN)
    name = "iqn.2024-01.com.example:one"
    acl = tpg.acl(name, chap=("user", OLD))
    write(acl / "auth/userid_mutual", "target")
    write(acl / "auth/password_mutual", "its-own-secret")
    before = configuration(tpg)
    assert run("rotate-chap", IQN, 1, name, given=secret).refusal()
    assert configuration(tpg) == before


def test_rotate_chap_keeps_its_deadline(stuck: Stuck) -> None:
    """The secret is set, and who is left is told."""
    acl = stuck.tpg.path / "acls" / stuck.one.name
    write(acl / "attrib/authentication", 1)
    began = time.monotonic()
    outcome = run("rotate-chap", stuck.tpg.iqn, 1, stuck.one.name, "--user", "user",
                  "--timeout", 2, given=NEW)
    assert outcome.code == sptctl.STILL_ENDING, outcome
    assert time.monotonic() - began < patience(2 + SLACK)
    assert outcome.last_line().endswith(f" {stuck.cookie:#018x}")
    assert (acl / "auth/password").read_text() == NEW + "\n"


def test_evict(lio: Lio, neighbour: WireInitiator, tmp_path: Path) -> None:
    """It stays out until it is restored, whole; others do not notice."""
    tpg = lio.tpg(IQN)
    one, other = (Initiator(tpg) for _ in range(2))
    furnish(lio, tpg, one.name, other.name)
    tpg.enable()
    one.login()
    other.login()
    kept = spt.cookie_of(other.name)
    file = tmp_path / "undo"
    before = configuration(tpg)

    outcome = run("evict", IQN, 1, one.name, "--undo", file, "--yes")
    assert outcome.code == sptctl.DONE, outcome
    assert not (tpg.path / "acls" / one.name).exists()
    assert file.stat().st_mode & 0o777 == 0o600
    wire = WireInitiator(tpg, one.name)
    with pytest.raises(Refused, match="login refused: status 0202"):
        wire.login()
    wire.close()
    assert sorted(start.initiator for start in spt.starts()) == \
        sorted((other.name, neighbour.name))
    text = file.read_text()
    assert run("evict", IQN, 1, other.name, "--undo", file, "--yes").refusal()
    assert file.read_text() == text

    outcome = run("evict", "--restore", file)
    assert outcome.code == sptctl.DONE, outcome
    assert configuration(tpg) == before
    until(lambda: tpg.has_session(one.name), "open-iscsi is back", 60)
    assert spt.cookie_of(other.name) == kept
    # Not over what is there.
    assert run("evict", "--restore", file).refusal()
    file.chmod(0o644)
    assert run("evict", "--restore", file).refusal()


def test_evict_in_demo_mode(tpg: Tpg, module: None, wire: Wire,
                            tmp_path: Path) -> None:
    """Refused, as it would be back at once."""
    one = wire(tpg, "iqn.2024-01.com.example:one")
    one.logout()
    tpg.acl(one.name)
    one.login()
    outcome = run("evict", tpg.iqn, 1, one.name, "--undo", tmp_path / "undo", "--yes")
    assert "generate_node_acls" in outcome.refusal()
    assert spt.cookie_of(one.name)


@pytest.mark.parametrize("then", ["again", "restore"])
def test_evict_keeps_its_deadline(stuck: Stuck, neighbour: WireInitiator, wire: Wire,
                                  tmp_path: Path, then: str) -> None:
    """Until then; it is locked out, and the rest, or all of it back, comes later."""
    acl = stuck.tpg.path / "acls" / stuck.one.name
    write(acl / "auth/userid", "user")
    write(acl / "auth/password", OLD)
    before = configuration(stuck.tpg)
    words = ("evict", stuck.tpg.iqn, 1, stuck.one.name, "--yes", "--undo",
             tmp_path / "undo")
    began = time.monotonic()
    outcome = run(*words, "--timeout", 2)
    assert outcome.code == sptctl.STILL_ENDING, outcome
    assert time.monotonic() - began < patience(2 + SLACK)
    assert "is locked out" in outcome.last_line()
    assert acl.exists()
    with pytest.raises(Refused, match="login refused: status 0201"):
        wire(stuck.tpg, stuck.one.name)

    stuck.disk.resume()
    if then == "again":
        outcome = run(*words)
        assert outcome.code == sptctl.DONE, outcome
        assert not acl.exists()
    outcome = run("evict", "--restore", tmp_path / "undo")
    assert outcome.code == sptctl.DONE, outcome
    assert configuration(stuck.tpg) == before
    until(lambda: not stuck.tpg.has_session(stuck.one.name), "it has ended")
    wire(stuck.tpg, stuck.one.name)

# SPDX-License-Identifier: GPL-2.0
"""One session is ended, in all the ways that there are, until LIO has let go of it."""
from __future__ import annotations

import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Iterator

import spt
from figures import Row, took, turns
from lio import Portal, Tpg, session_threads
from spans import Spans
from spt import Device
from sptctl import SPTCTL
from targets import IQN, Targets
from tools import sh, until
from watcher import Watcher
from wire import WireInitiator

NAME = f"{IQN}:victim"

# How often somebody looks whether it is over.
POLL = 0.001


class Victim:
    """An initiator with an ACL, whose session is ended again and again."""

    def __init__(self, tpg: Tpg, watcher: Watcher) -> None:
        self.tpg = tpg
        self.cookie = 0
        self._acl = tpg.path / "acls" / NAME
        self._watcher = watcher
        self._threads: list[Path] = []
        self._one = WireInitiator(tpg, NAME)

    def log_in(self) -> None:
        """With its ACL, if that was removed."""
        if not self._acl.exists():
            self.tpg.acl(NAME)
            self.tpg.leave_alone(NAME)
        before = session_threads()
        self._one.login()
        self._threads = [Path("/proc", str(thread)) for thread in session_threads()
                         if thread not in before]
        assert len(self._threads) == 2, self._threads
        self.cookie = self._watcher.start(NAME)

    def has_gone(self) -> bool:
        """Whether LIO has let go of it: its threads are the last to know of it."""
        return not any(thread.exists() for thread in self._threads)

    def assert_gone(self) -> None:
        """For LIO, and its threads end at once."""
        assert not self._acl.exists() or not self.tpg.has_session(NAME)
        until(self.has_gone, "its threads have ended", 2)
        self._one.leave()


class Ways:
    """To end that session: milliseconds each until it is gone."""

    def __init__(self, victim: Victim) -> None:
        self._victim = victim
        self._tpg = victim.tpg

    def _took(self, end: Callable[[], object]) -> float:
        self._victim.log_in()
        took_it = took(end)
        self._victim.assert_gone()
        return took_it

    def sptctl(self) -> float:
        """Ours."""
        return self._took(lambda: sh(SPTCTL, "stop", f"{self._victim.cookie:#x}"))

    def ioctl(self) -> float:
        """Ours, without the command."""
        with Device() as device:
            return self._took(lambda: stop(device, self._victim.cookie))

    def targetcli(self) -> float:
        """Its ACL goes with it, and all of its configuration."""
        acls = f"/iscsi/{self._tpg.iqn}/tpg{self._tpg.tag}/acls"
        return self._took(lambda: sh("targetcli", acls, "delete", NAME))

    def rmdir(self) -> float:
        """The same, without targetcli."""
        return self._took(lambda: sh("rmdir", self._tpg.path / "acls" / NAME))

    def disable(self) -> float:
        """Everybody else of the TPG would go as well."""
        took_it = self._took(
            lambda: sh("sh", "-c", f"echo 0 >{self._tpg.path}/enable"))
        self._tpg.enable()
        return took_it

    def kill_socket(self) -> float:
        """Its connection is destroyed, and then somebody looks."""
        def end() -> None:
            killed = sh("ss", "-KtnH", "state", "established",
                        f"( sport = :{self._tpg.portal.port} )")
            assert len(killed.splitlines()) == 1, killed
            while not self._victim.has_gone():
                time.sleep(POLL)
        return self._took(end)


def stop(device: Device, cookie: int) -> None:
    """Until it is gone."""
    answer = device.stop(cookie)
    assert answer == spt.DONE, answer


def commands(lio: Targets, watcher: Watcher) -> Iterator[Row]:
    """As somebody types them."""
    ways = Ways(Victim(lio.target("one"), watcher))
    few = {"sptctl": ways.sptctl, "targetcli": ways.targetcli}
    many = {"sptctl": ways.sptctl, "rmdir": ways.rmdir, "disable": ways.disable,
            "ss": ways.kill_socket}
    # All that they need of the disk is in memory then.
    turns(1, few | many)
    measured = turns(5, few)
    yield Row("stop one: sptctl stop", "targetcli acls delete", 1 / 20,
              measured["sptctl"], measured["targetcli"])
    measured = turns(25, many)
    for name, against in (("rmdir", "rmdir of its ACL"),
                          ("disable", "echo 0 to its TPG's enable"),
                          ("ss", "ss -K, then looking each ms")):
        yield Row("stop one: sptctl stop", against, 1, measured["sptctl"], measured[name])


def call(lio: Targets, watcher: Watcher) -> Iterator[Row]:
    """The ioctl, and what LIO itself takes for the same."""
    ways = Ways(Victim(lio.target("call"), watcher))
    first, last = "lio_tpg_close_session", "iscsit_close_session"
    with Spans(first, last) as spans:
        def closed() -> float:
            spans.clear()
            ways.rmdir()
            calls = {name: (began, ended) for name, began, ended in spans.calls()}
            return (calls[last][1] - calls[first][0]) * 1000
        measured = turns(30, {"ioctl": ways.ioctl, "LIO": closed})
    yield Row("stop one: the ioctl alone", f"LIO, from {first}() to the end of "
              f"{last}()", 1.05, measured["ioctl"], measured["LIO"])


@dataclass(frozen=True)
class TgtTarget:
    """What an initiator has to know of it."""

    iqn: str
    portal: Portal
    tag: int = 1


class Tgt:
    """The target in user space, with one target and one session."""

    def __init__(self) -> None:
        self._target = TgtTarget(f"{IQN}:tgt", Portal("127.0.0.1", 3999))
        sh("tgtd", "--iscsi", f"portal={self._target.portal}")
        until(lambda: not self._fails("--op", "show", "--mode", "target"), "it runs")
        self._admin("--op", "new", "--mode", "target", "--tid", "1", "-T",
                    self._target.iqn)
        self._admin("--op", "bind", "--mode", "target", "--tid", "1", "-I", "ALL")
        self._one = WireInitiator(self._target, NAME)

    @staticmethod
    def _words(*words: str) -> tuple[str, ...]:
        return ("tgtadm", "--lld", "iscsi", *words)

    def _admin(self, *words: str) -> str:
        return sh(*self._words(*words))

    def _fails(self, *words: str) -> bool:
        return subprocess.run(self._words(*words), capture_output=True,
                              check=False).returncode != 0

    def _connections(self) -> list[tuple[str, str]]:
        shown = self._admin("--op", "show", "--mode", "conn", "--tid", "1")
        return re.findall(r"Session: (\d+)\s+Connection: (\d+)", shown)

    def delete(self) -> float:
        """Milliseconds of the command that ends its connection."""
        self._one.login()
        (sid, cid), = self._connections()
        took_it = took(lambda: self._admin("--op", "delete", "--mode", "conn", "--tid",
                                           "1", "--sid", sid, "--cid", cid))
        self._one.see_the_end()
        assert not self._connections()
        self._one.leave()
        return took_it

    def end(self) -> None:
        """It is not needed any more."""
        self._admin("--op", "delete", "--mode", "target", "--tid", "1")
        sh("tgtadm", "--op", "delete", "--mode", "system")


def tgt(lio: Targets, watcher: Watcher) -> Iterator[Row]:
    """Another target, on the same machine."""
    ways = Ways(Victim(lio.target("not-tgt"), watcher))
    other = Tgt()
    measured = turns(25, {"sptctl": ways.sptctl, "tgt": other.delete})
    other.end()
    yield Row("stop one: sptctl stop", "tgtadm --op delete --mode conn", 1,
              measured["sptctl"], measured["tgt"])

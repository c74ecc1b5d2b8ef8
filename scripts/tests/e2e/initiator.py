# SPDX-License-Identifier: GPL-2.0
"""open-iscsi: real initiators with disks, many of them on one machine.

Each initiator is an iface record of its own, with its own name.
"""
from __future__ import annotations

import shutil
from itertools import count
from pathlib import Path

from lio import Tpg
from tools import sh, until

ETC = Path("/etc/iscsi")
SESSIONS = Path("/sys/class/iscsi_session")
PID_FILE = Path("/run/iscsid.pid")

# I/O waits for the session to come back, however long a slow kernel needs;
# and nothing but a test ends a session: no ping that a stuck target misses.
SETTINGS = {
    "node.startup": "manual",
    "node.session.timeo.replacement_timeout": 600,
    "node.conn[0].timeo.noop_out_interval": 0,
    "node.conn[0].timeo.noop_out_timeout": 0,
    "node.conn[0].timeo.login_timeout": 60,
    "node.session.scan": "auto",
}


def start() -> None:
    """Start iscsid, once for all tests."""
    for module in ("iscsi_tcp", "sd_mod"):
        sh("modprobe", module)
    conf = ETC / "iscsid.conf"
    lines = [line for line in conf.read_text(encoding="utf-8").splitlines()
             if not line.startswith(tuple(SETTINGS))]
    lines += [f"{key} = {value}" for key, value in SETTINGS.items()]
    conf.write_text("\n".join(lines) + "\n", encoding="utf-8")
    if not PID_FILE.exists():
        sh("iscsid")
        until(PID_FILE.exists, "iscsid runs")


class Initiator:
    """One open-iscsi initiator and its one session."""

    numbers = count(1)

    def __init__(self, tpg: Tpg, chap: tuple[str, str] | None = None,
                 transport: str = "tcp") -> None:
        self.tpg = tpg
        self.iface = f"ini{next(self.numbers)}"
        self.name = f"iqn.2024-01.com.example:{self.iface}"
        (ETC / "ifaces").mkdir(exist_ok=True)
        (ETC / "ifaces" / self.iface).write_text(
            f"iface.iscsi_ifacename = {self.iface}\n"
            f"iface.transport_name = {transport}\n"
            f"iface.initiatorname = {self.name}\n", encoding="utf-8")
        self._iscsiadm("-o", "new")
        if chap:
            self._set(authmethod="CHAP", username=chap[0], password=chap[1])

    def _iscsiadm(self, *arguments: str) -> None:
        sh("iscsiadm", "-m", "node", "-T", self.tpg.iqn, "-p",
           f"{self.tpg.portal},{self.tpg.tag}", "-I", self.iface, *arguments)

    def _set(self, **auth: str) -> None:
        self._iscsiadm("-o", "update", *(word for name, value in auth.items() for word
                                         in ("-n", f"node.session.auth.{name}",
                                             "-v", value)))

    def set_password(self, password: str) -> None:
        """For the logins to come."""
        self._set(password=password)

    def login(self) -> Initiator:
        """Log in; LIO has the session then, which it registers a bit late."""
        self._iscsiadm("--login")
        until(lambda: self.tpg.has_session(self.name), "LIO has the session")
        return self

    def logout(self) -> None:
        """Log out."""
        self._iscsiadm("--logout")

    def session(self) -> Path | None:
        """The initiator's own session, in sysfs."""
        for session in SESSIONS.glob("session*"):
            try:
                if (session / "ifacename").read_text().strip() == self.iface:
                    return session
            except OSError:
                continue
        return None

    def device(self) -> Path:
        """The disk that is LUN 0."""
        def found() -> Path | None:
            session = self.session()
            blocks = session.glob("device/target*/*:0/block/*") if session else ()
            nodes = [Path("/dev") / block.name for block in blocks]
            return nodes[0] if nodes and nodes[0].exists() else None
        node = until(found, f"{self.name} has a disk", 30)
        # A command fails that has lost its session more often than that.
        for retries in Path("/sys/block", node.name).glob(
                "device/scsi_disk/*/max_retries"):
            retries.write_text("-1", encoding="ascii")
        return node

    def writes(self) -> int:
        """How many writes the disk has completed."""
        stat = Path("/sys/block", self.device().name, "stat").read_text()
        return int(stat.split()[4])


def login_all(initiators: list[Initiator]) -> None:
    """Log in all initiators of one TPG with one command."""
    tpg = initiators[0].tpg
    assert all(initiator.tpg is tpg for initiator in initiators)
    sh("iscsiadm", "-m", "node", "-T", tpg.iqn, "--login")
    for one in initiators:
        until(lambda name=one.name: tpg.has_session(name), "LIO has the session")


def remove() -> None:
    """Log out everybody and forget them."""
    if list(SESSIONS.glob("session*")):
        sh("iscsiadm", "-m", "session", "-u")
    until(lambda: not list(SESSIONS.glob("session*")), "initiators are out")
    for folder in ("ifaces", "nodes"):
        shutil.rmtree(ETC / folder, ignore_errors=True)

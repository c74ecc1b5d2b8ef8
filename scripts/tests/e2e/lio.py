# SPDX-License-Identifier: GPL-2.0
"""The target side: LIO through configfs, and LIO's own view of its sessions.

configfs instead of targetcli, because some tests race with single steps of a
configuration change that targetcli makes several of.
"""
from __future__ import annotations

import os
import re
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from proc import kernel_threads
from tools import sh, until

CONFIGFS = Path("/sys/kernel/config/target")
ISCSI = CONFIGFS / "iscsi"
CORE = CONFIGFS / "core"


def load() -> None:
    """Load LIO with the backends that the tests use."""
    for module in ("target_core_mod", "target_core_iblock", "target_core_file",
                   "iscsi_target_mod"):
        sh("modprobe", module)
    ISCSI.mkdir(exist_ok=True)


def write(path: Path, text: object) -> None:
    """One write, as configfs wants it."""
    with open(path, "wb", buffering=0) as file:
        file.write(str(text).encode())


def session_threads() -> dict[int, str]:
    """The connection threads of all sessions: none are left after an end."""
    return kernel_threads("iscsi_trx", "iscsi_ttx")


def sockets(port: int) -> set[str]:
    """Peers, as address:port, of the target's established connections."""
    listing = sh("ss", "-tnH", "state", "established", f"( sport = :{port} )")
    return {line.split()[3] for line in listing.splitlines()}


class Backstore:
    """A storage object; what it stands on is the caller's."""

    numbers = count()

    def __init__(self, plugin: str, control: str) -> None:
        number = next(self.numbers)
        # targetcli wants a name of its own for each.
        self.path = CORE / f"{plugin}_{number}" / f"disk{number}"
        self.path.mkdir(parents=True)
        write(self.path / "control", control)
        write(self.path / "enable", 1)

    def remove(self) -> None:
        """Undo; it is no LUN any more."""
        self.path.rmdir()
        self.path.parent.rmdir()


def ramdisk(mebibytes: int) -> Backstore:
    """Memory, the backend that is never in the way."""
    return Backstore("rd_mcp", f"rd_pages={mebibytes * 256}")


@dataclass(frozen=True)
class AclSession:
    """What the attribute ``info`` of an ACL says of its session."""

    sid: int
    isid: bytes
    tsih: int
    text: str


@dataclass(frozen=True)
class Portal:
    """Where a TPG listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host \
            else f"{self.host}:{self.port}"


class Tpg:
    """A target portal group with one portal, enabled once it is whole."""

    def __init__(self, iqn: str, tag: int, portal: Portal,
                 namespace: str = "") -> None:
        self.iqn = iqn
        self.tag = tag
        self.portal = portal
        self.path = ISCSI / iqn / f"tpgt_{tag}"
        self.path.mkdir(parents=True)
        write(self.path / "attrib/authentication", 0)
        path = self.path / "np" / str(portal)
        if namespace:
            # LIO's socket belongs to the network namespace of who makes the portal.
            sh("nsenter", f"--net={namespace}", "mkdir", path)
        else:
            path.mkdir()

    def enable(self, on: bool = True) -> None:
        """Disabling ends every session, and waits for that."""
        write(self.path / "enable", int(on))

    def iser(self) -> None:
        """Its portal is one for iSER from now on."""
        write(self.path / "np" / str(self.portal) / "iser", 1)

    def demo(self) -> None:
        """Let in whoever comes."""
        write(self.path / "attrib/generate_node_acls", 1)
        write(self.path / "attrib/demo_mode_write_protect", 0)

    def attribute(self, name: str, value: object) -> None:
        """One of the TPG's own."""
        write(self.path / "attrib" / name, value)

    def param(self, name: str, value: object) -> None:
        """What is offered at login."""
        write(self.path / "param" / name, value)

    def chap(self, user: str, password: str) -> None:
        """Ask demo-mode initiators for CHAP."""
        write(self.path / "attrib/authentication", 1)
        self._credentials(self.path, user, password)

    @staticmethod
    def _credentials(path: Path, user: str, password: str) -> None:
        write(path / "auth/userid", user)
        write(path / "auth/password", password)

    def lun(self, number: int, backstore: Backstore) -> None:
        """Export a storage object."""
        path = self.path / f"lun/lun_{number}"
        path.mkdir()
        (path / "disk").symlink_to(backstore.path)

    def acl(self, initiator: str, lun: int | None = None, tag: str = "",
            chap: tuple[str, str] | None = None) -> Path:
        """An explicit ACL; its LUN 0 is the TPG's LUN of that number."""
        path = self.path / "acls" / initiator
        path.mkdir()
        if tag:
            write(path / "tag", tag)
        if chap:
            write(self.path / "attrib/authentication", 1)
            self._credentials(path, *chap)
        if lun is not None:
            (path / "lun_0").mkdir()
            (path / "lun_0/disk").symlink_to(self.path / f"lun/lun_{lun}")
        return path

    def leave_alone(self, initiator: str) -> None:
        """LIO does not ask one that has an ACL whether it is there, or end it then."""
        write(self.path / "acls" / initiator / "attrib/nopin_timeout", 0)

    def unmap(self, initiator: str) -> None:
        """Take the LUN away from an ACL, or it could not be removed."""
        path = self.path / "acls" / initiator / "lun_0"
        if path.exists():
            (path / "disk").unlink()
            path.rmdir()

    def acl_session(self, initiator: str) -> AclSession | None:
        """LIO's own view of the session of an explicit ACL."""
        text = (self.path / "acls" / initiator / "info").read_text()
        found = re.search(r"LIO Session ID: (\d+)\s+ISID: 0x([0-9a-f ]+?)\s+"
                          r"TSIH: (\d+)", text)
        if not found:
            assert "No active iSCSI Session" in text, text
            return None
        return AclSession(int(found[1]), bytes.fromhex(found[2]),
                          int(found[3]), text)

    def dynamic_sessions(self) -> list[str]:
        """LIO's own view of demo-mode sessions: initiator names."""
        text = (self.path / "dynamic_sessions").read_bytes()
        return re.split(r"[\s\0]+", text.decode().strip("\0\n "))

    def has_session(self, initiator: str) -> bool:
        """LIO's own view, whichever ACL it is by."""
        if (self.path / "acls" / initiator).exists():
            return self.acl_session(initiator) is not None
        return initiator in self.dynamic_sessions()

    def sockets(self) -> set[str]:
        """Peers that the portal has a connection to."""
        return sockets(self.portal.port)

    def remove(self) -> None:
        """Undo, bottom up.  Not with a session alive: LIO would use it freed."""
        if not self.path.exists():
            return
        self.enable(False)
        for acl in (self.path / "acls").iterdir():
            self.unmap(acl.name)
            acl.rmdir()
        for lun in (self.path / "lun").iterdir():
            for link in lun.iterdir():
                if link.is_symlink():
                    link.unlink()
            lun.rmdir()
        for portal in (self.path / "np").iterdir():
            portal.rmdir()
        self.path.rmdir()


class Lio:
    """Everything that one test has set up in LIO."""

    def __init__(self) -> None:
        self._ports = count(3260)
        self._tpgs: list[Tpg] = []
        self._backstores: list[Backstore] = []

    def tpg(self, iqn: str = "iqn.2024-01.com.example:disks", tag: int = 1,
            host: str = "127.0.0.1", namespace: str = "") -> Tpg:
        """A new TPG, with its target if that is new too, not yet enabled."""
        tpg = Tpg(iqn, tag, Portal(host, next(self._ports)), namespace)
        self._tpgs.append(tpg)
        return tpg

    def open_tpg(self, tag: int = 1, level: int = 0, **params: object) -> Tpg:
        """An enabled demo-mode TPG without a LUN, enough to log in.

        The ErrorRecoveryLevel is none of the parameters: LIO takes it from here.
        """
        tpg = self.tpg(tag=tag)
        tpg.attribute("default_erl", level)
        for name, value in params.items():
            tpg.param(name, value)
        tpg.demo()
        tpg.enable()
        return tpg

    def keep(self, backstore: Backstore) -> Backstore:
        """Remove it with the rest."""
        self._backstores.append(backstore)
        return backstore

    def remove_tpgs(self) -> None:
        """Once no session is left, or LIO would use one freed."""
        until(lambda: not session_threads(), "the sessions have left LIO", 30)
        for tpg in self._tpgs:
            tpg.remove()

    def remove(self) -> None:
        """Remove all; every step of it has to work."""
        self.remove_tpgs()
        for iqn in {tpg.iqn for tpg in self._tpgs}:
            if (ISCSI / iqn).exists():
                (ISCSI / iqn).rmdir()
        for backstore in self._backstores:
            backstore.remove()


def targets() -> list[str]:
    """The targets that there are."""
    return [name for name in os.listdir(ISCSI) if name.startswith("iqn.")]

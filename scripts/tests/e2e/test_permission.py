# SPDX-License-Identifier: GPL-2.0
"""Who may open the device: root with CAP_SYS_ADMIN on the host, nobody else."""
from __future__ import annotations

import errno
import os
import signal
import stat
from typing import Callable

import pytest
import rights
import spt
import sptctl
import status
from background import in_child
from lio import Tpg
from proc import IOCTL
from rights import NOBODY
from spt import Device
from tools import sh
from wire import WireInitiator

# Prints the errno of an open(), 0 for none.
OPEN = """
import os
errors = set()
for flags in (os.O_RDONLY, os.O_WRONLY, os.O_RDWR):
    try:
        os.close(os.open("/dev/iscsitgt_spt", flags))
        errors.add(0)
    except OSError as error:
        errors.add(error.errno)
print(*errors)
"""

UNPRIVILEGED = {
    "nobody": ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}",
               "--clear-groups"),
    "root without CAP_SYS_ADMIN": ("setpriv", "--bounding-set=-sys_admin",
                                   "--inh-caps=-sys_admin"),
    "root of a user namespace": ("unshare", "--user", "--map-root-user"),
}


def open_error(*under: str) -> int:
    """The errno of each open() by a process that runs under something."""
    return int(sh(*under, "python3", "-c", OPEN))


def test_mode(module: None) -> None:
    """0600, root's."""
    found = os.stat(spt.DEVICE)
    assert stat.S_ISCHR(found.st_mode) and stat.S_IMODE(found.st_mode) == 0o600
    assert (found.st_uid, found.st_gid) == (0, 0)


def test_root(module: None) -> None:
    """The check on the others: this is what they are denied."""
    assert open_error() == 0


def test_nobody(module: None) -> None:
    """The mode keeps users out; without it, the module does."""
    assert open_error(*UNPRIVILEGED["nobody"]) == errno.EACCES
    os.chmod(spt.DEVICE, 0o666)
    assert open_error(*UNPRIVILEGED["nobody"]) == errno.EPERM


@pytest.mark.parametrize("who", ["root without CAP_SYS_ADMIN",
                                 "root of a user namespace"])
def test_root_in_name_only(module: None, who: str) -> None:
    """The mode lets these in; the module does not."""
    assert open_error(*UNPRIVILEGED[who]) == errno.EPERM


@pytest.mark.parametrize("who", UNPRIVILEGED)
@pytest.mark.parametrize("arguments", [("list",), ("info", 1), ("stop", 1)])
def test_sptctl(module: None, who: str, arguments: tuple[object, ...]) -> None:
    """One line that says it, and exit code 1."""
    outcome = sptctl.run(*arguments, under=UNPRIVILEGED[who])
    assert (outcome.code, outcome.out) == (sptctl.FAILED, "")
    assert "permission" in outcome.one_line()


def use(device: Device, cookie: int) -> list[object]:
    """All that a file is good for: read, ask, stop."""
    return [[start.cookie for start in device.read()],
            device.known(cookie).cookie, device.stop(cookie)]


@pytest.mark.parametrize("lose", [rights.become_nobody, rights.drop_admin,
                                  rights.enter_user_namespace])
def test_fd_passed_on(tpg: Tpg, module: None, wire: Callable[..., WireInitiator],
                      lose: Callable[[], None]) -> None:
    """An open file is the right itself: root may hand it to anybody's process."""
    cookie = spt.cookie_of(wire(tpg).name)
    with Device() as device:
        def without_rights() -> list[object]:
            lose()
            with pytest.raises(PermissionError):
                Device()
            return use(device, cookie)
        assert in_child(without_rights) == [[cookie], cookie, spt.DONE]


def test_seccomp_denies(tpg: Tpg, module: None,
                        wire: Callable[..., WireInitiator]) -> None:
    """Who may not call ioctl() can read, and the module never hears of the rest."""
    cookie = spt.cookie_of(wire(tpg).name)
    with Device() as device:
        def confined() -> list[object]:
            rights.forbid(IOCTL, rights.DENY)
            return [[start.cookie for start in device.read()], device.stop(cookie)]
        assert in_child(confined) == [[cookie], spt.Answer(errno.EACCES, 0xdeadbeef)]
    assert not status.number("stops_done")
    assert spt.stop(cookie) == spt.DONE


def test_seccomp_kills(tpg: Tpg, module: None,
                       wire: Callable[..., WireInitiator]) -> None:
    """The session stays, and nothing is left of who died for it."""
    one = wire(tpg)
    cookie = spt.cookie_of(one.name)
    pid = os.fork()
    if pid == 0:
        with Device() as device:
            rights.forbid(IOCTL, rights.KILL)
            device.stop(cookie)
        os._exit(0)
    _, how = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(how) and os.WTERMSIG(how) == signal.SIGSYS, how
    one.ping()
    assert [start.cookie for start in spt.starts()] == [cookie]
    spt.rmmod()

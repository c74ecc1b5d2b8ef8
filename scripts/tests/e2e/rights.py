# SPDX-License-Identifier: GPL-2.0
"""Ways for a process to lose its rights, which it cannot get back."""
from __future__ import annotations

import ctypes
import errno
import os
import struct
from pathlib import Path

from spt import libc

NOBODY = 65534

CLONE_NEWUSER = 0x10000000
CAPABILITY_VERSION, CAP_SYS_ADMIN = 0x20080522, 21

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, FILTER = 38, 22, 2
KILL, DENY, ALLOW = 0x80000000, 0x50000, 0x7fff0000
# BPF: load a word, jump if it is equal, return a value.
LOAD, JUMP, RETURN = 0x20, 0x15, 0x06


def succeed(result: int) -> None:
    """Or tell why not."""
    if result:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def become_nobody() -> None:
    """A user like any other."""
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


def drop_admin() -> None:
    """Root still, but without CAP_SYS_ADMIN."""
    header = struct.pack("Ii", CAPABILITY_VERSION, 0)
    sets = ctypes.create_string_buffer(24)
    succeed(libc.capget(header, sets))
    words = list(struct.unpack("6I", sets.raw))
    # Effective, permitted, inheritable of the first 32.
    words[:3] = [word & ~(1 << CAP_SYS_ADMIN) for word in words[:3]]
    succeed(libc.capset(header, struct.pack("6I", *words)))


def enter_user_namespace() -> None:
    """Root of a user namespace, with every right in there and none here."""
    succeed(libc.unshare(CLONE_NEWUSER))
    Path("/proc/self/uid_map").write_text("0 0 1", encoding="ascii")


def forbid(call: int, action: int) -> None:
    """A seccomp filter for one system call: it is answered EACCES, or kills."""
    if action == DENY:
        action |= errno.EACCES
    code = b"".join(struct.pack("HBBI", *line) for line in (
        (LOAD, 0, 0, 0), (JUMP, 0, 1, call), (RETURN, 0, 0, action),
        (RETURN, 0, 0, ALLOW)))
    memory = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("HxxxxxxQ", 4, ctypes.addressof(memory))
    succeed(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    succeed(libc.prctl(PR_SET_SECCOMP, FILTER, program, 0, 0))

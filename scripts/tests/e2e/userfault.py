# SPDX-License-Identifier: GPL-2.0
"""Memory that is not there until it is said to be: userfaultfd(2).

Whoever writes to it waits, the kernel included, with whatever locks it has.
"""
from __future__ import annotations

import ctypes
import fcntl
import mmap
import os
import struct

from spt import libc

USERFAULTFD, O_CLOEXEC = 323, 0o2000000
API, REGISTER, ZEROPAGE = 0xc018aa3f, 0xc020aa00, 0xc020aa04
VERSION, MISSING = 0xaa, 1


class AbsentPage:
    """A page that nobody can write to before it is there."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, mmap.PAGESIZE, mmap.MAP_PRIVATE)
        self.address = ctypes.addressof(ctypes.c_char.from_buffer(self._memory))
        self._fd = libc.syscall(USERFAULTFD, O_CLOEXEC)
        assert self._fd >= 0, os.strerror(ctypes.get_errno())
        fcntl.ioctl(self._fd, API, struct.pack("QQQ", VERSION, 0, 0))
        fcntl.ioctl(self._fd, REGISTER,
                    struct.pack("QQQQ", self.address, mmap.PAGESIZE, MISSING, 0))

    def appear(self) -> None:
        """From now on it is there; no matter if that is so already."""
        if self._fd < 0:
            return
        fcntl.ioctl(self._fd, ZEROPAGE,
                    struct.pack("QQQq", self.address, mmap.PAGESIZE, 0, 0))
        os.close(self._fd)
        self._fd = -1

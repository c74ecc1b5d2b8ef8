# SPDX-License-Identifier: GPL-2.0
"""What every other file here needs: commands, conditions, patience."""
from __future__ import annotations

import os
import subprocess
import time
from typing import Callable, TypeVar

T = TypeVar("T")

KERNEL = os.environ["VM_KERNEL"]

# KASAN and lockdep on an emulated processor: the same things, ever so slowly.
SLOW = KERNEL == "debug"

# Seconds that the kernel's count of ticks may lag behind its clocks: whoever
# emulates the processors may not be running the one that counts.
LATE_TICKS = 0.2


# Seconds that a process needs to notice that it is time; one where time is real.
SLACK = 3 if SLOW else 1


def rounds(count: int) -> int:
    """How often to repeat a race: as often as the time for it allows."""
    return max(3, count // 3) if SLOW else count


def patience(seconds: float) -> float:
    """A deadline for what ends by itself; only a failure ever reaches it."""
    return seconds * (4 if SLOW else 1)


def until(condition: Callable[[], T], what: str, seconds: float = 30) -> T:
    """Poll until the condition holds, and return what it gave."""
    deadline = time.monotonic() + patience(seconds)
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"still not after {seconds} s: {what}"
        time.sleep(0.02)


def sh(*command: object, check: bool = True) -> str:
    """Run a command; its output is in the failure, not lost."""
    done = subprocess.run([str(word) for word in command], text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    assert done.returncode == 0 or not check, \
        f"{done.args} ended with {done.returncode}: {done.stdout}"
    return done.stdout

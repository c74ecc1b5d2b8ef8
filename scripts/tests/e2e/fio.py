# SPDX-License-Identifier: GPL-2.0
"""fio with verify on disks: I/O that notices when anything goes wrong."""
from __future__ import annotations

import json
import signal
import subprocess

from initiator import Initiator
from tools import patience, until

# A pass writes every block of a disk once, then reads and verifies them all.
BLOCKS = 64

# Enough to have I/O in flight, and leaves the processors to the test.
IOPS = 50


class Fio:
    """Writes and verifies, pass after pass, until the test has seen enough."""

    def __init__(self, initiators: list[Initiator]) -> None:
        self.initiators = initiators
        command = [
            "fio", "--output-format=json", "--thread", "--direct=1",
            "--ioengine=psync", "--rw=randwrite", "--bs=4k",
            f"--size={BLOCKS * 4}k", f"--rate_iops={IOPS}",
            "--verify=crc32c", "--do_verify=1", "--verify_fatal=1",
            # Not --time_based, which would put off all verifying to the end.
            "--loops=100000",
        ]
        command += [word for one in initiators for word in
                    (f"--name={one.iface}", f"--filename={one.device()}")]
        self._process = subprocess.Popen(  # pylint: disable=consider-using-with
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)

    def _wait_for_writes(self, initiators: list[Initiator], more: int) -> None:
        before = [one.writes() for one in initiators]
        until(lambda: self._process.poll() is not None or
              all(one.writes() >= count + more
                  for one, count in zip(initiators, before)),
              "every disk is written to", 180)
        assert self._process.poll() is None, self._process.communicate()[0]

    def wait_for_io(self) -> None:
        """Every disk completes some writes from now on."""
        self._wait_for_writes(self.initiators, 4)

    def wait_for_pass(self) -> None:
        """Every disk ends its pass, and does another whole one."""
        self._wait_for_writes(self.initiators, 2 * BLOCKS + 1)

    def finish(self) -> None:
        """No error on any disk, and every one was both written and verified."""
        self._process.send_signal(signal.SIGINT)
        output, _ = self._process.communicate(timeout=patience(60))
        messages, _, text = output.partition("{")
        jobs = json.loads("{" + text[:text.rindex("}") + 1])["jobs"]
        summary = [(job["jobname"], job["error"], job["write"]["io_bytes"],
                    job["read"]["io_bytes"]) for job in jobs]
        # It ends by the signal, which it tells as 128.
        assert self._process.returncode in (0, 128), (messages, summary)
        assert len(jobs) == len(self.initiators)
        for _, error, written, verified in summary:
            assert error == 0 and written and verified, (messages, summary)

    def kill(self) -> None:
        """Do not leave it behind."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()

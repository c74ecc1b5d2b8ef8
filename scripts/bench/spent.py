# SPDX-License-Identifier: GPL-2.0
"""Where the time of a stop goes, function by function."""
from __future__ import annotations

import statistics
import time
from collections import Counter
from pathlib import Path
from typing import Any

from one import Victim, stop
from spans import Spans
from spt import Device
from targets import Targets
from watcher import Watcher

# Outer ones before those that they call; of some kernels some are missing.
FUNCTIONS = [
    "spt_stop", "spt_registry_stop", "spt_registry_held", "spt_registry_sweep",
    "target_depend_item", "iscsit_cause_connection_reinstatement",
    "iscsit_take_action_for_connection_exit", "iscsit_close_connection",
    "kthread_stop", "iscsit_release_commands_from_conn", "target_stop_session",
    "target_wait_for_sess_cmds", "target_stop_cmd_counter", "target_wait_for_cmds",
    "iscsit_check_conn_usage_count", "sock_release", "iscsit_free_conn",
    "iscsit_close_session", "iscsit_check_session_usage_count",
    "transport_deregister_session",
]
ROUNDS = 20


def known() -> list[str]:
    """Those that the kernel has, and only one of that name."""
    symbols = Counter(line.split()[2] for line in
                      Path("/proc/kallsyms").read_text(encoding="ascii").splitlines())
    return [name for name in FUNCTIONS if symbols[name] == 1]


def profile(lio: Targets, watcher: Watcher) -> dict[str, Any]:
    """Medians of when each begins after the call, and how long it takes, in ms."""
    victim = Victim(lio.target("profile"), watcher)
    names = known()
    began: dict[str, list[float]] = {name: [] for name in names}
    took: dict[str, list[float]] = {name: [] for name in names}
    whole = []
    with Device() as device, Spans(*names) as spans:
        for _ in range(ROUNDS):
            victim.log_in()
            spans.clear()
            start = time.clock_gettime(time.CLOCK_MONOTONIC)
            stop(device, victim.cookie)
            whole.append((time.clock_gettime(time.CLOCK_MONOTONIC) - start) * 1000)
            victim.assert_gone()
            seen = set()
            for name, begin, end in sorted(spans.calls(), key=lambda call: call[1]):
                # Of several calls the first: those after it come of looking again.
                if name not in seen and begin >= start:
                    seen.add(name)
                    began[name].append((begin - start) * 1000)
                    took[name].append((end - begin) * 1000)
    found = {name: {"begins": statistics.median(began[name]),
                    "takes": statistics.median(took[name]), "seen": len(took[name])}
             for name in names if took[name]}
    return {"whole": statistics.median(whole), "functions": found}


def lines(told: dict[str, Any]) -> list[str]:
    """For people, in the order in which they begin."""
    made = [f"{'begins':>8}  {'takes':>8}  function, ms, medians of {ROUNDS}",
            f"{0:8.2f}  {told['whole']:8.2f}  the whole call, with all probes"]
    for name, times in sorted(told["functions"].items(),
                              key=lambda item: item[1]["begins"]):
        made.append(f"{times['begins']:8.2f}  {times['takes']:8.2f}  {name}")
    return made

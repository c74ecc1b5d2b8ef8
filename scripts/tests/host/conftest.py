# SPDX-License-Identifier: GPL-2.0
"""Builds of sptctl, and a device for each test.

Every test runs with the plain build and with the sanitized one, those marked
with valgrind under that too.
"""
from __future__ import annotations

import pathlib
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "e2e"))

from device import Device  # noqa: E402
from tool import BUILD, Tool  # noqa: E402


def pytest_configure(config: pytest.Config) -> None:
    """What tests are marked with."""
    config.addinivalue_line("markers", "valgrind(count): under valgrind too")
    # With xdist, once and not in each worker.
    if not hasattr(config, "workerinput"):
        subprocess.run(["make", "-s", "-C", HERE, f"O={BUILD}"], check=True)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each kind of run."""
    if "tool" in metafunc.fixturenames:
        valgrind = metafunc.definition.get_closest_marker("valgrind")
        metafunc.parametrize("tool", ["plain", "sanitized"] +
                             ["valgrind"] * bool(valgrind), indirect=True)


def pytest_collection_modifyitems(config: pytest.Config,
                                  items: list[pytest.Item]) -> None:
    """valgrind(N): N of the cases only, as it takes a second to begin."""
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        if "[valgrind" in item.name:
            cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
    out = []
    for one in cases.values():
        wanted, = one[0].get_closest_marker("valgrind").args or (len(one),)
        kept = {len(one) * i // wanted for i in range(wanted)}
        out += [item for i, item in enumerate(one) if i not in kept]
    config.hook.pytest_deselected(items=out)
    items[:] = [item for item in items if item not in out]


@pytest.fixture(name="device")
def device_(tmp_path: pathlib.Path) -> Device:
    """Nothing is said of it yet."""
    return Device(tmp_path)


@pytest.fixture(name="tool")
def tool_(request: pytest.FixtureRequest, device: Device) -> Tool:
    """sptctl with that device."""
    return Tool(request.param, device)

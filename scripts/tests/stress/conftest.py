# SPDX-License-Identifier: GPL-2.0
"""Races and faults, each many times: the fixtures are those of the end-to-end tests."""
from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Callable, Iterator

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))

pytest_plugins = ["end_to_end"]

# pylint: disable=wrong-import-position
from lio import Lio  # noqa: E402
from stress import Stress  # noqa: E402
from watched import Watched, Wire  # noqa: E402
from wire import WireInitiator  # noqa: E402


def pytest_addoption(parser: pytest.Parser) -> None:
    """What each test scales with."""
    parser.addoption("--seed", type=int, default=random.SystemRandom().getrandbits(32),
                     help="of all that is random")
    parser.addoption("--percent", type=float, default=5,
                     help="of the runs of a whole stress test (5)")


def pytest_report_header(config: pytest.Config) -> str:
    """So that a failure can be had again, as far as the machine allows."""
    return f"stress: seed {config.getoption('seed')}, " \
        f"{config.getoption('percent'):g} percent of the runs"


@pytest.fixture(name="stress")
def stress_(request: pytest.FixtureRequest,
            measured: Callable[[str], None]) -> Iterator[Stress]:
    """What is random in a test, and how often it runs."""
    config = request.config
    made = Stress(request.node.name, config.getoption("seed"),
                  config.getoption("percent"))
    yield made
    # Also of a test that failed: then it is how far it came.
    measured(made.summary())


@pytest.fixture(name="watched")
def watched_(lio: Lio, module: None, wire: Wire) -> Iterator[Watched]:
    """What every round of a race is checked with."""
    made = Watched(lio, wire)
    yield made
    made.close()


@pytest.fixture(name="aside")
def aside_(lio: Lio, wire: Wire) -> Iterator[WireInitiator]:
    """Somebody in another TPG, who must not notice; LIO does not ask it either, as
    it answers only when the test has it look."""
    tpg = lio.tpg(tag=2)
    one = wire(tpg, login=False)
    tpg.acl(one.name)
    tpg.leave_alone(one.name)
    tpg.enable()
    yield one.login()
    one.ping()

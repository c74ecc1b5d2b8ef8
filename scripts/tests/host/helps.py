# SPDX-License-Identifier: GPL-2.0
"""What sptctl says of itself by --help, for what has to agree with it."""
from __future__ import annotations

import functools
import pathlib
import re
import subprocess
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[3]
COMMANDS = ["list", "info", "stop", "evict", "hold", "watch", "wait", "status"]


@functools.cache
def texts() -> dict[tuple[str, ...], str]:
    """Of sptctl and of each command, by a build of its own."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["make", "-s", "-C", TOP / "scripts/sptctl",
                        f"O={folder}"], check=True)
        return {command: subprocess.run([f"{folder}/sptctl", *command, "--help"],
                                        check=True, stdout=subprocess.PIPE,
                                        text=True).stdout
                for command in [(), *((name,) for name in COMMANDS)]}


def usages() -> list[str]:
    """Each command's, without sptctl."""
    return [re.match("usage: sptctl (.*)\n", texts()[command,])[1]
            for command in COMMANDS]


def options(*command: str) -> dict[str, str]:
    """With what stands for their values."""
    found = re.findall(r"^  (?:-\w, )?(--[\w-]+)(?: (\S+))?  ", texts()[command],
                       re.MULTILINE)
    assert found
    return dict(found)


def fields() -> list[str]:
    """Of --format."""
    listed = re.search(r"^FIELD is [^:]*: ([^.]*)\.", texts()["list",], re.MULTILINE)
    return re.split(r",\s+", listed[1])


def words(command: str, heading: str) -> list[str]:
    """The first column of the list below a heading."""
    _, _, rest = texts()[command,].partition(f"{heading} is one of\n")
    table = re.match(r"(?:  .*\n)+", rest)
    return re.findall(r"^  (\S+)", table[0], re.MULTILINE)

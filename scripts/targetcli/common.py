# SPDX-License-Identifier: GPL-2.0
"""What the scripts here share: strict arguments, sptctl, steps that may hang.

Exit codes are those of sptctl.  What is refused for its arguments, or for how
things are when the script begins, ends with 2 before anything is changed.
"""
from __future__ import annotations

import argparse
import json
import math
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Callable, NoReturn

from rtslib_fb import FabricModule, NodeACL, RTSLibError, Target, TPG

DONE, FAILED, USAGE, NO_SESSION, STILL_THERE = range(5)
SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
NAME = re.compile(r"(iqn|eui|naa)\.[a-z0-9.:-]+")


class Failure(Exception):
    """One line for whoever asked, and the exit code."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


class Refused(Failure):
    """Nothing was changed."""

    def __init__(self, text: str) -> None:
        super().__init__(USAGE, text)


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def __init__(self, usage: str, about: str | None) -> None:
        super().__init__(usage=usage, description=about, allow_abbrev=False,
                         formatter_class=argparse.RawDescriptionHelpFormatter)

    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f"{self.prog}: {message}, see --help\n")


def name(text: str) -> str:
    """An argument that is an iSCSI name."""
    if not NAME.fullmatch(text):
        raise argparse.ArgumentTypeError(f"'{text}' is no iSCSI name")
    return text


def tag(text: str) -> int:
    """An argument that is a target portal group tag, also as targetcli has it."""
    found = re.fullmatch(r"(?:tpg|tpgt_)?([0-9]{1,5})", text)
    if not found or int(found[1]) > 0xffff:
        raise argparse.ArgumentTypeError(f"'{text}' is no TPG")
    return int(found[1])


def seconds(text: str) -> int:
    """An argument that is a number of seconds."""
    if not re.fullmatch(r"[0-9]{1,5}", text):
        raise argparse.ArgumentTypeError(f"'{text}' is no number of seconds")
    return int(text)


def timeout(text: str) -> int:
    """The same, where none at all would be no time for anything."""
    if seconds(text) == 0:
        raise argparse.ArgumentTypeError("0 seconds are too few")
    return int(text)


class Signals:
    """From guard() on they are noted, and heeded where nothing is half done."""

    caught = 0

    @classmethod
    def guard(cls) -> None:
        """From now on something changes."""
        def note(number: int, _: object) -> None:
            cls.caught = number
        for number in SIGNALS:
            signal.signal(number, note)

    @staticmethod
    def ignore() -> None:
        """What comes now has to be done to its end, which has its deadline."""
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        Signals.caught = 0

    @classmethod
    def heed(cls) -> None:
        """Stop here if there was one."""
        if cls.caught:
            number, cls.caught = cls.caught, 0
            raise Failure(FAILED, f"interrupted by {signal.Signals(number).name}")


def main(run: Callable[[], None]) -> NoReturn:
    """Run a script to its exit code."""
    code, text = DONE, ""
    try:
        run()
        sys.stdout.flush()
    except KeyboardInterrupt:
        code, text = FAILED, "interrupted, nothing was changed"
    except Failure as error:
        code, text = error.code, str(error)
    except (RTSLibError, OSError) as error:
        code, text = FAILED, str(error)
    if text:
        print(f"{Path(sys.argv[0]).name}: {text}", file=sys.stderr)
    sys.exit(code)


def say(text: str) -> None:
    """How far it has got, at once."""
    print(text, flush=True)


def ask(question: str, yes: bool) -> None:
    """Go on only if somebody wants it."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise Refused("it takes --yes when nobody can be asked")
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Failure(FAILED, "nothing was changed")


def find_tpg(iqn: str, number: int) -> TPG:
    """One that is there."""
    try:
        return TPG(Target(FabricModule("iscsi"), iqn, "lookup"), number, "lookup")
    except RTSLibError as error:
        raise Refused(f"there is no {tpg_path(iqn, number)}") from error


def find_acl(tpg: TPG, initiator: str) -> NodeACL:
    """One that is there."""
    try:
        return NodeACL(tpg, initiator, "lookup")
    except RTSLibError as error:
        raise Refused(f"there is no {acl_path(tpg, initiator)}") from error


def tpg_path(iqn: str, number: int) -> str:
    """As targetcli and sptctl have it."""
    return f"/iscsi/{iqn}/tpg{number}"


def acl_path(tpg: TPG, initiator: str) -> str:
    """As targetcli and sptctl have it."""
    return f"{tpg_path(tpg.parent_target.wwn, tpg.tag)}/acls/{initiator}"


def same(one: Any, other: Any) -> bool:
    """Whether two dumps say the same; configfs lists things in any order."""
    def sort(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: sort(each) for key, each in value.items()}
        if isinstance(value, list):
            return sorted(map(sort, value), key=json.dumps)
        return value
    return json.dumps(sort(one), sort_keys=True) == \
        json.dumps(sort(other), sort_keys=True)


class Deadline:
    """One for all that a script does."""

    def __init__(self, after: float) -> None:
        self._end = time.monotonic() + after

    def left(self) -> float:
        """Seconds."""
        return max(0.0, self._end - time.monotonic())

    def whole(self) -> int:
        """For sptctl, which would not wait at all with 0."""
        return max(1, math.ceil(self.left()))


def step(what: str, deadline: Deadline, call: Callable[[], object],
         meanwhile: Callable[[], object] = lambda: None) -> None:
    """Change something in configfs, which may wait for LIO without limit.

    Nothing can end such a wait, not even SIGKILL, so it is a child who waits.
    """
    Signals.heed()
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        Signals.ignore()
        try:
            call()
            os._exit(0)
        except BaseException as error:  # pylint: disable=broad-except
            os.write(writer, str(error).encode())
            os._exit(1)
    os.close(writer)
    looked = time.monotonic()
    with open(reader, encoding="utf-8") as answer:
        while True:
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended and status:
                raise Failure(FAILED, f"{what}: {answer.read()}")
            if ended:
                break
            if not deadline.left():
                raise Failure(STILL_THERE, f"{what}: LIO still waits at the "
                              "deadline, and goes on with it by itself")
            if time.monotonic() - looked > 0.5:
                meanwhile()
                looked = time.monotonic()
            time.sleep(0.02)
    Signals.heed()


def sptctl(*words: object, shown: bool = False) -> tuple[int, str]:
    """Run it; what it says is @shown or returned."""
    kept = None if shown else subprocess.PIPE
    try:
        with subprocess.Popen(["sptctl", *map(str, words)], text=True,
                              stdin=subprocess.DEVNULL, stdout=kept,
                              stderr=None if shown else subprocess.STDOUT) as child:
            while True:
                try:
                    out, _ = child.communicate(timeout=0.2)
                    return child.returncode, out or ""
                except subprocess.TimeoutExpired:
                    if Signals.caught:
                        child.terminate()
    except FileNotFoundError as error:
        raise Failure(FAILED, "sptctl is not in the PATH") from error


def sessions(*selectors: object) -> list[dict[str, Any]]:
    """Those that there are."""
    code, out = sptctl("list", "--json", *selectors)
    if code != DONE:
        raise Failure(FAILED, out.strip())
    return json.loads(out)


def stop(deadline: Deadline, *which: object) -> None:
    """End these; returns when they have ended."""
    Signals.heed()
    code, _ = sptctl("stop", "--timeout", deadline.whole(), *which, shown=True)
    Signals.heed()
    if code == STILL_THERE:
        raise Failure(STILL_THERE, "sessions are still ending at the deadline")
    # Whoever left by itself is not there any more, which is all right.
    if code not in (DONE, NO_SESSION):
        raise Failure(FAILED, f"sptctl stop ended with {code}")


def write_new(path: Path, value: Any) -> None:
    """A file with secrets, safe on the disk before anything depends on it."""
    text = json.dumps(value, indent=2) + "\n"
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW,
                     0o600)
    except OSError as error:
        raise Refused(f"{path}: {error.strerror}") from error
    with open(fd, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(fd)
    folder = os.open(path.absolute().parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def read_own(path: Path) -> Any:
    """A file of write_new(), which nobody else may have written."""
    try:
        with open(path, encoding="utf-8") as file:
            status = os.fstat(file.fileno())
            if status.st_uid != os.geteuid() or status.st_mode & 0o077:
                raise Refused(f"{path}: others may have written or read it")
            return json.load(file)
    except OSError as error:
        raise Refused(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise Refused(f"{path}: not written by this script") from error


def save() -> None:
    """What targetcli's saveconfig does, with its backups."""
    done = subprocess.run(["targetcli", "saveconfig"], text=True, check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    if done.returncode:
        raise Failure(FAILED, f"targetcli saveconfig: {done.stdout.strip()}")

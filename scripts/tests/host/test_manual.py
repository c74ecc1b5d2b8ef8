# SPDX-License-Identifier: GPL-2.0
"""The manual pages agree with --help, the interface's header and the module."""
from __future__ import annotations

import errno
import pathlib
import re
import subprocess

import pytest
from helps import COMMANDS, TOP, fields, options, usages, words

SPTCTL = TOP / "scripts/man/sptctl.8"
DEVICE = TOP / "scripts/man/iscsitgt_spt.4"
HEADER = (TOP / "include/uapi/linux/iscsitgt_spt.h").read_text()

ESCAPES = {r"\-": "-", r"\e": "\\", r"\(aq": "'", r"\(dq": '"', r"\%": ""}


def plain(text: str) -> str:
    """Without roff's escapes, none of which may be unknown."""
    def replace(match: re.Match[str]) -> str:
        found = match[0]
        return "" if found.startswith(r"\f") else ESCAPES[found]
    return re.sub(r"\\(?:f[BIRP]|\(..|.)", replace, text)


def words_of(macro: str) -> str:
    """The text of a line that begins with .B, .BI and the like."""
    name, _, rest = macro.partition(" ")
    parts = [quoted or word for quoted, word in
             re.findall(r'"([^"]*)"|(\S+)', rest)]
    return plain(("" if len(name) == 3 else " ").join(parts))


def part(page: pathlib.Path, kind: str, name: str) -> str:
    """What follows a heading, up to the next one."""
    end = r"\.SH" if kind == "SH" else r"\.S[HS]"
    found = re.search(rf'^\.{kind} "?{name}\b.*\n((?:(?!{end}).*\n)*)',
                      page.read_text(), re.MULTILINE)
    assert found, name
    return found[1]


def entries(text: str) -> dict[str, str]:
    """The tags of a list, with what stands below each."""
    found = re.findall(r"^\.TP.*\n(.*)\n((?:(?!\.TP|\.PP).*\n)*)", text,
                       re.MULTILINE)
    return {words_of(tag): below for tag, below in found}


def rows(text: str) -> list[tuple[str, ...]]:
    """Of all tables, without what they mean."""
    return [tuple(line.split("\t")[:-1]) for line in text.splitlines()
            if line.endswith("\tT{")]


def compiles(source: str, *flags: object) -> None:
    """As a program that uses the checkout's header would be."""
    done = subprocess.run(["gcc", "-std=c11", "-Wall", "-Wextra", "-Werror",
                           f"-I{TOP}/include/uapi", *map(str, flags), "-x", "c",
                           "-"], input=source, text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert (done.returncode, done.stdout) == (0, "")


def asserts(conditions: list[str]) -> None:
    """All of them are true of the header."""
    assert conditions
    lines = ["#include <stddef.h>", "#include <linux/iscsitgt_spt.h>"]
    lines += [f'_Static_assert({text}, "{text}");' for text in conditions]
    compiles("\n".join(lines) + "\n", "-fsyntax-only")


def test_usage() -> None:
    """The synopsis, and the heading of each command."""
    synopsis = plain(part(SPTCTL, "SH", "SYNOPSIS")).splitlines()
    assert [line.removeprefix("sptctl ") for line in synopsis
            if line.startswith("sptctl ") and "--help" not in line] == usages()
    headings = re.findall(r'^\.SS "(.*)"$', part(SPTCTL, "SH", "COMMANDS"),
                          re.MULTILINE)
    assert [plain(heading) for heading in headings] == usages()


@pytest.mark.parametrize("command", COMMANDS)
def test_options(command: str) -> None:
    """Each option with its value, and none that there is not."""
    documented = dict(tag.partition(" ")[::2]
                      for tag in entries(part(SPTCTL, "SS", command)))
    if command in ("list", "info", "stop", "evict", "watch"):
        for tag, below in entries(part(SPTCTL, "SH", "SELECTORS")).items():
            if command != "watch" or "Not for\n.BR watch ." not in below:
                option, _, value = tag.partition(" ")
                assert option not in documented
                documented[option] = value
    there = options(command)
    assert there.pop("--help") == ""
    assert documented == there


def test_own_options() -> None:
    """Of sptctl without a command."""
    text = plain(part(SPTCTL, "SH", "COMMANDS"))
    for option in options():
        assert f" {option}" in text


def test_fields() -> None:
    """In the order of the output, too."""
    assert list(entries(part(SPTCTL, "SS", "Fields"))) == fields()


@pytest.mark.parametrize("name, kind, section, command", [
    ("STATE", "SS", "Table", "list"),
    ("CAUSE", "SH", "EVENTS", "watch"),
])
def test_words(name: str, kind: str, section: str, command: str) -> None:
    """What a word can be."""
    assert list(entries(part(SPTCTL, kind, section))) == words(command, name)


@pytest.mark.parametrize("text", [
    r"live COOKIE .* REINSTATED", r"start COOKIE .* REINSTATED",
    r"stop COOKIE .* CAUSE", r"lost( -){8}"])
def test_lines(text: str) -> None:
    """watch's lines, of nine words."""
    line, = [line for line in plain(part(SPTCTL, "SH", "EVENTS")).splitlines()
             if re.fullmatch(text, line)]
    assert len(line.split()) == 9


def test_layout() -> None:
    """Offset and size of each field, with no gap in between."""
    found = re.findall(r"^\.SS struct (\w+), (\d+) bytes\n((?:(?!\.S[HS]).*\n)*)",
                       DEVICE.read_text(), re.MULTILINE)
    assert sorted(name for name, _, _ in found) == \
        sorted(re.findall(r"^struct (\w+) \{$", HEADER, re.MULTILINE))
    conditions = []
    for name, total, text in found:
        conditions.append(f"sizeof(struct {name}) == {total}")
        end = 0
        for offset, size, field in (row for row in rows(text) if len(row) == 3):
            assert int(offset) == end, field
            end += int(size)
            conditions += [
                f"offsetof(struct {name}, {field}) == {offset}",
                f"sizeof(((struct {name} *)0)->{field}) == {size}"]
        assert end == int(total), name
    asserts(conditions)


def test_values() -> None:
    """Each name that the header gives to a number."""
    names = re.findall(r"^#define ((?:CTLCODE|SRB_STATUS|ISCSITGT_SPT_FLAG|"
                       r"ISCSITGT_SPT_EVICT)_\w+)\s|^\t(ISCSITGT_SPT_\w+)\s+= ", HEADER, re.MULTILINE)
    there = [row for row in rows(DEVICE.read_text()) if len(row) == 2]
    assert sorted(name for _, name in there) == \
        sorted(define or member for define, member in names)
    asserts([f"{name} == {value}" for value, name in there])


def test_errors() -> None:
    """Each errno that the header tells; only the file system has one more."""
    comment = HEADER.partition("#ifndef")[0]
    there = {word for word in re.findall(r"\b\w+\b", comment)
             if word.startswith("E") and hasattr(errno, word)}
    documented = set(entries(part(DEVICE, "SH", "ERRORS")))
    assert there and documented == there | {"EACCES"}
    text = plain(part(DEVICE, "SH", "RETURN VALUE"))
    assert there >= set(re.findall(r"\bE[A-Z]+\b", text))


def test_module() -> None:
    """Its parameters, counters and tracepoints."""
    source = "".join(path.read_text()
                     for path in sorted((TOP / "module").rglob("*.[ch]")))
    parameters = re.findall(r"module_param_named\((\w+),", source)
    assert parameters
    tags = entries(part(DEVICE, "SH", "MODULE PARAMETERS"))
    assert sorted(tag.partition("=")[0] for tag in tags) == sorted(parameters)

    files = part(DEVICE, "SH", "FILES")
    counters = re.findall(r"&dev_attr_(\w+)\.attr", source)
    assert counters and [name for name, in rows(files)] == counters

    tracepoints = re.findall(r"^(?:DEFINE_EVENT\(\w+, |TRACE_EVENT\()(\w+),",
                             source, re.MULTILINE)
    assert tracepoints
    for name in tracepoints:
        assert f"\n.B {name}\n" in files


def test_example(tmp_path: pathlib.Path) -> None:
    """The program is one."""
    source, = re.findall(r"^\.EX\n(.*?)^\.EE$", DEVICE.read_text(),
                         re.MULTILINE | re.DOTALL)
    compiles(plain(source), "-o", tmp_path / "example")

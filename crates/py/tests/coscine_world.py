"""A project and a resource of a test's own in the sandbox."""

from __future__ import annotations

import itertools
from pathlib import Path

from whimbrel import coscine

MEASUREMENT = "https://purl.org/coscine/ap/whimbrel/measurement/"
SIMPLE = "https://purl.org/coscine/ap/whimbrel/simple/"

#: What the profile of measurements asks for.
MEASURED = {"Title": "Run 7", "Creator": "Ada", "Creation Date": "2026-11-21", "State": "raw"}

#: Names that people give files, and some that only a machine would.
AWKWARD = [
    "plain.txt",
    "with space.csv",
    "Müller ß.dat",
    "100%20sure.txt",
    "#1 question?.md",
    "a+b&c;d.json",
    "sub/'q' \"q\".txt",
]

_numbers = itertools.count(1)


def new_project(client: coscine.Client) -> coscine.Project:
    return client.create_project(f"Of a test {next(_numbers)}")


def new_resource(client: coscine.Client, profile: str = MEASUREMENT) -> coscine.Resource:
    return new_project(client).create_resource("Data", "rdsrwth", profile=profile, quota=1 << 30)


def folder_of(folder: Path, names: list[str]) -> Path:
    """A folder with files of these names, which hold their names."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name, encoding="utf-8")
    return folder


def contents(folder: Path) -> dict[str, str]:
    """All files below a folder, by name."""
    files = (it for it in folder.rglob("*") if it.is_file())
    return {it.relative_to(folder).as_posix(): it.read_text(encoding="utf-8") for it in files}

"""What importing costs, and what is there then."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import requires, version
from pathlib import Path

import pytest
import whimbrel


def run(code: str, *options: str) -> str:
    done = subprocess.run([sys.executable, *options, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "" or options
    return done.stdout


def test_nothing_but_python_is_required() -> None:
    assert [it for it in requires("whimbrel") or [] if "extra ==" not in it] == []


def test_only_what_is_used_is_loaded() -> None:
    # What costs more than all of whimbrel: whoever needs one of them pays then.
    dear = {"asyncio", "concurrent.futures", "pandas", "pyarrow", "rdflib", "tqdm", "IPython", "ssl", "urllib.request"}
    loaded = run("import sys, whimbrel; print(*sys.modules)").split()
    assert dear.isdisjoint(loaded)
    assert {it for it in loaded if it.startswith("whimbrel")} == {"whimbrel", "whimbrel._native"}


def test_importing_starts_no_thread() -> None:
    if not Path("/proc/self/task").exists():
        return
    code = "import os, whimbrel.cocaine, whimbrel.datasift, whimbrel.dserver; print(len(os.listdir('/proc/self/task')))"
    assert run(code).strip() == "1"


def test_the_names_that_are_told_are_there() -> None:
    assert set(whimbrel.__all__) <= set(dir(whimbrel))
    assert whimbrel.dserver.Client.__module__.startswith("whimbrel.dserver")
    with pytest.raises(AttributeError, match="nothing"):
        getattr(whimbrel, "nothing")


def test_the_version_is_that_of_the_distribution() -> None:
    assert whimbrel.__version__ == version("whimbrel")


def test_the_package_says_that_it_is_typed() -> None:
    assert (Path(whimbrel.__file__).parent / "py.typed").exists()

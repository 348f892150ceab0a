"""The program that the package brings: `python -m whimbrel` and the script `whimbrel`."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import pytest
import whimbrel
from services import Sandbox

SCRIPT = shutil.which("whimbrel", path=sysconfig.get_path("scripts")) or "there is no script whimbrel"
WAYS = {"module": [sys.executable, "-m", "whimbrel"], "script": [SCRIPT]}


@pytest.fixture(params=WAYS)
def program(request: pytest.FixtureRequest) -> list[str]:
    return WAYS[request.param]


def run(program: list[str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*program, *arguments], capture_output=True, text=True)


def test_it_says_which_version_it_is(program: list[str]) -> None:
    done = run(program, "--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == ["whimbrel", whimbrel.__version__]


def test_it_does_what_the_program_does(program: list[str], sandbox: Sandbox) -> None:
    done = run(program, "dserver", "search", "-o", "jsonl")
    assert (done.returncode, done.stderr) == (0, "")
    assert all(line.startswith("{") for line in done.stdout.splitlines())
    assert len(done.stdout.splitlines()) > 10


def test_its_exit_codes_are_those_of_the_program(program: list[str], sandbox: Sandbox) -> None:
    wrong = run(program, "dserver", "--no-such-option")
    assert wrong.returncode == 2 and "--no-such-option" in wrong.stderr and wrong.stdout == ""
    missing = run(program, "dserver", "show", "s3://nowhere/none")
    assert missing.returncode not in (0, 1, 2) and missing.stdout == "" and "s3://nowhere/none" in missing.stderr


def test_whoever_reads_may_go(program: list[str], sandbox: Sandbox) -> None:
    process = subprocess.Popen([*program, "--help"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    told = process.stderr.read()
    assert b"Traceback" not in told and b"panicked" not in told
    process.stderr.close()
    process.wait()


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_ctrl_c_ends_it_with_130(program: list[str], tmp_path: Path) -> None:
    process = subprocess.Popen([*program, "sandbox"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    start = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, told = process.communicate()
    assert process.returncode == 130
    assert "Traceback" not in told
    assert time.monotonic() - start < 2

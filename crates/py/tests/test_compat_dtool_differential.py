"""`dtool_lookup_api`, the package and ours, asked the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from services import Sandbox

JUDGE = Path(os.environ.get("WHIMBREL_JUDGES", ""), "dtool-lookup-api-0.10.3")
PYTHON = JUDGE / ("Scripts" if os.name == "nt" else "bin") / "python"
OURS = "whimbrel.compat.dtool_lookup_api"

pytestmark = pytest.mark.skipif(
    not (JUDGE / "installed.txt").exists(), reason="WHIMBREL_JUDGES names no folder with dtool-lookup-api"
)

#: What ours does better, and what the package does there.
BETTER = {
    "config": "an un-awaited coroutine",
    "config, awaited": "an un-awaited coroutine",
    "versions": "an un-awaited coroutine",
    "versions, awaited": "an un-awaited coroutine",
    "graph": "TypeError",
    "graph, awaited": "TypeError",
}


def told(python: Path | str, module: str, home: Path) -> dict[str, Any]:
    """What one of them says, at a server that nobody else has changed."""
    with Sandbox("--requests-per-minute", "0") as sandbox:
        settings = home / ".config" / "dtool" / "dtool.json"
        settings.parent.mkdir(parents=True)
        token = sandbox.tokens["DSERVER_TOKEN"]["admin"]
        settings.write_text(json.dumps({"DSERVER_URL": sandbox.dserver_url, "DSERVER_TOKEN": token}))
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("DSERVER_", "DTOOL_"))}
        environment |= {"HOME": str(home), "USERPROFILE": str(home)}
        script = Path(__file__).with_name("compat_dtool_calls.py")
        done = subprocess.run(
            [str(python), str(script), module], env=environment, capture_output=True, text=True, timeout=100
        )
        assert done.returncode == 0, done.stderr
        made: dict[str, Any] = json.loads(done.stdout.replace(sandbox.dserver_url, "http://dserver"))
        return made


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Any]]:
    theirs = told(PYTHON, "dtool_lookup_api", tmp_path_factory.mktemp("theirs"))
    return theirs, told(sys.executable, OURS, tmp_path_factory.mktemp("ours"))


@pytest.mark.limit(240)
def test_every_call_gives_the_same(both: tuple[dict[str, Any], dict[str, Any]]) -> None:
    theirs, ours = (it["outcomes"] for it in both)
    assert theirs.keys() == ours.keys() and len(theirs) > 100
    different = {label: (theirs[label], ours[label]) for label in theirs if theirs[label] != ours[label]}
    unexplained = {label: it for label, it in different.items() if label not in BETTER}
    assert not unexplained, json.dumps(unexplained, indent=1)
    assert different.keys() == BETTER.keys(), "what is no better is no reason"
    assert all("gave" in ours[label]["gave"] for label in BETTER)


@pytest.mark.limit(240)
def test_every_name_has_the_same_signature(both: tuple[dict[str, Any], dict[str, Any]]) -> None:
    theirs, ours = both
    assert theirs["functions"] == ours["functions"] and len(ours["functions"]) == 46
    assert theirs["top"] == ours["top"]
    different = {
        name: (it, ours["signatures"].get(name))
        for name, it in theirs["signatures"].items()
        if it != ours["signatures"].get(name)
    }
    assert not different, json.dumps(different, indent=1)

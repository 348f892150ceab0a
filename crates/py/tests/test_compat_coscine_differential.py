"""`coscine`, the package and ours, asked the same of the same sandbox."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from services import Sandbox
from whimbrel import coscine

JUDGE = Path(os.environ.get("WHIMBREL_JUDGES", ""), "coscine-0.11.13")
PYTHON = JUDGE / ("Scripts" if os.name == "nt" else "bin") / "python"

pytestmark = pytest.mark.skipif(
    not (JUDGE / "installed.txt").exists(), reason="WHIMBREL_JUDGES names no folder with coscine"
)

#: What is otherwise, by the end of its place, and why.
BETTER = {
    "/no file": "it is told as NotFoundError, as the documentation says, and as RequestRejected, as it was",
    "/quota/used": "it is in bytes; the old one takes the number of GiB for one of bytes",
    "/resource_quotas": "likewise",
    "/me/email": "a list of texts, as it says, and not of what the service tells of each address",
    "/invitations/ada@example.org/role/name": "an invitation tells the id alone: the name is looked up",
    "/invitations/ada@example.org/role/description": "likewise",
    "/creator": "the id, as it says, and not what the service tells of a user",
    "/selection": "there is none: an empty list, and no AttributeError",
    "/options/bucket_name": "there are keys to a bucket in S3 without another request; no name of a bucket that nobody can open",
    "/options/endpoint": "likewise",
    "/options/access_key_read": "likewise",
    "/options/access_key_write": "likewise",
    "/options/secret_key_read": "likewise",
    "/options/secret_key_write": "likewise",
    "/options/size": "likewise",
    "/download_url": "links are not handed out",
    "/download_expires": "likewise",
    "/file/modified": "one small request tells it, in seconds",
}


def told(python: Path | str, module: str, sandbox: Sandbox, url: str, folder: Path) -> Any:
    folder.mkdir()
    script = Path(__file__).with_name("compat_coscine_calls.py")
    command = [str(python), str(script), module, url, str(folder)]
    done = subprocess.run(command, env=sandbox.variables(), capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def differences(theirs: Any, ours: Any, place: str = "") -> dict[str, tuple[Any, Any]]:
    if isinstance(theirs, dict) and isinstance(ours, dict):
        found: dict[str, tuple[Any, Any]] = {}
        for name in theirs.keys() | ours.keys():
            found |= differences(theirs.get(name), ours.get(name), f"{place}/{name}")
        return found
    return {} if theirs == ours else {place: (theirs, ours)}


@pytest.mark.limit(240)
def test_both_packages_tell_the_same(tmp_path: Path) -> None:
    with Sandbox("--requests-per-minute", "0", "--lenient") as sandbox:
        client = coscine.Client(sandbox.coscine_url, sandbox.environment["COSCINE_API_TOKEN"])
        project = client.project("Demo")
        metadata = {"Title": "Run 7", "Creator": ["Ada", "Grace"], "Creation Date": "2026-11-21", "State": "raw"}
        more = {"Instrument": "Balance 2", "Samples": 5, "Temperature": "12.5"}
        project.resource("Measurements").upload(b"1,2,3", "run 7.csv", metadata=metadata | more)
        project.resource("Measurements").upload(b"4", "run 8.csv", metadata=metadata)
        project.invite("ada@example.org")
        origin = sandbox.coscine_url.removesuffix("/coscine")
        theirs = told(PYTHON, "coscine", sandbox, origin, tmp_path / "theirs")
        ours = told(sys.executable, "whimbrel.compat.coscine", sandbox, origin, tmp_path / "ours")
    different = differences(theirs, ours)
    unexplained = {place: it for place, it in different.items() if not any(place.endswith(end) for end in BETTER)}
    assert not unexplained, json.dumps(unexplained, indent=1)
    for end in BETTER:
        assert any(place.endswith(end) for place in different), f"{end} is no different"

"""Fixtures for all tests: a sandbox, and a time limit for each test."""

from __future__ import annotations

import faulthandler
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from services import Sandbox, SlowServer

#: How long one test may take, in seconds, unless it is marked `@pytest.mark.limit(seconds)`.
LIMIT = 60


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "limit(seconds): how long this test may take; then all ends, with a trace")


@pytest.fixture(autouse=True)
def _limit(request: pytest.FixtureRequest) -> Iterator[None]:
    # What hangs in native code can be ended by nothing less than the end of the process.
    marker = request.node.get_closest_marker("limit")
    with open(os.dup(2), "w") as stderr:
        faulthandler.dump_traceback_later(marker.args[0] if marker else LIMIT, exit=True, file=stderr)
        yield
        faulthandler.cancel_dump_traceback_later()


@pytest.fixture(scope="session", autouse=True)
def _no_settings_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    # Neither their tokens nor their dtool.json are for tests.
    with pytest.MonkeyPatch.context() as patch:
        for name in [it for it in os.environ if it.startswith(("COCAINE_", "COSCINE_", "DATASIFT_", "DSERVER_", "DTOOL_"))]:
            patch.delenv(name)
        home = str(tmp_path_factory.mktemp("home"))
        for name in ("HOME", "USERPROFILE", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
            patch.setenv(name, home)
        yield


@pytest.fixture(scope="session")
def _sandbox(_no_settings_of_the_user: None) -> Iterator[Sandbox]:
    with Sandbox("--requests-per-minute", "0") as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """A sandbox without a quota, shared by all tests; the environment leads to it."""
    for name, value in _sandbox.environment.items():
        monkeypatch.setenv(name, value)
    return _sandbox


@pytest.fixture(scope="session")
def slow() -> Iterator[SlowServer]:
    """A dserver that answers as late as the URL of its client says: `Client(slow.url(300), token="t")`."""
    with SlowServer() as server:
        yield server


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path

"""Services for tests: the sandbox, started and stopped."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

_EXPORT = re.compile(r"(?P<name>[A-Z_]+)=(?P<value>\S+)")
_DATASIFT = re.compile(r"^# a stream: (?P<stream>\w+), a source to ingest to: (?P<source>\w+)")
_USER = re.compile(r"^# (?P<user>\S+): export (?P<name>COSCINE_API_TOKEN|DSERVER_TOKEN)=(?P<value>\S+)")


class Sandbox:
    """`python -m whimbrel sandbox` with these options, for as long as the `with` lasts."""

    #: What its first users need: `COSCINE_URL`, `COSCINE_API_TOKEN`, `DSERVER_URL`, `DSERVER_TOKEN`, `COCAINE_LOCATOR`,
    #: `DATASIFT_URL`, `DATASIFT_USER`, `DATASIFT_API_KEY`.
    environment: dict[str, str]
    #: The tokens of the other users, by the variable's name and the user's: `["COSCINE_API_TOKEN"]["bob"]`.
    tokens: dict[str, dict[str, str]]
    #: Where dserver's tokens come from: `DSERVER_TOKEN_GENERATOR_URL`, `DSERVER_USERNAME`, `DSERVER_PASSWORD`.
    login: dict[str, str]
    #: The locator of Cocaine 0.11.
    older_locator: str
    #: The key of an identity of DataSift's, a stream that is known there, and a source that can be fed.
    identity_key: str
    stream: str
    source: str

    def __init__(self, *options: str) -> None:
        self._command = [sys.executable, "-m", "whimbrel", "sandbox", *options]

    def __enter__(self) -> Sandbox:
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True)
        # One that does not start must not hold the tests up.
        watchdog = threading.Timer(30, self._process.kill)
        watchdog.start()
        self.environment, self.tokens, self.login = {}, {}, {}
        assert self._process.stdout is not None
        for line in self._process.stdout:
            told = {it["name"]: it["value"] for it in _EXPORT.finditer(line)}
            if line.startswith("export"):
                self.environment |= told
            elif user := _USER.match(line):
                self.tokens.setdefault(user["name"], {})[user["user"]] = user["value"]
            elif "COCAINE_LOCATOR" in told:
                self.older_locator = told["COCAINE_LOCATOR"]
            elif "DATASIFT_API_KEY" in told:
                self.identity_key = told["DATASIFT_API_KEY"]
            elif last := _DATASIFT.match(line):
                self.stream, self.source = last["stream"], last["source"]
                break
            else:
                self.login |= told
        watchdog.cancel()
        assert hasattr(self, "stream"), "the sandbox does not start"
        return self

    def __exit__(self, *_: Any) -> None:
        self._process.terminate()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    @property
    def coscine_url(self) -> str:
        return self.environment["COSCINE_URL"]

    @property
    def dserver_url(self) -> str:
        return self.environment["DSERVER_URL"]

    def variables(self) -> dict[str, str]:
        """The environment of a process that shall find it: this one's, but for all that names other services."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("COCAINE_", "COSCINE_", "DATASIFT_", "DSERVER_"))}
        return kept | self.environment


class SlowServer:
    """The server of `slow_server.py`, as a process of its own, for as long as the `with` lasts.

    It answers a dserver's calls as late as the URL of the client says.
    """

    def __enter__(self) -> SlowServer:
        command = [sys.executable, str(Path(__file__).with_name("slow_server.py"))]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self._origin = f"http://127.0.0.1:{int(self._process.stdout.readline())}"
        return self

    def __exit__(self, *_: Any) -> None:
        self._process.terminate()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def url(self, milliseconds: int = 0) -> str:
        """The base URL of a dserver that answers so late."""
        return f"{self._origin}/{milliseconds}"

    def counts(self) -> dict[str, int]:
        """How many requests `came` so far, how many `wait` for their answer, and how many connections were `closed`
        before it."""
        with urllib.request.urlopen(f"{self._origin}/counts") as answer:
            counts: dict[str, int] = json.load(answer)
        return counts

    def wait_for(self, **wished: int) -> None:
        """Waits until the counts are these; 10 seconds at most."""
        end = time.monotonic() + 10
        while not wished.items() <= self.counts().items():
            assert time.monotonic() < end, f"{wished} in vain: {self.counts()}"
            time.sleep(0.01)

"""Which server is asked, and what proves who asks."""

from __future__ import annotations

import copy
import io
import json
import os
import pickle
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

import pytest
from services import Sandbox

from whimbrel import dserver, errors

SECRET = "s3cret-canary"


@pytest.fixture
def generator(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where tokens come from; there is none in the environment."""
    monkeypatch.delenv("DSERVER_TOKEN")
    return sandbox.login["DSERVER_TOKEN_GENERATOR_URL"]


def test_a_username_and_a_password_are_changed_for_a_token(sandbox: Sandbox, generator: str) -> None:
    password = sandbox.login["DSERVER_PASSWORD"]
    client = dserver.Client(token_generator_url=generator, username="admin", password=password)
    assert client.me().username == "admin"
    wrong = dserver.Client(token_generator_url=generator, username="admin", password=SECRET, cache="off")
    with pytest.raises(errors.AuthenticationError) as refused:
        wrong.me()
    assert SECRET not in str(refused.value)


def test_whom_one_names_is_who_one_is(sandbox: Sandbox) -> None:
    # The environment has a token of testuser's.
    password, generator = sandbox.login["DSERVER_PASSWORD"], sandbox.login["DSERVER_TOKEN_GENERATOR_URL"]
    assert dserver.Client().me().username == "testuser"
    client = dserver.Client(token_generator_url=generator, username="admin", password=password)
    assert client.me().username == "admin"
    with pytest.raises(errors.AuthenticationError, match="DSERVER_TOKEN_GENERATOR_URL"):
        dserver.Client(username="admin", password=password)


def test_what_is_for_one_server_is_shown_to_no_other(sandbox: Sandbox, generator: str, monkeypatch: Any) -> None:
    monkeypatch.setenv("DSERVER_TOKEN", sandbox.environment["DSERVER_TOKEN"])
    monkeypatch.setenv("DSERVER_TOKEN_GENERATOR_URL", generator)
    with pytest.raises(errors.AuthenticationError, match="DSERVER_URL names"):
        dserver.Client("http://127.0.0.1:9")
    with pytest.raises(errors.AuthenticationError, match="generator"):
        dserver.Client("http://127.0.0.1:9", username="ada", password=SECRET)


def test_no_secret_is_seen(sandbox: Sandbox, generator: str, caplog: Any) -> None:
    client = dserver.Client(token=SECRET)
    other = dserver.Client(token_generator_url=generator, username="ada", password=SECRET, interactive=False)
    for it in (client, other, client.submit, copy.copy(other)):
        assert SECRET not in repr(it) and SECRET.encode() not in pickle.dumps(it)
        assert SECRET not in repr(vars(it)) and pickle.loads(pickle.dumps(it)).url == client.url
    for make in (
        lambda: client.me(),
        lambda: other.me(),
        lambda: dserver.Client("no url", SECRET),
        lambda: dserver.Client(token=f"{SECRET}\n{SECRET}"),
        lambda: dserver.Client("http://127.0.0.1:9", username="u", password=SECRET),
    ):
        with pytest.raises(errors.Error) as failed:
            make()
        seen = traceback.TracebackException.from_exception(failed.value, capture_locals=True)
        assert SECRET not in "".join(seen.format()).replace("SECRET", "")
    assert SECRET not in caplog.text


ELSEWHERE = """
import pickle, sys
from whimbrel import errors
try:
    print(pickle.load(sys.stdin.buffer).me().username)
except errors.AuthenticationError as error:
    print("refused:", error)
"""


def elsewhere(client: dserver.Client, environment: dict[str, str]) -> str:
    """What another process has of a client."""
    command = [sys.executable, "-c", ELSEWHERE]
    done = subprocess.run(command, input=pickle.dumps(client), env=environment, capture_output=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode().strip()


def test_a_client_takes_no_secret_to_another_process(sandbox: Sandbox, tmp_path: Path) -> None:
    admin = dserver.Client(token=sandbox.tokens["DSERVER_TOKEN"]["admin"])
    with_token = {**os.environ, "DTOOL_CONFIG_DIR": str(tmp_path)}
    assert elsewhere(admin, with_token) == "testuser", "the environment's there"
    without = {name: value for name, value in with_token.items() if not name.startswith("DSERVER_")}
    url = dserver.Client(sandbox.dserver_url, sandbox.tokens["DSERVER_TOKEN"]["admin"])
    told = elsewhere(url, without)
    assert "made in another process" in told and "DSERVER_TOKEN" in told
    (tmp_path / "dtool.json").write_text(
        json.dumps({"DSERVER_URL": sandbox.dserver_url, "DSERVER_TOKEN": sandbox.environment["DSERVER_TOKEN"]})
    )
    (tmp_path / "dtool.json").chmod(0o600)
    assert elsewhere(url, without) == "testuser", "that of dtool.json there"
    account = dserver.Client(
        token_generator_url=sandbox.login["DSERVER_TOKEN_GENERATOR_URL"],
        username="admin",
        password=sandbox.login["DSERVER_PASSWORD"],
    )
    by_password = {**without, "DSERVER_URL": sandbox.dserver_url, "DSERVER_PASSWORD": sandbox.login["DSERVER_PASSWORD"]}
    assert elsewhere(account, by_password) == "admin", "a password that is there gives a token"


def test_nobody_is_asked_where_there_is_no_terminal(sandbox: Sandbox, generator: str, monkeypatch: Any) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("me\nmy password\n"))
    for interactive in (True, False):
        client = dserver.Client(token_generator_url=generator, interactive=interactive)
        with pytest.raises(errors.AuthenticationError, match="DSERVER_USERNAME"):
            client.me()


def test_a_mistyped_setting_is_told(sandbox: Sandbox) -> None:
    with pytest.raises(TypeError, match="no setting requests"):
        dserver.Client(requests=3)  # type: ignore[call-arg]

"""`whimbrel.compat.dtool_lookup_api`: scripts that were written for `dtool_lookup_api`."""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import pickle
import stat
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
from services import Sandbox, SlowServer
from whimbrel import dserver, errors
from whimbrel.compat import dtool_lookup_api
from whimbrel.compat.dtool_lookup_api import asynchronous, synchronous
from whimbrel.compat.dtool_lookup_api.core import LookupClient as clients
from whimbrel.compat.dtool_lookup_api.core.config import Config

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(autouse=True)
def _as_at_the_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DTOOL_CONFIG_DIR", str(tmp_path / "dtool"))
    monkeypatch.setattr(Config, "interactive", False)
    monkeypatch.setattr(Config, "cache", True)
    Config._forget()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where dtool's file is."""
    (tmp_path / "dtool").mkdir()
    return tmp_path / "dtool" / "dtool.json"


@pytest.fixture
def with_generator(sandbox: Sandbox, file: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The setup that the old package recommends: a server and a generator, and a user who is asked."""
    for name in sandbox.environment:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Config, "interactive", True)
    login = sandbox.login
    file.write_text(
        json.dumps(
            {
                "DSERVER_URL": sandbox.dserver_url,
                "DSERVER_TOKEN_GENERATOR_URL": login["DSERVER_TOKEN_GENERATOR_URL"],
                "other": [1],
            }
        )
    )
    return login


def test_the_samples_of_its_documents_run(sandbox: Sandbox) -> None:
    from whimbrel.compat.dtool_lookup_api import (
        all,
        get_datasets,
        get_datasets_by_uuid,
        get_manifest,
        get_readme,
        query,
    )

    first = get_datasets()[0]
    assert {"base_uri", "created_at", "creator_username", "frozen_at", "name", "uri", "uuid"} <= first.keys()
    assert get_datasets_by_uuid(first["uuid"])[0] == first
    assert get_datasets(free_text="simulation")
    assert get_manifest(first["uri"])["hash_function"] == "md5sum_hexdigest"
    assert get_readme(first["uri"]).startswith("project:")
    found = query({"base_uri": first["base_uri"], "name": {"$regex": first["name"]}})
    assert [it["uri"] for it in found] == [first["uri"]]
    assert len(all()) == 20


def test_a_plain_call_works_inside_of_a_running_event_loop(sandbox: Sandbox) -> None:
    async def cell() -> None:
        plain = dtool_lookup_api.query({"name": {"$regex": "run"}})
        assert plain == await asynchronous.query({"name": {"$regex": "run"}})
        assert dtool_lookup_api.get_datasets() == await asynchronous.get_datasets()

    asyncio.run(cell())


def test_what_is_awaited_can_be_a_task_and_a_program(sandbox: Sandbox) -> None:
    uris = [it["uri"] for it in dtool_lookup_api.get_datasets()]

    async def many() -> list[Any]:
        return await asyncio.gather(*(asyncio.create_task(asynchronous.get_dataset(uri)) for uri in uris))

    assert [it["uri"] for it in asyncio.run(many())] == uris
    assert asyncio.run(asynchronous.get_readme(uris[0])) == dtool_lookup_api.get_readme(uris[0])


def test_a_call_is_one_request(slow: SlowServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSERVER_URL", slow.url())
    monkeypatch.setenv("DSERVER_TOKEN", "t")
    before = slow.counts()["came"]
    for n in range(10):
        assert dtool_lookup_api.get_readme(f"s3://b/{n}")
    assert asyncio.run(asynchronous.get_readme("s3://b/last"))
    assert slow.counts()["came"] - before == 11


def test_a_dict_is_filled_and_one_that_is_not_given_stays_nobodys(sandbox: Sandbox) -> None:
    pagination: dict[str, Any] = {}
    sorting: dict[str, Any] = {}
    dtool_lookup_api.get_datasets(page_size=3, sort_order=-1, pagination=pagination, sorting=sorting)
    assert (pagination["total"], pagination["next_page"]) == (20, 2)
    assert sorting == {"sort": {"uri": -1}}
    dtool_lookup_api.get_datasets()
    for function in (clients.LookupClient.get_datasets, synchronous.get_datasets):
        assert inspect.signature(function).parameters["pagination"].default == {}


def test_a_field_without_an_order_is_not_dropped(sandbox: Sandbox) -> None:
    sorting: dict[str, Any] = {}
    dtool_lookup_api.get_datasets(sort_fields=["creator_username", "name"], sort_order=[-1], sorting=sorting)
    assert sorting == {"sort": {"creator_username": -1, "name": 1}}


def test_errors_are_data_unless_they_are_to_be_raised(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = "s3://nowhere/none"
    assert dtool_lookup_api.get_dataset(nothing)["code"] == 403
    assert dtool_lookup_api.register_user("eve") is False
    with pytest.raises(KeyError, match="readme") as missing:
        dtool_lookup_api.get_readme(nothing)
    assert isinstance(missing.value.__cause__, errors.ForbiddenError)
    monkeypatch.setattr(dtool_lookup_api, "raise_errors", True)
    for call, of in ((dtool_lookup_api.get_dataset, nothing), (dtool_lookup_api.register_user, "eve")):
        with pytest.raises(errors.ForbiddenError) as raised:
            call(of)
        assert raised.value.status == 403 and raised.value.operation is not None


def test_old_names_say_which_is_the_new_one_at_the_line_that_uses_them(sandbox: Sandbox) -> None:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        synchronous.all()
        asyncio.run(asynchronous.versions())
        asyncio.run(clients.TokenBasedLookupClient(Config.lookup_url, Config.token).search("x"))
    assert [str(it.message).rpartition("Use ")[2] for it in told] == [
        "'get_datasets' instead.",
        "'get_versions' instead.",
        "'get_datasets' instead.",
    ]
    assert {it.filename for it in told} == {__file__}
    assert "dservercore" in dtool_lookup_api.versions() and "DTOOL" not in dtool_lookup_api.config()


def test_all_clients_can_be_used_in_async_with(sandbox: Sandbox) -> None:
    url, token, login = sandbox.dserver_url, sandbox.environment["DSERVER_TOKEN"], sandbox.login
    account = (login["DSERVER_TOKEN_GENERATOR_URL"], login["DSERVER_USERNAME"], login["DSERVER_PASSWORD"])

    async def me(client: Any) -> Any:
        async with client as it:
            return (await it.get_me())["username"]

    async def run() -> None:
        made = [
            clients.TokenBasedLookupClient(url, token),
            clients.CredentialsBasedLookupClient(url, *account),
            clients.LookupClient(url, *account, verify_ssl=False),
            clients.ConfigurationBasedAuthenticatedLookupClient(),
            clients.ConfigurationBasedLookupClient(disable_authentication=False),
        ]
        assert [await me(it) for it in made] == ["testuser"] * 5
        assert made[1].header == {"Authorization": f"Bearer {made[1].token}"}
        with pytest.raises(ValueError, match="JWT"):
            await me(clients.TokenBasedLookupClient(url))
        with pytest.raises(RuntimeError, match="Authentication failed"):
            await me(clients.CredentialsBasedLookupClient(url, account[0], account[1], "wrong"))
        anonymous = clients.ConfigurationBasedLookupClient()
        assert type(anonymous) is clients.UnauthenticatedLookupClient
        async with anonymous:
            assert await anonymous.get_versions()
            with pytest.raises(clients.LookupServerError, match="Missing Authorization"):
                await anonymous.get_me()

    asyncio.run(run())


def test_without_anybody_to_ask_authentication_fails(with_generator: dict[str, str]) -> None:
    dtool_lookup_api.core.config.Config.interactive = False
    dtool_lookup_api.core.config.Config.cache = False
    for call in (dtool_lookup_api.all, lambda: asyncio.run(asynchronous.all())):
        with pytest.raises(RuntimeError, match="^Authentication failed$") as failed:
            call()
        assert isinstance(failed.value.__cause__, errors.AuthenticationError)


def test_a_token_that_is_refused_is_a_failed_authentication(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSERVER_TOKEN", "not-a-token")
    with pytest.raises(RuntimeError, match="^Authentication failed$"):
        dtool_lookup_api.get_datasets()
    assert not dtool_lookup_api.synchronous.has_valid_token()


def test_who_is_asked_is_asked_once_and_the_token_is_kept(
    with_generator: dict[str, str], file: Path, monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox
) -> None:
    asked: list[str] = []
    monkeypatch.setattr("builtins.input", lambda text: asked.append(text) or with_generator["DSERVER_USERNAME"])
    monkeypatch.setattr("getpass.getpass", lambda text: asked.append(text) or with_generator["DSERVER_PASSWORD"])
    file.chmod(0o640)
    assert len(dtool_lookup_api.get_datasets()) == 10
    url = with_generator["DSERVER_TOKEN_GENERATOR_URL"]
    assert asked == [f"Authentication URL {url} username:", f"Authentication URL {url} password:"]
    dtool_lookup_api.get_datasets()
    asyncio.run(asynchronous.get_datasets())
    assert len(asked) == 2
    written = json.loads(file.read_text())
    assert written["DSERVER_TOKEN"] == Config.token and written["other"] == [1]
    assert with_generator["DSERVER_PASSWORD"] not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    # The next one has it from there, and a password is for this process.
    script = "from whimbrel.compat.dtool_lookup_api import get_datasets; print(len(get_datasets()))"
    next_one = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert next_one.stdout.strip() == "10", next_one.stderr


def test_a_wrong_answer_is_not_used_again(
    with_generator: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    passwords = iter(["wrong", with_generator["DSERVER_PASSWORD"]])
    monkeypatch.setattr("builtins.input", lambda _: with_generator["DSERVER_USERNAME"])
    monkeypatch.setattr("getpass.getpass", lambda _: next(passwords))
    with pytest.raises(RuntimeError, match="Authentication failed"):
        dtool_lookup_api.get_datasets()
    assert dtool_lookup_api.get_datasets()


def test_a_token_is_not_written_beside_another_server(
    sandbox: Sandbox, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DSERVER_TOKEN")
    for name, value in sandbox.login.items():
        monkeypatch.setenv(name, value)
    text = json.dumps({"DSERVER_URL": "https://other.example.org", "DSERVER_TOKEN": "theirs"})
    file.write_text(text)
    assert dtool_lookup_api.get_datasets()
    assert file.read_text() == text


def test_the_environment_counts_before_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSERVER_URL", "https://of.environment")
    monkeypatch.setenv("DSERVER_VERIFY_SSL", "Off")
    file.write_text(
        json.dumps({"DSERVER_URL": "https://of.file", "DSERVER_USERNAME": "ada", "DSERVER_DISABLE_AUTHENTICATION": False})
    )
    assert (Config.lookup_url, Config.username, Config.verify_ssl) == ("https://of.environment", "ada", False)
    assert (Config.token, Config.auth_url, Config.password) == ("", "", None)
    assert Config.disable_authentication is False
    monkeypatch.delenv("DSERVER_VERIFY_SSL")
    file.write_text("")
    assert Config.verify_ssl is True and Config.disable_authentication is True and Config.username is None


def test_what_is_assigned_is_written_at_once_and_whole(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Config.lookup_url = "https://new.example.org"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o644)
    before = file.with_name("before.json")
    before.hardlink_to(file)
    Config.auth_url = "https://new.example.org/token"
    Config.username, Config.password, Config.token = "ada", "p", "t"
    Config.verify_ssl = False
    Config.disable_authentication = True
    assert json.loads(file.read_text()) == {
        "DSERVER_URL": "https://new.example.org",
        "DSERVER_TOKEN_GENERATOR_URL": "https://new.example.org/token",
        "DSERVER_USERNAME": "ada",
        "DSERVER_PASSWORD": "p",
        "DSERVER_TOKEN": "t",
        "DSERVER_VERIFY_SSL": "false",
        "DSERVER_DISABLE_AUTHENTICATION": "true",
    }
    assert len(json.loads(before.read_text())) == 1, "another file is put in its place"
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert (Config.lookup_url, Config.verify_ssl) == ("https://new.example.org", False)


def test_many_processes_may_use_one_file(
    with_generator: dict[str, str], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DSERVER_USERNAME", with_generator["DSERVER_USERNAME"])
    monkeypatch.setenv("DSERVER_PASSWORD", with_generator["DSERVER_PASSWORD"])
    script = "from whimbrel.compat.dtool_lookup_api import *\nfor _ in range(10): assert len(get_datasets()) == 10"
    running = [subprocess.Popen([sys.executable, "-c", script]) for _ in range(4)]
    assert [it.wait(50) for it in running] == [0] * 4
    assert json.loads(file.read_text())["other"] == [1]


def test_no_client_is_pickled_with_its_secrets(sandbox: Sandbox) -> None:
    client = clients.CredentialsBasedLookupClient("https://a.example", "https://a.example/token", "ada", "s3cret")
    with pytest.raises(TypeError, match="make it where it is used"):
        pickle.dumps(client)
    assert "s3cret" not in repr(client)


def test_a_server_that_is_not_there_is_a_connection_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSERVER_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("DSERVER_TOKEN", "t")
    client = clients.TokenBasedLookupClient("http://127.0.0.1:9", "t")
    with pytest.raises(ConnectionError):
        asyncio.run(client.get_me())


def test_any_operation_can_be_asked_by_its_id(sandbox: Sandbox) -> None:
    client = dserver.Client()
    found = client.api("SearchDatasets", {"free_text": "simulation"}, page_size=2)
    assert len(found) == 2 and found == client.submit.api("search_datasets", {"free_text": "simulation"}, page_size=2).result()
    assert found[0]["created_at"] == dtool_lookup_api.get_datasets("simulation")[0]["created_at"]
    with pytest.raises(errors.ForbiddenError) as refused:
        client.api("get_readme", uri="s3://nowhere/none")
    assert refused.value.operation == "get_readme"
    with pytest.raises(errors.InvalidError, match="no parameter free_text"):
        client.api("search_datasets", {}, free_text="x")
    with pytest.raises(errors.InvalidError, match="did you mean get_readme"):
        client.api("get_readmee", uri="x")


def test_a_forked_process_has_a_connection_of_its_own(sandbox: Sandbox) -> None:
    if not hasattr(os, "fork"):
        pytest.skip("there is no fork")
    script = (
        "import os\nfrom whimbrel.compat.dtool_lookup_api import get_datasets\nassert get_datasets()\n"
        "child = os.fork()\nif child == 0:\n    os._exit(0 if len(get_datasets()) == 10 else 1)\n"
        "assert os.waitpid(child, 0)[1] == 0\nassert get_datasets()"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr


def test_a_page_of_a_proxy_is_an_error_and_a_token_that_ran_out_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = tmp_path / "faults.json"
    html = {"on": "get_readme", "fault": {"kind": "html"}}
    refusal = {"on": "get_dataset", "nth": [1], "fault": {"kind": "unauthorized"}}
    faults.write_text(json.dumps({"faults": [html, refusal]}))
    with Sandbox("--faults", str(faults)) as sandbox:
        for name, value in (sandbox.environment | sandbox.login).items():
            monkeypatch.setenv(name, value)
        uri = dtool_lookup_api.get_datasets()[0]["uri"]
        with pytest.raises(clients.LookupServerError, match="the server answered 200, and that not in JSON"):
            dtool_lookup_api.get_readme(uri)
        assert dtool_lookup_api.get_dataset(uri)["uri"] == uri

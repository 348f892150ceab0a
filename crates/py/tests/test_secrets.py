"""A token is in nothing that is shown, kept or sent elsewhere."""

from __future__ import annotations

import asyncio
import concurrent.futures as cf
import copy
import io
import logging
import os
import pickle
import subprocess
import sys
import traceback
from typing import Any

import cloudpickle
import pytest
from services import Sandbox, SlowServer
from whimbrel import _client, aio, coscine, dserver, errors
from whimbrel._native import Token

CANARY = "canary.of-a-token.that-nobody-sees"


def shown(value: Any) -> str:
    """All that Python tells of a value by itself."""
    texts = [repr(value), str(value), format(value), *map(repr, getattr(value, "__dict__", {}).items())]
    texts += [repr(getattr(value, name, None)) for name in dir(value) if name != "__dict__"]
    if html := getattr(value, "_repr_html_", None):
        texts.append(html())
    return "\n".join(texts)


def test_a_client_shows_no_token(slow: SlowServer) -> None:
    client = dserver.Client(slow.url(), token=CANARY)
    other = aio.dserver.Client(slow.url(), token=CANARY)
    for one in (client, client.submit, other, client._native, client._told, *client._told, copy.copy(client)):
        assert CANARY not in shown(one)


def test_no_pickle_holds_a_token(slow: SlowServer) -> None:
    client = dserver.Client(slow.url(), token=CANARY)
    own = aio.dserver.Client(slow.url(), token=CANARY)
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        assert CANARY.encode() not in pickle.dumps([client, own, client._told], protocol)
    assert CANARY.encode() not in cloudpickle.dumps([client, lambda: client.versions(), own])
    assert pickle.loads(pickle.dumps(client)).versions(), "in this process the reference is good"


def test_who_gets_one_client_after_another_connects_once(slow: SlowServer, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = pickle.dumps([dserver.Client(slow.url(), token=CANARY)])
    [first], [second] = pickle.loads(sent), pickle.loads(sent)
    assert first is not second and first._native is second._native and second.versions()
    [another] = pickle.loads(pickle.dumps([dserver.Client(slow.url(), token=CANARY, attempts=1)]))
    assert another._native is not first._native, "it is set to something else"
    assert CANARY not in repr(_client._lately)
    with monkeypatch.context() as patch:
        patch.setenv("DSERVER_TOKEN", "another")
        assert pickle.loads(sent)[0]._native is not first._native, "what is found may be another token"
    with monkeypatch.context() as patch:
        patch.setattr(_client, "_A_WHILE", 0.0)
        assert pickle.loads(sent)[0]._native is not first._native, "files may have changed"
    for n in range(20):
        pickle.loads(pickle.dumps(dserver.Client(slow.url(n), token=CANARY)))
    assert len(_client._lately) <= 8


def test_a_token_that_is_given_again_is_the_same() -> None:
    one, same, other = Token("one"), Token("one"), Token("other")
    assert pickle.dumps(one) == pickle.dumps(same) != pickle.dumps(other)
    assert pickle.loads(pickle.dumps(same)).is_known


def test_no_traceback_shows_a_token_with_its_locals(slow: SlowServer, sandbox: Sandbox) -> None:
    class Holder:
        """Where a user keeps it, so that it is in no variable of theirs."""

        token = CANARY

        def __repr__(self) -> str:
            return "<holder>"

    holder = Holder()
    client = dserver.Client(slow.url(), token=holder.token)
    late = dserver.Client(slow.url(5_000), token=holder.token, deadline=1, attempts=1)

    async def awaited() -> None:
        await aio.dserver.Client(slow.url(), token=holder.token).readme("file://h/status-500")

    def cancelled() -> None:
        future = late.submit.versions()
        future.cancel()
        future.result()

    fails: list[Any] = [
        lambda: dserver.Client("no url", token=holder.token),
        lambda: dserver.Client("http://user:pw@127.0.0.1", token=holder.token),
        lambda: dserver.Client(slow.url(), token=holder.token, attempts="many"),  # type: ignore[arg-type]
        lambda: dserver.Client(slow.url(), token=holder.token, nonsense=1),  # type: ignore[call-arg]
        lambda: dserver.Client(slow.url(), token=holder.token + "\n\0"),
        lambda: aio.dserver.Client("no url", token=holder.token),
        lambda: client.readme("file://h/status-401"),
        lambda: client.readme("file://h/status-500"),
        lambda: client.submit.readme("file://h/status-403").result(10),
        lambda: asyncio.run(awaited()),
        late.versions,
        cancelled,
        lambda: dserver.Client("http://127.0.0.1:1", token=holder.token, attempts=1).versions(),
    ]
    for number, fail in enumerate(fails):
        with pytest.raises((Exception, cf.CancelledError)) as raised:
            fail()
        told = traceback.TracebackException.from_exception(raised.value, capture_locals=True)
        assert CANARY not in "".join(told.format()), number
        assert CANARY not in shown(raised.value), number


def test_nothing_is_logged_of_a_token(slow: SlowServer) -> None:
    script = f"""
import asyncio, logging, os
os.environ["RUST_LOG"] = "trace"
os.environ["PYTHONASYNCIODEBUG"] = "1"
logging.basicConfig(level=logging.DEBUG)
from whimbrel import aio, coscine, dserver, errors
canary = os.environ["CANARY"]
client = dserver.Client({slow.url()!r}, token=canary)
client.versions()
client.submit.versions().result()
f = client.submit.readme("file://h/status-500")
async def main():
    asyncio.get_running_loop().set_debug(True)
    await aio.dserver.Client({slow.url()!r}, token=canary).versions()
    aio.dserver.Client({slow.url()!r}, token=canary).readme("file://h/status-500")  # Nobody awaits it.
    await asyncio.sleep(0.2)
asyncio.run(main())
print(client, f, vars(client))
client.readme("file://h/status-401")
"""
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | {"CANARY": CANARY, "RUST_LOG": "trace"},
    )
    assert done.returncode == 1 and "AuthenticationError" in done.stderr
    assert CANARY not in done.stdout + done.stderr


def test_log_records_of_this_process_hold_no_token(slow: SlowServer) -> None:
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(1)
    try:
        client = dserver.Client(slow.url(), token=CANARY)
        future = client.submit.versions()

        def fails(_: Any) -> None:
            local = client
            raise ValueError(local)

        future.add_done_callback(fails)
        future.result(5)
        client.submit.versions().result(5)
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
    assert "ValueError" in text.getvalue() and CANARY not in text.getvalue()


@pytest.mark.parametrize("kind", [dserver.Client, coscine.Client, aio.dserver.Client, aio.coscine.Client])
def test_a_token_that_is_given_in_the_place_of_the_url_is_not_shown(kind: Any) -> None:
    with pytest.raises(errors.InvalidError, match="token=") as raised:
        kind(CANARY)
    assert CANARY not in "".join(traceback.format_exception(raised.value)) + repr(raised.value)

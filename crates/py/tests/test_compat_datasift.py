"""Scripts for datasift 2.12.1 go on working: what its documentation shows, against the sandbox, and what it did not show."""

from __future__ import annotations

import copy
import json
import logging
import os
import pickle
import signal
import subprocess
import sys
import textwrap
import threading
import time
import types
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import Future, as_completed, wait
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from services import Sandbox
from whimbrel import errors
from whimbrel.compat.datasift import Client
from whimbrel.compat.datasift.exceptions import (
    AuthException,
    BadRequest,
    DataSiftApiException,
    DataSiftApiFailure,
    DeleteRequired,
    HistoricSourcesRequired,
    HTTPError,
    RateLimitException,
    StreamNotConnected,
    StreamSubscriberNotStarted,
)
from whimbrel.compat.datasift.output_mapper import OutputMapper

CSDL = 'interaction.content contains "tribology"'
DAY = 86_400


class Talk:
    """The sandbox's DataSift, and what a test can have it do."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.url = sandbox.environment["DATASIFT_URL"]
        self.user, self.key = sandbox.environment["DATASIFT_USER"], sandbox.environment["DATASIFT_API_KEY"]
        self.identity_key, self.stream, self.source = sandbox.identity_key, sandbox.stream, sandbox.source

    def client(self, **options: Any) -> Client:
        return Client(self.user, self.key, **options)

    def do(self, what: str, **query: Any) -> Any:
        query_text = "&".join(f"{name}={value}" for name, value in query.items())
        asked = urllib.request.Request(f"{self.url}/_sandbox/{what}?{query_text}", method="POST")
        with urllib.request.urlopen(asked) as answer:
            return json.load(answer)


@pytest.fixture
def datasift(sandbox: Sandbox) -> Talk:
    return Talk(sandbox)


class Canned:
    """A server that gives the answers a test says, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        self.delay = 0.0
        self.at_once = self.most_at_once = 0
        self._lock = threading.Lock()
        canned = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                with canned._lock:
                    canned.asked.append((self.command, self.path, dict(self.headers.items()), body))
                    status, headers, content = canned.answers[0]
                    if len(canned.answers) > 1:
                        canned.answers.pop(0)
                    canned.at_once += 1
                    canned.most_at_once = max(canned.most_at_once, canned.at_once)
                time.sleep(canned.delay)
                with canned._lock:
                    canned.at_once -= 1
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if status != 204:
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_DELETE = _answer

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.host = f"127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def says(self, status: int, body: Any, **headers: str) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers = [(status, {"Content-Type": "application/json", **told}, content)]

    def client(self, **options: Any) -> Client:
        return Client("ada", "a-key", ssl=False, api_host=self.host, **options)

    def sent(self, name: str) -> Any:
        """What was sent last, as JSON."""
        return json.loads(self.asked[-1][3])[name]


@pytest.fixture
def canned() -> Iterator[Canned]:
    server = Canned()
    yield server
    server.server.shutdown()
    server.server.server_close()


# The samples of its documentation


def test_five_definitions_are_checked_at_once_of_which_one_is_wrong(datasift: Talk) -> None:
    client = Client(datasift.user, datasift.key, **{"async": True}, max_workers=5)
    definitions = [f'interaction.content contains "{word}"' for word in ("wear", "tear", "grease", "oil")]
    checks = {client.validate(csdl): csdl for csdl in [*definitions[:2], "this is no CSDL", *definitions[2:]]}
    right, wrong = [], []
    for check in as_completed(checks):
        assert isinstance(check, Future)
        try:
            assert check.process()["dpu"] > 0
            right.append(checks[check])
        except DataSiftApiException as refused:
            assert refused.response.status_code == 400
            assert "We are unable to parse this stream" in refused.message
            wrong.append(checks[check])
    assert (sorted(right), wrong) == (sorted(definitions), ["this is no CSDL"])


def test_a_stream_is_listened_to(datasift: Talk) -> None:
    client = datasift.client()
    stream = client.compile(CSDL)["hash"]
    found: list[Any] = []
    gone, said = threading.Event(), threading.Event()

    @client.on_delete
    def on_delete(interaction: Any) -> None:
        if interaction["hash"] == stream and interaction["data"]["deleted"] is True:
            gone.set()

    @client.on_open
    def on_open() -> None:
        @client.subscribe(stream)
        def on_interaction(interaction: Any) -> None:
            found.append(interaction)

        assert callable(on_interaction), "the function keeps its name"

    @client.on_ds_message
    def on_ds_message(message: Any) -> None:
        if message == {"status": "success", "message": f"Successfully subscribed to hash {stream}"}:
            said.set()

    @client.on_closed
    def on_closed(was_clean: bool, code: int, reason: str) -> None:
        found.append((was_clean, code))

    live = client.start_stream_subscriber()
    assert said.wait(10) and client.opened and list(client.subscriptions) == [stream]
    until(lambda: len(found) > 2)
    datasift.do("delete", hash=stream, id="an-id")
    assert gone.wait(10)
    live.close()
    assert not client.opened and found[-1] == (True, 1000)
    assert found[0]["interaction"]["created_at"].tzinfo is timezone.utc and "tribology" in found[0]["interaction"]["content"]


def test_the_archive_is_queried(datasift: Talk) -> None:
    client, now = datasift.client(), int(time.time())
    with pytest.raises(HistoricSourcesRequired):
        client.historics.prepare(datasift.stream, now - 2 * DAY, now - DAY, "wear", [])
    made = client.historics.prepare(datasift.stream, now - 2 * DAY, now - DAY, "wear", ["facebook", "tumblr"], sample=10)
    assert made.status_code == 202
    query = made["id"]
    one = client.historics.get_for(query, with_estimate=True)
    assert (one["name"], one["start"]) == ("wear", datetime.fromtimestamp(now - 2 * DAY, timezone.utc))
    assert sorted(one["sources"]) == ["facebook", "tumblr"] and one["start"].utcoffset() == timedelta(0)
    assert one.raw["start"] == now - 2 * DAY, "as it came"
    subscription = client.push.create_from_historics(query, "deliver", "pull", {"format": "json_new_line"})
    for nothing in (
        client.historics.update(query, "tear"),
        client.historics.start(query),
        client.historics.pause(query, "lunch"),
        client.historics.resume(query),
        client.historics.stop(query, reason="enough"),
    ):
        assert (nothing, nothing.raw, nothing.status_code) == ({}, {}, 204)
    assert client.historics.get(maximum=50, page=1)["count"] > 2
    assert client.historics.status(now - 2 * DAY, now - DAY, sources="facebook")
    assert client.historics.status(now - 2 * DAY, now - DAY)
    assert client.dpu(historics_id=query)["dpu"] is None or client.dpu(historics_id=query)["dpu"] > 0
    client.push.delete(subscription["id"])
    assert client.historics.delete(query) == {}

    analysis = "interaction.author.gender,freqDist,5"
    preview = client.historics_preview.create(datasift.stream, now - 2 * DAY, [analysis], ["facebook"], end=now - DAY)
    assert preview.status_code == 202
    assert client.historics_preview.get(preview["id"])["id"] == preview["id"]
    with pytest.raises(HistoricSourcesRequired):
        client.historics_preview.create(datasift.stream, now - DAY, [analysis], [])


def test_a_subscription_is_pulled_from(datasift: Talk) -> None:
    client = datasift.client()
    stream = client.compile(CSDL)["hash"]
    assert client.push.validate("pull", {"format": "json_array"})["success"] is True
    made = client.push.create_from_hash(stream, "keep", "pull", {"format": "json_new_line"}, initial_status="active")
    assert isinstance(made["created_at"], datetime)
    id = made["id"]
    until(lambda: len(client.pull(id, size=1 << 20)) > 0)
    for form, kind in (("json_array", list), ("json_meta", dict), ("json_new_line", list)):
        client.push.update(id, {"format": form}, name=form)
        pulled = next(it for it in iter(lambda: client.pull(id), None) if it)
        assert isinstance(pulled, kind) and pulled.headers["X-DataSift-Format"] == form
        found = pulled if isinstance(pulled, list) else pulled["interactions"]
        assert all(isinstance(it["interaction"]["created_at"], datetime) for it in found)
        # What was pulled comes again from its cursor.
        again = client.pull(id, cursor=pulled.headers["x-datasift-cursor-current"])
        assert again.raw[0] == pulled.raw[0] if isinstance(pulled, list) else again["hash"] == stream
    client.push.pause(id)
    assert client.push.get(subscription_id=id)["status"] == "paused"
    client.push.resume(id)
    assert any(it["id"] == id for it in client.push.get(stream=stream, per_page=100, include_finished=False)["subscriptions"])
    assert client.push.log(id, page=1, per_page=5, order_by="request_time", order_dir="desc")["count"] > 0
    client.push.stop(id)
    client.push.delete(id)
    with pytest.raises(DataSiftApiException, match="not found") as refused:
        client.push.get(id)
    assert refused.value.response.status_code == 404
    assert isinstance(refused.value.__cause__, errors.NotFoundError)


def test_a_source_is_managed(datasift: Talk) -> None:
    sources = datasift.client().managed_sources
    resource, token = {"parameters": {"id": 1, "url": "http://x.example"}}, {"parameters": {"value": "t0ken"}}
    id = sources.create("facebook_page", "bearings", [resource], auth=[token])["id"]
    with pytest.raises(AssertionError):
        sources.create("facebook_page", "bearings", [])
    with pytest.raises(AssertionError):
        sources.update(id, "facebook_page", "bearings", [resource], [])
    more = sources.resource.add(id, [{"parameters": {"id": 2}}], validate=False)
    assert len(more["resources"]) == 2
    assert len(sources.auth.add(id, [{"parameters": {"value": "0ther"}}])["auth"]) == 2
    now = sources.get(id)
    assert len(sources.resource.remove(id, [now["resources"][1]["resource_id"]])["resources"]) == 1
    assert len(sources.auth.remove(id, [now["auth"][1]["identity_id"]])["auth"]) == 1
    assert sources.start(id)["status"] == "active"
    sources.stop(id)
    assert sources.update(id, "facebook_page", "wear", [resource], [token])["name"] == "wear"
    assert any(it["id"] == id for it in sources.get(source_type="facebook_page", page=1, per_page=100)["sources"])
    sources.log(id, page=1, per_page=10)
    assert sources.delete(id).status_code == 204


def test_a_recording_is_analysed(datasift: Talk) -> None:
    client = Client(datasift.user, datasift.identity_key)
    assert client.pylon.validate('fb.content contains "mud"')
    stream = client.pylon.compile('fb.content contains "mud"', service="facebook")["hash"]
    id = client.pylon.start(stream, "mud")["id"]
    assert client.pylon.get(id)["name"] == "mud"
    assert any(it["id"] == id for it in client.pylon.list(page=1, per_page=100)["subscriptions"])
    parameters = {"analysis_type": "freqDist", "parameters": {"target": "fb.author.gender", "threshold": 2}}
    analysed = client.pylon.analyze(id, parameters, filter='fb.content contains "mud"', start=int(time.time()) - 3600)
    assert "analysis" in analysed
    assert client.pylon.tags(id) is not None and client.pylon.sample(id, count=10) is not None
    task = client.pylon.task.create(id, "who", parameters)
    assert task.status_code == 202
    assert client.pylon.task.get(task["id"])["id"] == task["id"]
    assert client.pylon.task.list(per_page=10, page=1)["count"] > 0
    assert client.pylon.stop(id).status_code == 204


def test_an_account_has_identities_with_tokens_and_limits(datasift: Talk) -> None:
    account = datasift.client().account
    assert isinstance(account.usage("daily"), dict)
    made = account.identity.create(f"barge {time.time_ns()}", status="active", master=False)
    assert made.status_code == 201 and made["master"] is False, "what is false is said"
    id = made["id"]
    assert account.identity.get(id)["id"] == id
    assert account.identity.update(id, label=f"boat {time.time_ns()}")["label"].startswith("boat")
    assert any(it["id"] == id for it in account.identity.list(per_page=100)["identities"])
    account.identity.token.create(id, "facebook", "t0ken")
    account.identity.token.update(id, "facebook", "0ther")
    assert account.identity.token.get(id, "facebook")["token"] == "0ther"
    assert account.identity.token.list(id)["count"] == 1
    account.identity.limit.create(id, "facebook", total_allowance=100, analyze_queries=0)
    account.identity.limit.update(id, "facebook", total_allowance=200)
    assert account.identity.limit.get(id, "facebook")["total_allowance"] == 200
    assert any(it["id"] == id for it in account.identity.limit.list("facebook", per_page=100)["limits"])
    account.identity.limit.delete(id, "facebook")
    account.identity.token.delete(id, "facebook")
    # As it was recorded.
    with pytest.raises(DataSiftApiException, match="currently unavailable"):
        account.identity.delete(id)


def test_a_source_of_ones_own_is_fed(datasift: Talk) -> None:
    for client in (datasift.client(), datasift.client(async_=True)):
        batch = client.odp.batch(datasift.source, [{"id": "1", "body": "wear"}, {"id": "2", "body": "tear"}])
        taken = batch.process() if isinstance(batch, Future) else batch
        assert taken["accepted"] == 2
        limits = taken.ratelimits
        assert limits["data-remaining"] < limits["data-limit"] and limits["request-remaining"] < limits["request-limit"]
        assert limits["data-reset"] > 1e9 > limits["data-reset-ttl"], "the two are exchanged on this host"
    for wrong in ([], {}, ["text"], [{}, 1], ({},)):
        with pytest.raises(BadRequest):
            datasift.client().odp.batch(datasift.source, wrong)  # type: ignore[arg-type]


def test_definitions_and_the_account_are_asked_about(datasift: Talk) -> None:
    client = datasift.client()
    compiled = client.compile(CSDL)
    assert compiled["created_at"].tzinfo is timezone.utc and isinstance(compiled["dpu"], float)
    assert isinstance(compiled.raw["dpu"], str) and isinstance(compiled.raw["created_at"], str)
    assert client.dpu(compiled["hash"])["dpu"] > 0 and client.dpu() is None
    assert client.is_valid(CSDL) is True and client.is_valid("no CSDL") is False
    assert client.usage()["start"] < client.usage("day")["end"]
    assert client.balance()["balance"]
    assert isinstance(datasift.client(date_strings=True).compile(CSDL)["created_at"], str)


# Results


def test_headers_are_found_in_any_case_and_credits_are_told(datasift: Talk) -> None:
    answer = datasift.client().compile(CSDL)
    assert answer.headers["X-Ratelimit-Cost"] == answer.headers["x-ratelimit-cost"] == "5"
    assert "X-RateLimit-Limit" in answer.headers and answer.headers.get("none") is None
    assert answer.ratelimits.keys() == {"limit", "remaining", "cost", "reset", "reset-ttl"}
    assert answer.ratelimits["cost"] == 5 and answer.ratelimits["reset"] > 1e9
    again: Any
    for again in (pickle.loads(pickle.dumps(answer)), copy.deepcopy(answer), copy.copy(answer)):
        assert (again, again.raw, again.headers, again.status_code) == (answer, answer.raw, answer.headers, 200)
    answer.raw["hash"] = "changed"
    assert answer.raw["hash"] != "changed", "what came is not what somebody made of it"


def test_a_list_knows_its_answer_too(canned: Canned) -> None:
    canned.says(200, [{"id": "a", "start": "1425571635", "end": 0}], X_Custom="1")
    answer = canned.client().pylon.get("a")
    assert isinstance(answer, list) and answer.headers["x-custom"] == "1"
    assert answer[0]["start"] == datetime(2015, 3, 5, 16, 7, 15, tzinfo=timezone.utc)
    assert answer.raw == [{"id": "a", "start": "1425571635", "end": 0}]


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo"])
def test_each_form_of_a_moment_is_one_in_utc_wherever_one_is(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if not hasattr(time, "tzset"):
        pytest.skip("no zones of one's own")
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        moment = datetime(2015, 3, 5, 16, 7, 15, tzinfo=timezone.utc)
        forms = [1425571635, "1425571635", "2015-03-05 16:07:15", "Thu, 05 Mar 2015 17:07:15 +0100", "2015-03-05T16:07:15Z"]
        for form in forms:
            assert OutputMapper().date(form) == moment and OutputMapper().date(form).tzinfo is timezone.utc
            assert OutputMapper(True).date(form) == "2015-03-05 16:07:15+00:00"
        assert OutputMapper().date(forms) == [moment] * 5
    finally:
        monkeypatch.undo()
        time.tzset()


def test_what_is_no_moment_and_no_price_stays_as_it_is() -> None:
    strange: Any
    for strange in ("", "tomorrow", "99999999999999999999", 10**30, -(10**30), True, None, 1.5, {"a": 1}, "²", "2015-99-99"):
        assert OutputMapper().date(strange) == strange
    data = {"dpu": None, "a": [{"dpu": "0.1", "start": "never", "deep": {"end": 0}}], "dpus": "1", "created_at": ["0", "x"]}
    OutputMapper().outputmap(data)
    epoch = datetime(1970, 1, 1, tzinfo=timezone.utc)
    assert data == {
        "dpu": None,
        "a": [{"dpu": 0.1, "start": "never", "deep": {"end": epoch}}],
        "dpus": "1",
        "created_at": [epoch, "x"],
    }


def test_what_says_nothing_is_not_sent_and_what_is_false_is(canned: Canned) -> None:
    canned.says(200, {})
    client = canned.client()
    client.push.get(page=0, stream="", include_finished=False)
    assert canned.asked[-1][:2] == ("GET", "/v1.6/push/get?include_finished=0")
    client.account.identity.update("a", master=False)
    assert (canned.asked[-1][:2], canned.sent("master")) == (("PUT", "/v1.6/account/identity/a"), False)
    client.account.identity.limit.create("a", "facebook", 0)
    assert (canned.asked[-1][1], canned.sent("total_allowance")) == ("/v1.6/account/identity/a/limit", 0)
    client.historics.prepare("h", 1, 2, "n", ("a", "b"))
    assert canned.sent("sources") == "a,b"
    client.historics_preview.create("h", 1, ["a,b,1", "c,d,2"], "x")
    assert (canned.sent("parameters"), canned.sent("sources")) == ("a,b,1;c,d,2", "x")
    client.historics_preview.create("h", 1, ["a", "b", "1"], "x")
    assert canned.sent("parameters") == "a,b,1"
    client.managed_sources.delete("s")
    assert canned.asked[-1][:2] == ("DELETE", "/v1.6/source/delete?id=s")
    client.account.identity.get("../../balance")
    assert canned.asked[-1][1] == "/v1.6/account/identity/..%2F..%2Fbalance"
    client.odp.batch("s", [{"a": 1}, {"b": 2}])
    assert (canned.asked[-1][1], canned.asked[-1][3]) == ("/s", b'{"a": 1}\r\n{"b": 2}')
    assert all(headers["authorization"] == "ada:a-key" for _, _, headers, _ in lower(canned.asked))


# Errors


def test_a_wrong_key_is_no_error_of_the_api(datasift: Talk) -> None:
    with pytest.raises(AuthException) as refused:
        Client(datasift.user, "wr0ng").balance()
    assert refused.value.args[0]["error"] == refused.value.message
    assert "wr0ng" not in f"{refused.value!r} {refused.value.__cause__!r}"


def test_a_call_that_cannot_be_paid_is_told_apart_from_one_that_is_not_allowed(datasift: Talk) -> None:
    client = datasift.client()
    try:
        client.compile(CSDL)
        datasift.do("credits", left=3)
        with pytest.raises(RateLimitException, match="rate limit") as refused:
            client.balance()
        assert refused.value.response.status_code == 403
        assert refused.value.response.ratelimits["cost"] == 25
        # Known now, so not even sent.
        with pytest.raises(RateLimitException, match="25 credits") as unsent:
            client.balance()
        assert unsent.value.response.ratelimits["reset-ttl"] > 0
        with pytest.raises(RateLimitException):
            datasift.client(async_=True).balance().process()
    finally:
        datasift.do("credits", left=10_000)
    with pytest.raises(DataSiftApiException, match="identity") as forbidden:
        datasift.client().pylon.task.list()
    assert forbidden.value.response.status_code == 403
    again = pickle.loads(pickle.dumps(forbidden.value))
    assert (again.message, again.response) == (forbidden.value.message, forbidden.value.response)


def test_answers_that_are_none_are_told_for_what_they_are(canned: Canned) -> None:
    client = canned.client()
    for body in (b"<html>", b"", b"null", b"7", b'"text"', b"[" * 100_000):
        canned.says(200, body)
        with pytest.raises(DataSiftApiFailure):
            client.usage()
    canned.says(404, b"<html>", Content_Type="text/html")
    with pytest.raises(DataSiftApiFailure):
        client.usage()
    canned.says(200, {"error": "though all is well"})
    with pytest.raises(DataSiftApiException, match="though"):
        client.usage()
    canned.says(200, {"error": None, "id": "a"})
    assert client.usage()["id"] == "a"
    canned.says(403, {"error": "no"}, X_RateLimit_Cost="25")
    with pytest.raises(DataSiftApiException):
        client.usage()
    canned.says(404, {"nothing": "here"})
    with pytest.raises(HTTPError) as refused:
        client.usage()
    assert refused.value.response.status_code == 404
    canned.says(400, {"error": "\x1b[2Jgone\nnext"})
    with pytest.raises(DataSiftApiException) as hostile:
        client.usage()
    assert str(hostile.value) == "\ufffd[2Jgone\nnext" and hostile.value.response["error"].startswith("\x1b")


def test_what_the_network_does_is_an_error_of_pythons_own() -> None:
    client = Client("ada", "a-key", ssl=False, api_host="127.0.0.1:1", async_=True)
    asked = client.balance()
    assert isinstance(asked.exception(), ConnectionError)
    with pytest.raises(errors.UnavailableError):
        asked.process()


def test_who_catches_errors_of_requests_catches_them(canned: Canned, monkeypatch: pytest.MonkeyPatch) -> None:
    # As it is in `requests`, which is not needed for this.
    theirs: Any = types.ModuleType("requests.exceptions")

    class RequestException(OSError):
        def __init__(self, *args: Any, **told: Any) -> None:
            self.response, self.request = told.pop("response", None), told.pop("request", None)
            super().__init__(*args)

    for name in ("HTTPError", "ConnectionError", "Timeout"):
        setattr(theirs, name, type(name, (RequestException,), {}))
    monkeypatch.setitem(sys.modules, "requests.exceptions", theirs)
    with pytest.raises(theirs.ConnectionError) as refused:
        Client("ada", "a-key", ssl=False, api_host="127.0.0.1:1").balance()
    error: Any = refused.value
    assert isinstance(error, errors.UnavailableError) and error.attempts > 0 and error.response is None
    assert type(pickle.loads(pickle.dumps(error))) is errors.UnavailableError
    canned.says(404, {})
    with pytest.raises(theirs.HTTPError) as missing:
        canned.client().usage()
    assert isinstance(missing.value, HTTPError) and missing.value.response.status_code == 404


# Futures


def test_a_future_has_the_answer_as_it_came_and_the_result(datasift: Talk) -> None:
    client = datasift.client(async_=True)
    asked = client.compile(CSDL)
    answer = asked.result(timeout=10)
    assert (answer.status_code, answer.ok, answer.json()["hash"]) == (200, True, asked.process()["hash"])
    assert isinstance(answer.json()["created_at"], str) and answer.text == answer.content.decode()
    refused = client.compile("no CSDL")
    assert refused.exception() is None and refused.result().status_code == 400
    with pytest.raises(HTTPError):
        refused.result().raise_for_status()
    with pytest.raises(DataSiftApiException):
        refused.process()
    assert [client.is_valid(it).process() for it in (CSDL, "no CSDL")] == [True, False]
    subscription = client.push.create_from_hash(datasift.stream, "a", "pull", {"format": "json_array"}).process()["id"]
    assert client.pull(subscription).process() is not None
    client.push.delete(subscription).process()


def test_no_more_are_on_their_way_than_workers_are_allowed(canned: Canned) -> None:
    canned.says(200, {})
    canned.delay = 0.1
    client = canned.client(async_=True, max_workers=3)
    done, waiting = wait([client.usage() for _ in range(12)], timeout=30)
    assert not waiting and all(it.process() == {} for it in done)
    assert canned.most_at_once == 3, "and no fewer"
    canned.most_at_once, canned.delay = 0, 0.5
    many = canned.client(async_=True, max_workers=50)
    wait([many.usage() for _ in range(100)], timeout=30)
    assert 32 < canned.most_at_once <= 50


def test_a_future_that_is_cancelled_is_not_waited_for(canned: Canned) -> None:
    canned.says(200, {})
    canned.delay = 5
    asked = canned.client(async_=True).usage()
    assert asked.cancel() and asked.cancelled()


def test_a_script_that_ends_has_its_calls_made(canned: Canned) -> None:
    canned.says(200, {})
    canned.delay = 0.3
    script = f"""
        from whimbrel.compat.datasift import Client
        client = Client("ada", "a-key", ssl=False, api_host={canned.host!r}, **{{"async": True}}, max_workers=2)
        for n in range(6):
            client.push.pause(str(n))
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=True, timeout=30)
    assert sorted(json.loads(body)["id"] for _, _, _, body in canned.asked) == [str(n) for n in range(6)]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nobody forks here")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_child_waits_for_none_of_its_parents_calls(canned: Canned) -> None:
    canned.says(200, {})
    canned.delay = 0.5
    script = f"""
        import os, sys
        from whimbrel.compat.datasift import Client
        client = Client("ada", "a-key", ssl=False, api_host={canned.host!r}, async_=True)
        asked = client.usage()
        child = os.fork()
        if child == 0:
            client.balance().process()
            sys.exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        asked.process()
    """
    subprocess.run([sys.executable, "-W", "ignore", "-c", textwrap.dedent(script)], check=True, timeout=30)
    assert sorted(path for _, path, _, _ in canned.asked) == ["/v1.6/balance", "/v1.6/usage?period=hour"]


# Clients


def test_nothing_of_one_client_is_anothers(datasift: Talk, canned: Canned) -> None:
    canned.says(200, {})
    other = canned.client(api_version="v1")
    assert datasift.client().balance()["balance"] and other.balance() == {}
    assert [path for _, path, _, _ in canned.asked] == ["/v1/balance"]
    one, two = datasift.client(), datasift.client()
    one.on_delete(lambda _: None)
    assert two._functions.on_delete is None and one.subscriptions is not two.subscriptions


def test_the_environment_says_where_datasift_is_unless_the_script_does(
    canned: Canned, monkeypatch: pytest.MonkeyPatch
) -> None:
    canned.says(200, {})
    monkeypatch.setenv("DATASIFT_URL", f"http://{canned.host}/v1.6/")
    Client("ada", "a-key").balance()
    Client("ada", "a-key", api_version="v1").balance()
    Client("ada", "a-key", api_version="v1").odp.batch("s", [{}])
    assert [path for _, path, _, _ in canned.asked] == ["/v1.6/balance", "/v1/balance", "/s"]
    assert Client("ada", "a-key", api_host="api.datasift.com/")._client.url == "https://api.datasift.com/v1.6"
    monkeypatch.delenv("DATASIFT_URL")
    assert Client("ada", "a-key")._client.url == "https://api.datasift.com/v1.6"


def test_patience_is_in_seconds_for_the_connection_and_for_the_answer(canned: Canned) -> None:
    canned.says(200, {})
    canned.delay = 3
    begun = time.monotonic()
    with pytest.raises(TimeoutError):
        canned.client(timeout=(5, 0.5)).push.create_from_hash("h", "n", "pull", {})
    assert time.monotonic() - begun < 2.5
    assert len(canned.asked) == 1, "what makes something is not sent twice"


# Live streams


@pytest.fixture
def failures() -> Iterator[list[str]]:
    """What is logged of failures."""
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    log = logging.getLogger("whimbrel.compat.datasift")
    log.addHandler(handler)
    yield lines
    log.removeHandler(handler)


def test_a_stream_has_to_be_started_to_have_a_function_for_deletes_and_to_be_connected(
    datasift: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = datasift.client()
    with pytest.raises(StreamSubscriberNotStarted):
        client.subscribe(datasift.stream)
    monkeypatch.setenv("DATASIFT_URL", "http://127.0.0.1:1")
    nowhere = Client("ada", "a-key")
    with nowhere.start_stream_subscriber() as live:
        assert nowhere.start_stream_subscriber() is live
        with pytest.raises(DeleteRequired):
            nowhere.subscribe(datasift.stream)(print)
        nowhere.on_delete(lambda _: None)
        with pytest.raises(StreamNotConnected):
            nowhere.subscribe(datasift.stream)(print)
        assert nowhere.subscriptions == {} and not nowhere.opened
    monkeypatch.setenv("DATASIFT_URL", datasift.url)
    opened = threading.Event()
    client.on_delete(lambda _: None)
    client.on_open(opened.set)
    with client.start_stream_subscriber():
        assert opened.wait(10)
        assert client.subscribe(datasift.stream)(print) is print
        now: list[int] = []
        client.on_open(lambda: now.append(1))
        assert now == [1], "there is a connection already"
        with pytest.raises(errors.InvalidError, match="hash"):
            client.subscribe("no hash")(print)
    with pytest.raises(StreamNotConnected):
        client.subscribe(datasift.stream)(print)


def test_streams_come_again_after_each_break_and_none_of_it_twice(datasift: Talk) -> None:
    client = datasift.client()
    streams = [client.compile(f'interaction.content contains "word {n}"')["hash"] for n in range(3)]
    came: dict[str, list[str]] = {it: [] for it in streams}
    opened, closed = [], []
    client.on_delete(lambda _: None)

    def take(stream: str) -> Callable[[Any], None]:
        return lambda interaction: came[stream].append(interaction["interaction"]["id"])

    @client.on_open
    def on_open() -> None:
        opened.append(1)
        if len(opened) == 1:
            for stream in streams:
                client.subscribe(stream)(take(stream))

    @client.on_closed
    def on_closed(was_clean: bool, code: int, reason: str) -> None:
        closed.append((was_clean, code))

    with client.start_stream_subscriber():
        for breaks in range(4):
            before = {it: len(came[it]) for it in streams}
            until(lambda: len(opened) == breaks + 1 and all(len(came[it]) > before[it] for it in streams))
            datasift.do("cut")
        until(lambda: len(opened) == 5)
    assert closed == [(False, 1006)] * 4 + [(True, 1000)]
    assert all(len(ids) == len(set(ids)) for ids in came.values())


def test_what_a_function_raises_is_logged_and_raised_and_the_stream_goes_on(
    datasift: Talk, failures: list[str]
) -> None:
    client = datasift.client()
    found: list[Any] = []
    client.on_delete(lambda _: None)

    @client.on_open
    def on_open() -> None:
        @client.subscribe(datasift.stream)
        def on_interaction(interaction: Any) -> None:
            found.append(interaction)
            if len(found) in (1, 2):
                raise ValueError(f"number {len(found)}")

    live = client.start_stream_subscriber()
    with pytest.raises(ValueError, match="number 1"):
        live.join(10)
    until(lambda: len(found) > 3)
    assert len(failures) == 2 and "on_interaction failed" in failures[0]
    begun = time.monotonic()
    with pytest.raises(ValueError, match="number 2"):
        live.close()
    assert time.monotonic() - begun < 5
    live.close()
    live.join()


def test_a_wrong_key_ends_the_stream_and_is_raised(datasift: Talk, failures: list[str]) -> None:
    live = Client(datasift.user, "wr0ng").start_stream_subscriber()
    with pytest.raises(AuthException):
        live.join(20)
    live.close()
    assert len(failures) == 1 and "wr0ng" not in failures[0]


def test_a_function_can_end_the_stream(datasift: Talk, failures: list[str]) -> None:
    client = datasift.client()
    client.on_open(sys.exit)
    with pytest.raises(SystemExit):
        client.start_stream_subscriber().join(10)
    other = datasift.client()
    other.on_open(lambda: other.start_stream_subscriber().close())
    live = other.start_stream_subscriber()
    live.join(10)
    live.close()
    assert not other.opened


def test_a_stream_is_begun_again_after_its_end_and_in_a_forked_child(datasift: Talk) -> None:
    script = """
        import os, sys, threading
        from whimbrel.compat.datasift import Client
        client = Client(os.environ["DATASIFT_USER"], os.environ["DATASIFT_API_KEY"])
        client.on_delete(lambda _: None)

        def listened():
            opened = threading.Event()
            client.on_open(opened.set)
            stream = client.start_stream_subscriber()
            assert opened.wait(10)
            return stream

        listened().close()
        stream = listened()
        child = os.fork()
        if child == 0:
            assert not client.opened
            try:
                stream.join()
            except RuntimeError:
                stream.close()
                listened().close()
                os._exit(7)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
        assert client.opened
        stream.close()
    """
    subprocess.run([sys.executable, "-W", "ignore", "-c", textwrap.dedent(script)], check=True, timeout=30)


class Played:
    """The native part of a client, whose live connection gives these events."""

    def __init__(self, events: list[dict[str, Any]]) -> None:
        self._batches = [events]

    def live(self, *_: Any) -> Played:
        return self

    def next(self) -> Played:
        return self

    def close(self) -> Played:
        return self

    def wait(self, _: Any) -> Any:
        return self._batches.pop() if self._batches else None

    def subscribe(self, hash: str) -> None: ...


def test_what_python_cannot_read_is_a_failure_and_no_end(datasift: Talk, failures: list[str], monkeypatch: Any) -> None:
    texts = ['{"n": ' + "1" * 5000 + "}", '{"n": 1}']
    events = [{"event": "interaction", "hash": "a", "repeated": False, "data": it} for it in texts]
    client, found = datasift.client(), []
    monkeypatch.setattr(client._client, "_native", Played([{"event": "connected"}, *events]))
    client.on_delete(lambda _: None)
    client.on_open(lambda: client.subscribe("a")(found.append))
    # The function is called before anybody else goes on.
    monkeypatch.setattr(threading.Thread, "start", threading.Thread.run)
    with pytest.raises(ValueError, match="digits"):
        client.start_stream_subscriber().join(5)
    assert found == [{"n": 1}] and len(failures) == 1


SCRIPT = """
    import os
    from whimbrel.compat.datasift import Client
    client = Client(os.environ["DATASIFT_USER"], os.environ["DATASIFT_API_KEY"])
    stream = client.compile('interaction.content contains "tribology"')["hash"]

    @client.on_delete
    def on_delete(interaction):
        pass

    @client.on_open
    def on_open():
        @client.subscribe(stream)
        def on_interaction(msg):
            print(msg["interaction"]["id"], flush=True)

    client.start_stream_subscriber()
"""


@pytest.mark.skipif(os.name == "nt", reason="other signals")
def test_a_script_goes_on_with_its_streams_until_it_is_interrupted(datasift: Talk) -> None:
    started = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(SCRIPT)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert started.stdout is not None
    try:
        assert all(started.stdout.readline() for _ in range(3))
        begun = time.monotonic()
        started.send_signal(signal.SIGINT)
        _, said = started.communicate(timeout=10)
        assert time.monotonic() - begun < 3
        assert "failed on a live stream" not in said and "panic" not in said, said
    finally:
        started.kill()
        started.wait()


def until(it: Callable[[], bool]) -> None:
    """Waits until it is so; 20 seconds at most."""
    end = time.monotonic() + 20
    while not it():
        assert time.monotonic() < end, "in vain"
        time.sleep(0.02)


def lower(asked: list[tuple[str, str, dict[str, str], bytes]]) -> list[tuple[str, str, dict[str, str], bytes]]:
    return [(verb, path, {name.lower(): it for name, it in headers.items()}, body) for verb, path, headers, body in asked]

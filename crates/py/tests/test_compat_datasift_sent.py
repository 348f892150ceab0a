"""What is sent is what datasift 2.12.1 sent: each call was made with the original against a server of one's own, and what came
was written down. `pylon.task.list` alone is sent elsewhere: the old path went out of use with version 1.5 of the API."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from whimbrel.compat.datasift import Client

#: A method and its arguments; the verb, the path, the query and the body that came of it.
SENT: list[tuple[str, tuple[Any, ...], str, str, dict[str, str], Any]] = [
    ('validate', ('x',), 'POST', '/v1.6/validate', {}, {'csdl': 'x'}),
    ('compile', ('x',), 'POST', '/v1.6/compile', {}, {'csdl': 'x'}),
    ('is_valid', ('x',), 'POST', '/v1.6/validate', {}, {'csdl': 'x'}),
    ('usage', ('day',), 'GET', '/v1.6/usage', {'period': 'day'}, None),
    ('dpu', ('h',), 'GET', '/v1.6/dpu', {'hash': 'h'}, None),
    ('balance', (), 'GET', '/v1.6/balance', {}, None),
    ('pull', ('i', 5, 'c'), 'GET', '/v1.6/pull', {'cursor': 'c', 'id': 'i', 'size': '5'}, None),
    ('historics.prepare', ('h', 1, 2, 'n', ['a', 'b'], 5), 'POST', '/v1.6/historics/prepare', {}, {'end': 2, 'hash': 'h', 'name': 'n', 'sample': 5, 'sources': 'a,b', 'start': 1}),
    ('historics.start', ('i',), 'POST', '/v1.6/historics/start', {}, {'id': 'i'}),
    ('historics.update', ('i', 'n'), 'POST', '/v1.6/historics/update', {}, {'id': 'i', 'name': 'n'}),
    ('historics.stop', ('i', 'r'), 'POST', '/v1.6/historics/stop', {}, {'id': 'i', 'reason': 'r'}),
    ('historics.stop', ('i',), 'POST', '/v1.6/historics/stop', {}, {'id': 'i', 'reason': ''}),
    ('historics.pause', ('i',), 'POST', '/v1.6/historics/pause', {}, {'id': 'i'}),
    ('historics.pause', ('i', 'r'), 'POST', '/v1.6/historics/pause', {}, {'id': 'i', 'reason': 'r'}),
    ('historics.resume', ('i',), 'POST', '/v1.6/historics/resume', {}, {'id': 'i'}),
    ('historics.delete', ('i',), 'POST', '/v1.6/historics/delete', {}, {'id': 'i'}),
    ('historics.status', (1, 2, ['a', 'b']), 'GET', '/v1.6/historics/status', {'end': '2', 'sources': 'a,b', 'start': '1'}, None),
    ('historics.status', (1, 2), 'GET', '/v1.6/historics/status', {'end': '2', 'start': '1'}, None),
    ('historics.get', ('i',), 'GET', '/v1.6/historics/get', {'id': 'i', 'with_estimate': '0'}, None),
    ('historics.get', (None, 5, 2, True), 'GET', '/v1.6/historics/get', {'max': '5', 'page': '2', 'with_estimate': '1'}, None),
    ('historics.get_for', ('i', True), 'GET', '/v1.6/historics/get', {'id': 'i', 'with_estimate': '1'}, None),
    ('historics_preview.create', ('h', 1, ['a', 'b', '1'], ['x', 'y'], 2), 'POST', '/v1.6/preview/create', {}, {'end': 2, 'hash': 'h', 'parameters': 'a,b,1', 'sources': 'x,y', 'start': 1}),
    ('historics_preview.get', ('i',), 'GET', '/v1.6/preview/get', {'id': 'i'}, None),
    ('push.validate', ('pull', {'a': 1}), 'POST', '/v1.6/push/validate', {}, {'output_params': {'a': 1}, 'output_type': 'pull'}),
    ('push.create_from_hash', ('h', 'n', 't', {'a': 1}, 'active', 1, 2), 'POST', '/v1.6/push/create', {}, {'end': 2, 'hash': 'h', 'initial_status': 'active', 'name': 'n', 'output_params': {'a': 1}, 'output_type': 't', 'start': 1}),
    ('push.create_from_historics', ('h', 'n', 't', {'a': 1}), 'POST', '/v1.6/push/create', {}, {'historics_id': 'h', 'name': 'n', 'output_params': {'a': 1}, 'output_type': 't'}),
    ('push.create', ('h', 'n', 't', {}), 'POST', '/v1.6/push/create', {}, {'historics_id': 'h', 'name': 'n', 'output_params': {}, 'output_type': 't'}),
    ('push.pause', ('i',), 'POST', '/v1.6/push/pause', {}, {'id': 'i'}),
    ('push.resume', ('i',), 'POST', '/v1.6/push/resume', {}, {'id': 'i'}),
    ('push.stop', ('i',), 'POST', '/v1.6/push/stop', {}, {'id': 'i'}),
    ('push.delete', ('i',), 'POST', '/v1.6/push/delete', {}, {'id': 'i'}),
    ('push.update', ('i', {'a': 1}, 'n'), 'POST', '/v1.6/push/update', {}, {'id': 'i', 'name': 'n', 'output_params': {'a': 1}}),
    ('push.log', ('i', 1, 2, 'a', 'b'), 'GET', '/v1.6/push/log', {'id': 'i', 'order_by': 'a', 'order_dir': 'b', 'page': '1', 'per_page': '2'}, None),
    ('push.log', (), 'GET', '/v1.6/push/log', {}, None),
    ('push.get', ('i', 'h', 'x', 1, 2, 'a', 'b', True), 'GET', '/v1.6/push/get', {'hash': 'h', 'historics_id': 'x', 'id': 'i', 'include_finished': '1', 'order_by': 'a', 'order_dir': 'b', 'page': '1', 'per_page': '2'}, None),
    ('push.get', (), 'GET', '/v1.6/push/get', {}, None),
    ('managed_sources.create', ('t', 'n', [{'a': 1}], [{'b': 1}], {'p': 1}, False), 'POST', '/v1.6/source/create', {}, {'auth': [{'b': 1}], 'name': 'n', 'parameters': {'p': 1}, 'resources': [{'a': 1}], 'source_type': 't', 'validate': False}),
    ('managed_sources.create', ('t', 'n', [{'a': 1}]), 'POST', '/v1.6/source/create', {}, {'name': 'n', 'resources': [{'a': 1}], 'source_type': 't', 'validate': True}),
    ('managed_sources.update', ('i', 't', 'n', [{'a': 1}], [{'b': 1}], {'p': 1}), 'POST', '/v1.6/source/update', {}, {'auth': [{'b': 1}], 'id': 'i', 'name': 'n', 'parameters': {'p': 1}, 'resources': [{'a': 1}], 'source_type': 't', 'validate': True}),
    ('managed_sources.start', ('i',), 'POST', '/v1.6/source/start', {}, {'id': 'i'}),
    ('managed_sources.stop', ('i',), 'POST', '/v1.6/source/stop', {}, {'id': 'i'}),
    ('managed_sources.delete', ('i',), 'DELETE', '/v1.6/source/delete', {'id': 'i'}, None),
    ('managed_sources.log', ('i', 1, 2), 'GET', '/v1.6/source/log', {'id': 'i', 'page': '1', 'per_page': '2'}, None),
    ('managed_sources.get', ('i', 't', 1, 2), 'GET', '/v1.6/source/get', {'id': 'i', 'page': '1', 'per_page': '2', 'source_type': 't'}, None),
    ('managed_sources.get', (), 'GET', '/v1.6/source/get', {}, None),
    ('managed_sources.resource.add', ('i', [{'a': 1}]), 'POST', '/v1.6/source/resource/add', {}, {'id': 'i', 'resources': [{'a': 1}], 'validate': True}),
    ('managed_sources.resource.remove', ('i', ['a']), 'POST', '/v1.6/source/resource/remove', {}, {'id': 'i', 'resource_ids': ['a']}),
    ('managed_sources.auth.add', ('i', [{'a': 1}], False), 'POST', '/v1.6/source/auth/add', {}, {'auth': [{'a': 1}], 'id': 'i', 'validate': False}),
    ('managed_sources.auth.remove', ('i', ['a']), 'POST', '/v1.6/source/auth/remove', {}, {'auth_ids': ['a'], 'id': 'i'}),
    ('account.usage', ('daily', 1, 2), 'GET', '/v1.6/account/usage', {'end': '2', 'period': 'daily', 'start': '1'}, None),
    ('account.usage', (), 'GET', '/v1.6/account/usage', {}, None),
    ('account.identity.list', ('l', 5, 2), 'GET', '/v1.6/account/identity', {'label': 'l', 'page': '2', 'per_page': '5'}, None),
    ('account.identity.list', (), 'GET', '/v1.6/account/identity', {'page': '1', 'per_page': '20'}, None),
    ('account.identity.get', ('i',), 'GET', '/v1.6/account/identity/i', {}, None),
    ('account.identity.create', ('l', 'active', True), 'POST', '/v1.6/account/identity', {}, {'label': 'l', 'master': True, 'status': 'active'}),
    ('account.identity.update', ('i', 'l', 'x', True), 'PUT', '/v1.6/account/identity/i', {}, {'label': 'l', 'master': True, 'status': 'x'}),
    ('account.identity.delete', ('i',), 'DELETE', '/v1.6/account/identity/i', {}, None),
    ('account.identity.token.list', ('i',), 'GET', '/v1.6/account/identity/i/token', {'page': '1', 'per_page': '20'}, None),
    ('account.identity.token.get', ('i', 's'), 'GET', '/v1.6/account/identity/i/token/s', {}, None),
    ('account.identity.token.create', ('i', 's', 't'), 'POST', '/v1.6/account/identity/i/token', {}, {'service': 's', 'token': 't'}),
    ('account.identity.token.update', ('i', 's', 't'), 'PUT', '/v1.6/account/identity/i/token/s', {}, {'token': 't'}),
    ('account.identity.token.delete', ('i', 's'), 'DELETE', '/v1.6/account/identity/i/token/s', {}, None),
    ('account.identity.limit.list', ('s',), 'GET', '/v1.6/account/identity/limit/s', {'page': '1', 'per_page': '20'}, None),
    ('account.identity.limit.get', ('i', 's'), 'GET', '/v1.6/account/identity/i/limit/s', {}, None),
    ('account.identity.limit.create', ('i', 's', 1, 2), 'POST', '/v1.6/account/identity/i/limit', {}, {'analyze_queries': 2, 'service': 's', 'total_allowance': 1}),
    ('account.identity.limit.update', ('i', 's', 0), 'PUT', '/v1.6/account/identity/i/limit/s', {}, {'service': 's', 'total_allowance': 0}),
    ('account.identity.limit.delete', ('i', 's'), 'DELETE', '/v1.6/account/identity/i/limit/s', {}, None),
    ('pylon.validate', ('x',), 'POST', '/v1.6/pylon/validate', {}, {'csdl': 'x'}),
    ('pylon.compile', ('x',), 'POST', '/v1.6/pylon/compile', {}, {'csdl': 'x'}),
    ('pylon.start', ('h', 'n'), 'POST', '/v1.6/pylon/facebook/start', {}, {'hash': 'h', 'name': 'n'}),
    ('pylon.start', ('h',), 'POST', '/v1.6/pylon/facebook/start', {}, {'hash': 'h'}),
    ('pylon.stop', ('i',), 'POST', '/v1.6/pylon/facebook/stop', {}, {'id': 'i'}),
    ('pylon.analyze', ('i', {'a': 1}, 'f', 1, 2), 'POST', '/v1.6/pylon/facebook/analyze', {}, {'end': 2, 'filter': 'f', 'id': 'i', 'parameters': {'a': 1}, 'start': 1}),
    ('pylon.get', ('i',), 'GET', '/v1.6/pylon/facebook/get', {'id': 'i'}, None),
    ('pylon.list', (1, 2), 'GET', '/v1.6/pylon/facebook/get', {'order_by': 'created_at', 'order_dir': 'DESC', 'page': '1', 'per_page': '2'}, None),
    ('pylon.list', (), 'GET', '/v1.6/pylon/facebook/get', {'order_by': 'created_at', 'order_dir': 'DESC'}, None),
    ('pylon.tags', ('i',), 'GET', '/v1.6/pylon/facebook/tags', {'id': 'i'}, None),
    ('pylon.sample', ('i', 5, 1, 2, 'f'), 'GET', '/v1.6/pylon/facebook/sample', {'count': '5', 'end': '2', 'filter': 'f', 'id': 'i', 'start': '1'}, None),
    ('pylon.task.create', ('i', 'n', {'a': 1}), 'POST', '/v1.6/pylon/facebook/task', {}, {'name': 'n', 'parameters': {'a': 1}, 'subscription_id': 'i', 'type': 'analysis'}),
    ('pylon.task.get', ('i',), 'GET', '/v1.6/pylon/facebook/task/analysis/i', {}, None),
    ('pylon.task.list', (5, 1, 's'), 'GET', '/v1.6/pylon/facebook/task/analysis', {'page': '1', 'per_page': '5', 'status': 's'}, None),
    ('pylon.task.list', (), 'GET', '/v1.6/pylon/facebook/task/analysis', {}, None),
    ('odp.batch', ('s', [{'a': 1}, {'b': 'ü'}]), 'POST', '/s', {}, '{"a": 1}\r\n{"b": "\\u00fc"}'),
]


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, list[Any]]]:
    """Where it is, and what it was asked."""
    asked: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            asked.append((self.command, urlsplit(self.path), self.headers["authorization"], body))
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")

        do_GET = do_POST = do_PUT = do_DELETE = _answer

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as serving:
        serving.daemon_threads = True
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{serving.server_address[1]}", asked
        serving.shutdown()


@pytest.mark.parametrize(("name", "arguments", "verb", "path", "query", "body"), SENT)
def test_a_call_sends_what_it_sent(
    server: tuple[str, list[Any]],
    name: str,
    arguments: tuple[Any, ...],
    verb: str,
    path: str,
    query: dict[str, str],
    body: Any,
) -> None:
    host, asked = server
    asked.clear()
    call: Any = Client("ada", "a-key", ssl=False, api_host=host)
    for part in name.split("."):
        call = getattr(call, part)
    call(*arguments)
    ((sent_verb, sent_path, authorization, sent_body),) = asked
    assert (sent_verb, sent_path.path, authorization) == (verb, path, "ada:a-key")
    assert dict(parse_qsl(sent_path.query)) == query
    sent = json.loads(sent_body) if sent_body and not isinstance(body, str) else sent_body.decode() or None
    assert sent == body

"""Names, arguments and defaults are those of datasift 2.12.1."""

from __future__ import annotations

import importlib
import inspect
from typing import Any

import pytest
from whimbrel.compat import datasift
from whimbrel.compat.datasift import exceptions

#: As they were read of the old package.
SIGNATURES = """
validate(csdl)
is_valid(csdl)
compile(csdl)
usage(period='hour')
dpu(hash=None, historics_id=None)
balance()
pull(subscription_id, size=None, cursor=None)
subscribe(stream)
on_open(func)
on_closed(func)
on_delete(func)
on_ds_message(func)
start_stream_subscriber()
historics.prepare(hash, start, end, name, sources, sample=None)
historics.start(historics_id)
historics.update(historics_id, name)
historics.stop(historics_id, reason='')
historics.pause(historics_id, reason='')
historics.resume(historics_id)
historics.delete(historics_id)
historics.status(start, end, sources=None)
historics.get(historics_id=None, maximum=None, page=None, with_estimate=None)
historics.get_for(historics_id, with_estimate=None)
historics_preview.create(stream, start, parameters, sources, end=None)
historics_preview.get(preview_id)
push.validate(output_type, output_params)
push.create_from_hash(stream, name, output_type, output_params, initial_status=None, start=None, end=None)
push.create_from_historics(historics_id, name, output_type, output_params, initial_status=None, start=None, end=None)
push.create(historics_id, name, output_type, output_params, initial_status=None, start=None, end=None)
push.pause(subscription_id)
push.resume(subscription_id)
push.stop(subscription_id)
push.delete(subscription_id)
push.update(subscription_id, output_params, name=None)
push.log(subscription_id=None, page=None, per_page=None, order_by=None, order_dir=None)
push.get(subscription_id=None, stream=None, historics_id=None, page=None, per_page=None, order_by=None, order_dir=None, include_finished=None)
managed_sources.create(source_type, name, resources, auth=None, parameters=None, validate=True)
managed_sources.update(source_id, source_type, name, resources, auth, parameters=None, validate=True)
managed_sources.start(source_id)
managed_sources.stop(source_id)
managed_sources.delete(source_id)
managed_sources.log(source_id, page=None, per_page=None)
managed_sources.get(source_id=None, source_type=None, page=None, per_page=None)
managed_sources.resource.add(source_id, resources, validate=True)
managed_sources.resource.remove(source_id, resource_ids)
managed_sources.auth.add(source_id, auth, validate=True)
managed_sources.auth.remove(source_id, auth_ids)
account.usage(period=None, start=None, end=None)
account.identity.list(label=None, per_page=20, page=1)
account.identity.get(id)
account.identity.create(label, status=None, master=None)
account.identity.update(id, label=None, status=None, master=None)
account.identity.delete(id)
account.identity.token.list(identity_id, per_page=20, page=1)
account.identity.token.get(identity_id, service)
account.identity.token.create(identity_id, service, token)
account.identity.token.update(identity_id, service, token=None)
account.identity.token.delete(identity_id, service)
account.identity.limit.get(identity_id, service)
account.identity.limit.list(service, per_page=20, page=1)
account.identity.limit.create(identity_id, service, total_allowance=None, analyze_queries=None)
account.identity.limit.update(identity_id, service, total_allowance=None, analyze_queries=None)
account.identity.limit.delete(identity_id, service)
pylon.validate(csdl, service='facebook')
pylon.compile(csdl, service='facebook')
pylon.start(hash, name=None, service='facebook')
pylon.stop(id, service='facebook')
pylon.analyze(id, parameters, filter=None, start=None, end=None, service='facebook')
pylon.get(id, service='facebook')
pylon.list(page=None, per_page=None, order_by='created_at', order_dir='DESC', service='facebook')
pylon.tags(id, service='facebook')
pylon.sample(id, count=None, start=None, end=None, filter=None, service='facebook')
pylon.task.create(subscription_id, name, parameters, type='analysis', service='facebook')
pylon.task.get(id, service='facebook', type='analysis')
pylon.task.list(per_page=None, page=None, status=None, service='facebook')
odp.batch(source_id, data)
""".strip().splitlines()

#: Each class and the one that it is below.
EXCEPTIONS = {
    "DataSiftException": Exception,
    "AuthException": exceptions.DataSiftException,
    "HistoricSourcesRequired": exceptions.DataSiftException,
    "NotFoundException": exceptions.DataSiftException,
    "BadRequest": exceptions.DataSiftException,
    "Unauthorized": exceptions.DataSiftException,
    "StreamNotConnected": exceptions.DataSiftException,
    "DeleteRequired": exceptions.DataSiftException,
    "StreamSubscriberNotStarted": exceptions.DataSiftException,
    "DataSiftApiFailure": exceptions.DataSiftException,
    "DataSiftApiException": exceptions.DataSiftException,
    "RateLimitException": exceptions.DataSiftException,
}

#: Names that scripts import.
MODULES = {
    "client": "Client",
    "request": "DictResponse ListResponse DataSiftResponse",
    "output_mapper": "OutputMapper",
    "live_stream": "LiveStream",
    "push": "Push",
    "historics": "Historics",
    "historics_preview": "HistoricsPreview",
    "managed_sources": "ManagedSources Resource Auth",
    "pylon": "Pylon",
    "pylon_task": "PylonTask",
    "account": "Account",
    "identity": "Identity",
    "token": "Token",
    "limit": "Limit",
    "odp": "Odp",
}


@pytest.fixture(scope="module")
def client() -> datasift.Client:
    return datasift.Client("ada", "a-key")


@pytest.mark.parametrize("wanted", SIGNATURES)
def test_a_method_has_its_arguments(client: datasift.Client, wanted: str) -> None:
    path, _, arguments = wanted.partition("(")
    it: Any = client
    for name in path.split("."):
        it = getattr(it, name)
    plain = [one.replace(annotation=inspect.Parameter.empty) for one in inspect.signature(it).parameters.values()]
    assert ", ".join(map(str, plain)) == arguments.removesuffix(")")
    assert it.__doc__


def test_a_client_takes_its_arguments_by_place_and_by_name() -> None:
    names = "user apikey ssl proxies timeout verify api_host api_version async max_workers date_strings".split()
    values = ["ada", "a-key", False, {}, 3.5, False, "127.0.0.1:1", "v1", True, 3, True]
    by_place = datasift.Client(*values)
    by_name = datasift.Client(**dict(zip(names, values)))  # type: ignore[arg-type]
    for client in (by_place, by_name):
        assert client._client.url == "http://127.0.0.1:1/v1"
        assert [getattr(client.config, it) for it in names if it != "apikey"] == values[:1] + values[2:]
    assert datasift.Client("ada", "a-key", async_=True).config.__dict__["async"] is True
    with pytest.raises(TypeError, match="'asink'"):
        datasift.Client("ada", "a-key", asink=True)


def test_what_a_client_cannot_do_is_said_at_once() -> None:
    with pytest.raises(NotImplementedError, match="HTTPS_PROXY"):
        datasift.Client("ada", "a-key", proxies={"https": "http://127.0.0.1:1"})
    with pytest.raises(NotImplementedError, match="True or False"):
        datasift.Client("ada", "a-key", verify="bundle.pem")  # type: ignore[arg-type]
    for user, key in (("", "a-key"), ("ada", ""), ("ada", "a key")):
        with pytest.raises(exceptions.AuthException) as refused:
            datasift.Client(user, key)
        assert "a key" not in str(refused.value)


@pytest.mark.parametrize("name", EXCEPTIONS)
def test_an_exception_is_below_what_it_was_below(name: str) -> None:
    assert getattr(exceptions, name).__bases__[0] in (EXCEPTIONS[name], exceptions._Told)
    assert issubclass(getattr(exceptions, name), EXCEPTIONS[name])


def test_who_catches_one_exception_catches_no_other() -> None:
    three = [exceptions.AuthException, exceptions.RateLimitException, exceptions.DataSiftApiException]
    assert not any(issubclass(one, other) for one in three for other in three if one is not other)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_has_its_names(module: str) -> None:
    imported = importlib.import_module(f"whimbrel.compat.datasift.{module}")
    assert all(hasattr(imported, name) for name in MODULES[module].split())


def test_nobody_sees_a_key(client: datasift.Client) -> None:
    assert "a-key" not in repr(client) + repr(vars(client)) + repr(vars(client.config))
    with pytest.raises(AttributeError, match="not shown"):
        client.config.key

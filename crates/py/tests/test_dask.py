"""Clients on a cluster of processes."""

from __future__ import annotations

from typing import Any

import pytest
from services import Sandbox
from whimbrel import dserver, errors

distributed = pytest.importorskip("distributed")

pytestmark = [
    pytest.mark.limit(180),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


def _dataset(client: dserver.Client, uri: str) -> dserver.Dataset:
    return client.dataset(uri)


def _as_futures(client: dserver.Client, datasets: list[dserver.Dataset]) -> list[str]:
    return [it.result(30) for it in [client.submit.readme(dataset.uri) for dataset in datasets]]


async def _awaited(uri: str) -> Any:
    from whimbrel import aio

    return (await aio.dserver.Client().dataset(uri)).uri


def _fails(client: dserver.Client) -> None:
    client.dataset("s3://no/such")


def test_clients_are_shipped_to_workers_and_what_they_find_comes_back(sandbox: Sandbox) -> None:
    client = dserver.Client(cache="off")
    datasets = client.search().all()
    uris = [datasets[it % len(datasets)].uri for it in range(100)]
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=2, processes=True, dashboard_address=None, worker_dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as dask,
    ):
        found = dask.map(_dataset, [client] * 100, uris, pure=False)
        assert [it.uri for it in dask.gather(found)] == uris
        # What one task found is shipped to the next.
        readmes = dask.submit(_as_futures, client, found[:10])
        assert readmes.result() == [client.readme(it) for it in uris[:10]]
        assert dask.submit(_awaited, uris[0]).result() == uris[0]
        failed = dask.submit(_fails, client)
        with pytest.raises(errors.Error) as raised:
            failed.result()
        assert raised.value.status is not None
        assert len(set(dask.run(_process).values())) == 2


def _process() -> int:
    import os

    return os.getpid()

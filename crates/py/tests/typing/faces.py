"""What a type checker makes of each face. It is checked by `mypy --strict` and not run."""

from __future__ import annotations

from collections.abc import Awaitable
from concurrent.futures import Future

from typing_extensions import assert_type
from whimbrel import aio, cocaine, coscine, datasift, dserver, gather
from whimbrel._record import Listing, Records
from whimbrel.aio._listing import AsyncListing
from whimbrel.aio._stream import AsyncStream
from whimbrel.coscine import Project, Resource
from whimbrel.dserver import Dataset, Readme


def plain(client: dserver.Client) -> None:
    assert_type(client.readme("s3://bucket/uuid"), Readme)
    assert_type(client.search("steel"), Listing[Dataset])
    assert_type([it.name for it in client.search(tags=["steel"])], list[str])
    assert_type(client.lookup("uuid"), Records[Dataset])
    client.search(tags=3)  # type: ignore[arg-type]
    dserver.Client(no_such_setting=1)  # type: ignore[call-arg]
    dserver.Client(deadline=10, cache="off", verify_tls=True)


def as_futures(client: dserver.Client) -> None:
    future: Future[Readme] = client.submit.readme("s3://bucket/uuid")
    assert_type(future.result(), Readme)
    assert_type(client.submit.search("steel").result(), Records[Dataset])
    client.submit.no_such_call()  # type: ignore[attr-defined]


async def awaited(client: aio.dserver.Client, coscines: aio.coscine.Client) -> None:
    asked: Awaitable[Readme] = client.readme("s3://bucket/uuid")
    assert_type(await asked, Readme)
    assert_type(client.versions(), Awaitable[dict[str, str]])
    async for dataset in client.search("steel"):
        assert_type(await dataset.readme(), Readme)
    project = await coscines.project("Demo")
    assert_type(project, aio.coscine.Project)
    assert_type(await project.resource("Files"), aio.coscine.Resource)
    assert_type(project.resources(), AsyncListing[aio.coscine.Resource])


def handles(client: coscine.Client) -> None:
    project = client.project("Demo")
    assert_type(project, Project)
    assert_type(project.resource("Files"), Resource)
    assert_type(project.submit.resource("Files").result(), Resource)
    assert_type(project.display_name, str)


def gathered(client: dserver.Client) -> None:
    readmes: gather.KV[str, Readme] = gather.KV(limit=4)
    readmes.put("a", client.readme, "s3://bucket/uuid")
    assert_type(readmes["a"], Readme)


def services(client: cocaine.Cocaine) -> None:
    assert_type(client.storage().read("runs", "42"), bytes)
    stored: Future[bytes] = client.storage().submit.read("runs", "42")
    assert_type(stored.result(), bytes)
    assert_type(client.unicorn().subscribe("/path"), cocaine.Stream[cocaine.Versioned])
    opened: Future[cocaine.Channel] = client.app("demo").submit.enqueue("ping")
    opened.result().write(b"chunk")
    client.storage().read("runs")  # type: ignore[call-arg]
    cocaine.Service("node", runtime="0.13")  # type: ignore[arg-type]


async def awaited_services(client: aio.cocaine.Cocaine) -> None:
    assert_type(await client.storage().read("runs", "42"), bytes)
    assert_type(client.unicorn().subscribe("/path"), AsyncStream[cocaine.Versioned])
    async with await client.app("demo").enqueue("ping") as channel:
        await channel.write(b"chunk")
        async for chunk in channel:
            print(chunk)


def filters(client: datasift.Client, live: datasift.Live) -> None:
    assert_type(client.compile("interaction.content exists"), datasift.Compiled)
    assert_type(client.push.list(), Listing[datasift.Subscription])
    asked: Future[datasift.Compiled] = client.submit.compile("interaction.content exists")
    assert_type(asked.result().dpu, float | None)
    assert_type(client.pylon("facebook").tasks().submit.list().result(), Records[datasift.Task])
    assert_type([it.event for it in live], list[datasift.EventKind])
    ran: Future[None] = live.submit.run(on_interaction=lambda it: print(it.data))
    ran.result()
    client.live("hash")  # type: ignore[call-arg]
    client.live("hash", on_delete=lambda gone: print(gone.id), over="pigeon")  # type: ignore[arg-type]


async def awaited_filters(client: aio.datasift.Client) -> None:
    assert_type(await client.compile("interaction.content exists"), datasift.Compiled)
    assert_type(client.historics.list(), AsyncListing[datasift.Query])
    assert_type(client.pull_on("id"), AsyncStream[dict[str, object]])  # type: ignore[assert-type]
    async with client.live("hash", on_delete=print) as live:
        async for event in live:
            assert_type(event, datasift.Event)
        await live.run(on_tick=print)

"""Scripts for cocaine 0.11 and 0.12 go on working."""

from __future__ import annotations

import asyncio
import concurrent.futures
import gc
import logging
import pickle
import socket
import subprocess
import sys
import textwrap
import threading
import time
import traceback
from collections.abc import Iterator
from typing import Any

import pytest
from services import Sandbox
from whimbrel.compat.cocaine import exceptions, services
from whimbrel.compat.cocaine.asio.exceptions import ConnectionError as AsioConnectionError
from whimbrel.compat.cocaine.asio.exceptions import LocatorResolveError, TimeoutError
from whimbrel.compat.cocaine.detail.trace import Trace
from whimbrel.compat.cocaine.exceptions import ChokeEvent, DisconnectionError, InvalidApiVersion, ServiceError
from whimbrel.compat.cocaine.futures import chain, threaded
from whimbrel.compat.cocaine.logger import CocaineHandler, Logger
from whimbrel.compat.cocaine.services import EmptyResponse, Locator, SecureServiceFabric, Service

pytestmark = pytest.mark.usefixtures("sandbox")


@pytest.fixture(autouse=True)
def reported() -> Iterator[list[str]]:
    """What nobody looked at: each of what a test puts in here has to be reported, and nothing else."""
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    log = logging.getLogger("cocaine.errors")
    log.addHandler(handler)
    expected: list[str] = []
    yield expected
    gc.collect()
    log.removeHandler(handler)
    for text in expected:
        found = next((it for it in lines if text in it), None)
        assert found is not None, f"{text} was not reported: {lines}"
        lines.remove(found)
    assert lines == []


@pytest.fixture
def unanswered() -> Iterator[int]:
    """The port of a locator that never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


# What the documentation of 0.11 shows


def test_get_gives_the_apps_of_the_node() -> None:
    node = Service("node")
    apps = node.list().get()
    assert apps == [b"demo"]
    assert node.list().get(timeout=1.0) == [b"demo"]


def test_a_source_yields_a_call_while_tornados_loop_runs() -> None:
    ioloop = pytest.importorskip("tornado.ioloop")
    node, seen = Service("node"), []

    @chain.source
    def magic() -> Any:
        apps = yield node.list()
        seen.append(apps)
        ioloop.IOLoop.current().stop()

    magic()
    ioloop.IOLoop.current().start()
    assert seen == [[b"demo"]]


def test_several_sources_go_on_at_once_and_end_in_any_order() -> None:
    ioloop, gen = pytest.importorskip("tornado.ioloop"), pytest.importorskip("tornado.gen")
    done: list[float] = []

    @chain.source
    def download(seconds: float) -> Any:
        # In place of an HTTP client's `fetch`: a future of tornado's.
        yield gen.sleep(seconds)
        done.append(seconds)
        if len(done) == 4:
            ioloop.IOLoop.current().stop()

    for seconds in (0.2, 0.05, 0.15, 0.1):
        download(seconds)
    ioloop.IOLoop.current().start()
    assert done == [0.05, 0.1, 0.15, 0.2]


# Chains of 0.11


def test_a_chain_that_is_over_says_so_again_and_again() -> None:
    apps = Service("node").list()
    assert apps.get() == [b"demo"]
    for _ in range(3):
        with pytest.raises(ChokeEvent, match="ChokeEvent"):
            apps.get(timeout=1)


def test_a_method_that_gives_nothing_is_over_at_once() -> None:
    with pytest.raises(ChokeEvent):
        Service("storage").write("compat", "nothing", b"x", []).get()


def test_a_chain_is_gone_through() -> None:
    assert [list(it) for it in Service("node").list()] == [[b"demo"]]
    assert list(Service("node").perform_sync("list", timeout=1)) == [[b"demo"]]


def test_a_time_below_a_millisecond_is_refused() -> None:
    for timeout in (0, -1, 0.0005):
        with pytest.raises(ValueError, match="less then 1 ms"):
            Service("node").list().get(timeout=timeout)


def test_a_time_that_is_over_loses_nothing(sandbox: Sandbox) -> None:
    slow = Service("demo").enqueue("never")
    start = time.monotonic()
    with pytest.raises(TimeoutError, match=r"timeout \(0\.100s\)"):
        slow.get(timeout=0.1)
    slow.wait(timeout=0.1)
    assert 0.2 <= time.monotonic() - start < 2
    assert Service("node").list().get(timeout=1) == [b"demo"]


def test_waiting_takes_nothing_away() -> None:
    apps = Service("node").list()
    apps.wait(timeout=5)
    assert apps.hasPendingResult()
    assert apps.get() == [b"demo"]


def test_a_service_tells_its_error_with_its_numbers() -> None:
    with pytest.raises(ServiceError) as caught:
        Service("storage").read("compat", "no such key").get()
    error = caught.value
    assert (error.servicename, error.category, error.code) == ("storage", 12, 2)
    assert "No such file" in error.reason and error.msg == error.reason
    assert str(error) == f'error in service "storage" - {error.reason} [2]'
    assert type(pickle.loads(pickle.dumps(error))) is ServiceError


def test_a_method_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_method"):
        Service("node").no_such_method().get(timeout=5)


def test_a_service_that_is_not_there_is_an_error_of_both_generations() -> None:
    for kind in (LocatorResolveError, ServiceError):
        with pytest.raises(kind) as caught:
            Service("no such service").anything().get(timeout=5)
        assert (caught.value.servicename, caught.value.category, caught.value.code) == ("locator", 10, 1)


def test_a_locator_that_is_not_there_is_a_connection_error() -> None:
    for kind in (exceptions.ServiceConnectionError, AsioConnectionError, ConnectionError):
        with pytest.raises(kind, match="127.0.0.1:9"):
            Service("node", host="127.0.0.1", port=9).list().get(timeout=5)


def test_many_calls_to_a_locator_that_is_not_there_fail_together() -> None:
    service = Service("node", host="127.0.0.1", port=9)
    start = time.monotonic()
    for call in [service.list() for _ in range(20)]:
        with pytest.raises(ConnectionError):
            call.get(timeout=10)
    assert time.monotonic() - start < 3


def test_calls_are_sent_in_their_order() -> None:
    cache = Service("cache")
    for n in range(50):
        cache.put("order", str(n))
        assert cache.get("order").get(timeout=5) == [True, str(n).encode()]


def test_a_version_is_checked() -> None:
    with pytest.raises(InvalidApiVersion, match="expected `99`, got `1`"):
        Service("storage", version=99).find("compat", []).get()


def test_functions_have_what_came_one_after_another() -> None:
    seen: list[str] = []

    def count(result: chain.FutureResult) -> int:
        return len(result.get())

    def double(result: chain.FutureResult) -> int:
        try:
            return 2 * result.get()
        except ChokeEvent:
            seen.append("choke")
            raise

    chained = Service("node").list().then(count).then(double)
    assert chained.get(timeout=5) == 2
    with pytest.raises(ChokeEvent):
        chained.get(timeout=5)
    assert seen == ["choke"]


def test_what_a_function_raises_goes_to_the_next_one() -> None:
    def fail(result: chain.FutureResult) -> None:
        raise ValueError(f"so it is: {result.get()}")

    def mend(result: chain.FutureResult) -> str:
        try:
            return str(result.get())
        except ValueError as error:
            return f"mended {error}"

    assert Service("node").list().then(fail).then(mend).get(timeout=5) == "mended so it is: [b'demo']"
    with pytest.raises(ValueError, match="so it is"):
        Service("node").list().then(fail).get(timeout=5)


def test_all_gives_a_list_of_what_came() -> None:
    storage = Service("storage")
    calls = [Service("node").list(), storage.write("compat", "all", b"x", []), storage.read("compat", "all")]
    assert chain.All(calls).get(timeout=5) == [[b"demo"], None, b"x"]


# Sources


def test_a_source_can_yield_anything() -> None:
    pool = concurrent.futures.ThreadPoolExecutor(1)

    async def coroutine() -> str:
        await asyncio.sleep(0.01)
        return "coroutine"

    def inner() -> Any:
        value = yield "inner"
        return value

    @threaded
    def in_thread() -> str:
        return "threaded"

    deferred = chain.Deferred()
    threading.Timer(0.05, deferred.ready, ["deferred"]).start()

    @chain.source
    def every() -> Any:
        seen = []
        seen.append((yield 42))
        seen.append((yield None))
        seen.append((yield coroutine()))
        seen.append((yield inner()))
        seen.append((yield in_thread()))
        seen.append((yield chain.concurrent(lambda n: n + 1)(1)))
        seen.append((yield deferred))
        seen.append((yield pool.submit(sum, [1, 2])))
        seen.append((yield chain.Chain([lambda: "chain"])))
        seen.append((yield Service("node").list()))
        return seen

    expected = [42, None, "coroutine", "inner", "threaded", 2, "deferred", 3, "chain", [b"demo"]]
    assert every().get(timeout=5) == expected


def test_the_last_value_of_a_source_without_a_return_is_its_value_and_then_it_is_over() -> None:
    @chain.source
    def plain() -> Any:
        yield 1
        yield 2

    values = plain()
    assert values.get(timeout=1) == 2
    with pytest.raises(ChokeEvent):
        values.get(timeout=1)


def test_an_error_is_raised_at_the_yield() -> None:
    @chain.source
    def careful() -> Any:
        try:
            yield Service("storage").read("compat", "no such key")
        except ServiceError as error:
            found = error.code
        try:
            yield failing()
        except KeyError as error:
            return found, str(error)

    @chain.source
    def failing() -> Any:
        yield 1
        raise KeyError("so it is")

    assert careful().get(timeout=5) == (2, "'so it is'")


def test_what_a_source_raises_is_raised_by_get() -> None:
    @chain.source
    def failing() -> Any:
        yield Service("node").list()
        raise ValueError("so it is")

    with pytest.raises(ValueError, match="so it is"):
        failing().get(timeout=5)


def test_a_plain_yield_is_the_next_chunk_and_the_end_is_raised() -> None:
    @chain.source
    def read() -> Any:
        channel = yield Service("demo").enqueue("chunks")
        yield channel.tx.write("3")
        came = []
        for _ in range(4):
            came.append((yield channel.rx.get(timeout=1)))
        return came

    *chunks, last = read().get(timeout=5)
    assert chunks == [b"chunk0", b"chunk1", b"chunk2"] and isinstance(last, EmptyResponse)

    @chain.source
    def rest() -> Any:
        first = yield Service("node").list()
        with pytest.raises(ChokeEvent):
            yield
        return first

    assert rest().get(timeout=5) == [b"demo"]


def test_an_error_that_nobody_catches_is_reported(reported: list[str]) -> None:
    reported += ["of a source", "of a function", "no such key", "no_such_method"]

    @chain.source
    def failing() -> Any:
        yield Service("node").list()
        raise ValueError("of a source")

    def fail(result: chain.FutureResult) -> None:
        result.get()
        raise ValueError("of a function")

    async def run() -> None:
        failing()
        Service("node").list().then(fail)
        Service("storage").read("compat", "no such key")
        Service("node").no_such_method()
        await asyncio.sleep(0.5)

    asyncio.run(run())
    gc.collect()


def test_an_error_that_nobody_read_is_reported_at_the_end_of_the_process(sandbox: Sandbox) -> None:
    code = """
        from whimbrel.compat.cocaine.futures import chain
        from whimbrel.compat.cocaine.services import Service

        @chain.source
        def failing():
            yield Service("node").list()
            raise ValueError("so it is")

        kept = failing()
        kept.wait(timeout=5)
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    done = subprocess.run(command, env=sandbox.variables(), capture_output=True, text=True, timeout=30)
    assert done.returncode == 0 and "so it is" in done.stderr and "failing" in done.stderr


def test_what_nobody_waits_for_is_sent_and_told_before_the_process_ends(sandbox: Sandbox) -> None:
    code = """
        from whimbrel.compat.cocaine.logger import Logger
        from whimbrel.compat.cocaine.services import Service

        Service("storage").write("compat", "left", b"value", ["left"])
        kept = Service("storage").write("compat", "kept", b"value", ["left"])
        Service("storage").read("compat", "none of these")
        Logger([("127.0.0.1", 9)]).error("not sent")
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    done = subprocess.run(command, env=sandbox.variables(), capture_output=True, text=True, timeout=30)
    assert done.returncode == 0 and "none of these" in done.stderr and "not sent" in done.stderr
    assert sorted(Service("storage").find("compat", ["left"]).get(timeout=5)) == [b"kept", b"left"]


def test_a_forked_child_waits_for_none_of_its_parents_calls(sandbox: Sandbox, unanswered: int) -> None:
    code = f"""
        import os, sys, time
        from whimbrel.compat.cocaine.services import Service

        Service("node", [("127.0.0.1", {unanswered})]).list()
        child = os.fork()
        if child == 0:
            sys.exit(0)
        begun = time.monotonic()
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        print(time.monotonic() - begun)
        os._exit(0)
    """
    command = [sys.executable, "-u", "-W", "ignore", "-c", textwrap.dedent(code)]
    done = subprocess.run(command, env=sandbox.variables(), capture_output=True, text=True, timeout=30)
    assert done.returncode == 0 and float(done.stdout) < 5, done.stderr


def test_the_end_of_a_process_waits_for_a_while_only_and_says_what_was_not_answered(
    sandbox: Sandbox, unanswered: int
) -> None:
    code = f"""
        from whimbrel.compat.cocaine import _end
        from whimbrel.compat.cocaine.services import Service

        _end._PATIENCE = 0.5
        Service("node", [("127.0.0.1", {unanswered})]).list()
    """
    begun = time.monotonic()
    command = [sys.executable, "-c", textwrap.dedent(code)]
    done = subprocess.run(command, env=sandbox.variables(), capture_output=True, text=True, timeout=30)
    assert done.returncode == 0 and "may not have been sent: node.list" in done.stderr
    assert time.monotonic() - begun < 8


def test_whatever_a_protocol_raises_is_raised_by_who_reads() -> None:
    def protocol(name: bytes, values: list[Any]) -> Any:
        raise asyncio.CancelledError("of the protocol")

    async def run() -> None:
        channel = await Service("node").list()
        with pytest.raises(asyncio.CancelledError, match="of the protocol"):
            channel.rx.get(protocol=protocol).result(5)

    asyncio.run(run())


# Under a loop that runs


def test_inside_of_a_running_loop_get_waits_by_itself() -> None:
    @chain.source
    def source() -> Any:
        apps = yield Service("node").list()
        more = yield inner()
        return apps, more

    @chain.source
    def inner() -> Any:
        return (yield 1)

    async def run() -> None:
        assert Service("node").list().get(timeout=5) == [b"demo"]
        assert source().get(timeout=5) == ([b"demo"], 1)

    asyncio.run(run())


def test_inside_of_a_running_loop_get_says_what_it_can_not_wait_for() -> None:
    @chain.source
    def source() -> Any:
        yield asyncio.sleep(0.05)
        return "slept"

    async def run() -> str:
        slept = source()
        with pytest.raises(RuntimeError, match="yield it"):
            slept.get(timeout=5)
        value: str = await slept
        return value

    assert asyncio.run(run()) == "slept"


def test_sources_go_on_while_a_coroutine_waits() -> None:
    @chain.source
    def source(name: str) -> Any:
        yield Service("storage").write("compat", name, name.encode(), [])
        return (yield Service("storage").read("compat", name))

    async def run() -> list[bytes]:
        return list(await asyncio.gather(*(source(f"key{n}") for n in range(20))))

    assert asyncio.run(run()) == [f"key{n}".encode() for n in range(20)]


def test_another_thread_can_wait_for_a_source_of_this_loop() -> None:
    @chain.source
    def source() -> Any:
        yield asyncio.sleep(0.05)
        return threading.get_ident()

    async def run() -> tuple[int, int]:
        chained = source()
        return await asyncio.to_thread(chained.get, 5), threading.get_ident()

    ran, here = asyncio.run(run())
    assert ran == here


# Channels of 0.12


@chain.source
def sleeping(seconds: float) -> Any:
    yield chain.concurrent(time.sleep)(seconds)
    return seconds


def test_who_waits_for_a_loop_that_another_thread_runs_goes_on_when_that_stops() -> None:
    short, long = sleeping(0.2), sleeping(0.6)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        waiting = pool.submit(lambda: (time.sleep(0.1), long.get(timeout=10)))
        assert short.get(timeout=10) == 0.2
        assert waiting.result()[1] == 0.6


def test_many_threads_wait_for_chains_of_one_thread_at_once() -> None:
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for _ in range(20):
            sources = [sleeping(0.01) for _ in range(4)]
            assert list(pool.map(lambda it: it.get(timeout=10), sources)) == [0.01] * 4


def test_threads_that_read_one_chain_have_each_of_it_once(sandbox: Sandbox) -> None:
    host, port = sandbox.older_locator.rsplit(":", 1)
    demo = Service("demo", host=host, port=int(port), runtime="0.11")
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for _ in range(20):
            chunks = demo.enqueue("chunks", "20").then(lambda it: it.get())
            came = [it for part in pool.map(lambda _: list(chunks), range(4)) for it in part]
            assert sorted(came) == sorted(b"chunk%d" % n for n in range(20))


def test_a_channel_goes_both_ways_in_a_coroutine_of_tornados() -> None:
    ioloop, gen = pytest.importorskip("tornado.ioloop"), pytest.importorskip("tornado.gen")

    @gen.coroutine
    def talk() -> Any:
        channel = yield Service("demo").enqueue("ping")
        yield channel.tx.write(b"hello")
        chunk = yield channel.rx.get(timeout=1)
        end = yield channel.rx.get(timeout=1)
        yield channel.tx.close()
        for late in (channel.rx.get(timeout=1), channel.tx.write(b"late")):
            with pytest.raises(ChokeEvent):
                yield late
        raise gen.Return((chunk, type(end)))

    assert ioloop.IOLoop.current().run_sync(talk) == (b"hello", EmptyResponse)


def test_a_time_that_is_over_is_tornados_too() -> None:
    ioloop, gen = pytest.importorskip("tornado.ioloop"), pytest.importorskip("tornado.gen")

    @gen.coroutine
    def talk() -> Any:
        channel = yield Service("demo").enqueue("upper")
        with pytest.raises(gen.TimeoutError):
            yield channel.rx.get(timeout=0.05)
        channel.tx.write("still")
        chunk = yield channel.rx.get(timeout=1)
        return chunk

    assert ioloop.IOLoop.current().run_sync(talk) == b"STILL"


def test_a_channel_is_awaited() -> None:
    async def talk() -> None:
        storage = Service("storage")
        channel = await storage.write("compat", "k", b"v", ["tag"])
        assert await channel.rx.get() == []
        channel = await storage.read("compat", "k")
        assert await channel.rx.get(timeout=1) == b"v"
        with pytest.raises(ChokeEvent):
            await channel.rx.get()
        channel = await storage.read("compat", "none")
        with pytest.raises(ServiceError, match="No such file"):
            await channel.rx.get()
        with pytest.raises(ChokeEvent):
            await channel.rx.get()
        with pytest.raises(AttributeError):
            await channel.tx.write(b"x") if channel.tx._ends else await storage.nothing()
        cache = Service("cache")
        await (await cache.put("k", b"v")).rx.get()
        assert await (await cache.get("k")).rx.get() == [True, b"v"]

    asyncio.run(talk())


def test_an_app_s_error_is_told_and_then_it_is_over() -> None:
    async def talk() -> None:
        channel = await Service("demo").enqueue("fail")
        channel.tx.write(b"x")
        with pytest.raises(ServiceError) as caught:
            await channel.rx.get(timeout=1)
        assert (caught.value.category, caught.value.code, caught.value.reason) == (42, 77, "custom failure")
        with pytest.raises(ChokeEvent):
            await channel.rx.get(timeout=1)

    asyncio.run(talk())


def test_chunks_go_out_in_their_order_without_a_wait() -> None:
    async def talk() -> list[bytes]:
        channel = await Service("demo").enqueue("upper")
        sent = [channel.tx.write(f"chunk {n}") for n in range(200)]
        came = [await channel.rx.get(timeout=5) for _ in sent]
        await asyncio.gather(*sent)
        await channel.tx.close()
        return came

    assert asyncio.run(talk()) == [f"CHUNK {n}".encode() for n in range(200)]


def test_a_channel_keeps_its_connection() -> None:
    async def talk() -> bytes:
        channel = await Service("demo").enqueue("ping")
        gc.collect()
        await channel.tx.write(b"hello")
        chunk: bytes = await channel.rx.get(timeout=1)
        return chunk

    assert asyncio.run(talk()) == b"hello"


def test_what_is_open_when_a_service_lets_go_fails_once() -> None:
    async def talk() -> None:
        service = Service("demo")
        waiting, idle = await service.enqueue("never"), await service.enqueue("never")
        reading = waiting.rx.get()
        service.disconnect()
        for channel, first in ((waiting, reading), (idle, idle.rx.get())):
            with pytest.raises(DisconnectionError, match="Service demo has been disconnected"):
                await first
            with pytest.raises(ChokeEvent):
                await channel.rx.get(timeout=1)
            with pytest.raises(DisconnectionError):
                await channel.tx.write(b"x")
        channel = await service.enqueue("ping")
        await channel.tx.write(b"again")
        assert await channel.rx.get(timeout=1) == b"again"

    asyncio.run(talk())


def test_a_connection_that_the_server_closes_fails_once_and_the_next_call_makes_another() -> None:
    async def talk() -> None:
        storage = Service("storage")
        channel = await storage.read(1)  # It hangs up on arguments that it does not take.
        with pytest.raises(DisconnectionError):
            await channel.rx.get(timeout=2)
        with pytest.raises(ChokeEvent):
            await channel.rx.get(timeout=2)
        assert await (await storage.find("compat", ["none"])).rx.get(timeout=2) == []

    asyncio.run(talk())


def test_a_locator_resolves() -> None:
    async def ask() -> None:
        channel = await Locator().resolve("storage")
        endpoints, version, api = await channel.rx.get(timeout=1)
        assert endpoints[0][0] == b"127.0.0.1" and version == 1 and api[0][0] == b"read"
        with pytest.raises(ServiceError) as caught:
            await (await Locator().resolve("none")).rx.get(timeout=1)
        assert caught.value.category == 10
        assert await (await Service("node", locator=Locator()).list()).rx.get(timeout=1) == [b"demo"]

    asyncio.run(ask())


def test_headers_and_traces_go_along() -> None:
    call = Service("node").list(authorization="TVM x", trace=Trace(1, 2, 3))
    assert call.get(timeout=1) == [b"demo"]


def test_an_adaptor_asks_for_tickets() -> None:
    stranger = SecureServiceFabric.make_secure_adaptor(Service("node"), "TVM", 1, "secret", 10)
    with pytest.raises(ServiceError, match="client 1 is not authorized") as caught:
        stranger.list().get(timeout=5)
    assert caught.value.category == 9
    known = SecureServiceFabric.make_secure_adaptor(Service("node"), "TVM", 42, "secret-of-the-sandbox", 10)
    assert known.list().get(timeout=5) == [b"demo"]
    open_to_all = SecureServiceFabric.make_secure_adaptor(Service("node"), "none", 1, "secret")
    assert open_to_all.list().get(timeout=5) == [b"demo"]


def test_a_secret_for_tickets_is_shown_by_nothing() -> None:
    told = "".join(("hu", "sh")) * 4
    with pytest.raises(Exception) as raised:
        SecureServiceFabric.make_secure_adaptor(Service("node"), "TVM", 1, "hush" * 4, -1)
    frames = list(traceback.walk_tb(raised.value.__traceback__))[1:]
    shown = [repr(it.f_locals) for it, _ in frames]
    secure = SecureServiceFabric.make_secure_adaptor(Service("node"), "TVM", 1, "hush" * 4, 10)
    shown += [repr(vars(secure)), repr(services._clients)]
    assert len(shown) > 4 and not any(told in it for it in shown)
    again = SecureServiceFabric.make_secure_adaptor(Service("node"), "TVM", 1, "hush" * 4, 10)
    count = len(services._clients)
    assert SecureServiceFabric.make_secure_adaptor(again, "TVM", 1, "hush" * 4, 10) is not again
    assert len(services._clients) == count, "one ticket is asked for once"


def test_messages_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    logger = Logger()
    logger.info("%s is %d", "answer", 42, extra={"a": 1, "b": object()})
    handler = CocaineHandler()
    log = logging.Logger("of the test")
    log.addHandler(handler)
    log.error("100% sure")
    assert Service("logging").verbosity().get(timeout=1) == 1
    with caplog.at_level(logging.INFO, "fallback"):
        Logger([("127.0.0.1", 9)]).error("lost")
        end = time.monotonic() + 10
        while not any("lost" in it.getMessage() for it in caplog.records):
            assert time.monotonic() < end
            time.sleep(0.01)


def test_it_works_without_tornado_and_under_uvloop(sandbox: Sandbox) -> None:
    code = """
        import asyncio, sys
        sys.modules["tornado"] = None
        from whimbrel.compat.cocaine.futures import chain
        from whimbrel.compat.cocaine.services import Service

        @chain.source
        def source():
            apps = yield Service("node").list()
            yield asyncio.sleep(0.01)
            return apps

        async def main():
            return await source()

        print(source().get(timeout=5), asyncio.run(main()))
        try:
            import uvloop
        except ImportError:
            uvloop = asyncio
        print(source().get(timeout=5), uvloop.run(main()))
    """
    command = [sys.executable, "-W", "error::DeprecationWarning", "-c", textwrap.dedent(code)]
    done = subprocess.run(command, env=sandbox.variables(), capture_output=True, text=True, timeout=30)
    assert (done.stdout, done.stderr) == ("[b'demo'] [b'demo']\n" * 2, "")


# A runtime of 0.11


def test_a_runtime_of_0_11_answers(sandbox: Sandbox) -> None:
    host, port = sandbox.older_locator.rsplit(":", 1)
    told: dict[str, Any] = {"host": host, "port": int(port), "runtime": "0.11"}
    assert Service("node", **told).list().get(timeout=1.0) == [b"demo"]
    storage = Service("storage", False, **told)
    for written in (storage.write("compat", "old", b"value", ["older"]), storage.remove("compat", "none")):
        with pytest.raises(ChokeEvent):
            written.get(timeout=1.0)
    assert storage.find("compat", ["older"]).get(timeout=1.0) == [b"old"]
    with pytest.raises(ServiceError, match="has not been found in 'compat'"):
        storage.read("compat", "none").get(timeout=1.0)
    assert list(Service("demo", **told).enqueue("chunks", "2")) == [b"chunk0", b"chunk1"]

    @chain.source
    def read() -> Any:
        seen = [(yield Service("demo", **told).enqueue("chunks", "3"))]
        try:
            while True:
                seen.append((yield))
        except ChokeEvent:
            return seen

    assert read().get(timeout=5) == [b"chunk0", b"chunk1", b"chunk2"]

"""The client, by the old package's names."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable
from typing import Any, TypeVar

from ... import datasift, errors
from ..._client import secret
from ._unanswered import unanswered
from .account import Account
from .exceptions import AuthException, DataSiftApiException, StreamSubscriberNotStarted
from .historics import Historics
from .historics_preview import HistoricsPreview
from .live_stream import Functions, LiveStream
from .managed_sources import ManagedSources
from .odp import Odp
from .output_mapper import OutputMapper
from .push import Push
from .pylon import Pylon
from .request import Request, given

F = TypeVar("F", bound=Callable[..., Any])


class Config:
    """What a client is set to; its key is nobody's to see."""

    def __init__(self, user: str, **told: Any) -> None:
        self.user = user
        self.__dict__.update(told)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"a client's config has no {name}" + (": keys are not shown" if name == "key" else ""))


class Client:
    """A client of DataSift.

    - `user`, `apikey`: of the account or of one of its identities.
    - `ssl`: whether `https` is spoken.
    - `timeout`: how long to wait for a connection, and for a byte, in seconds; one number or two.
    - `verify`: whether the server's certificate is checked.
    - `api_host`, `api_version`: in place of `api.datasift.com` and `v1.6`, for this client alone. Without a host, the
      environment's `DATASIFT_URL` is the base of all hosts, if it is set.
    - `async_`, or `**{"async": True}`: each call gives a future: see `whimbrel.compat.datasift.request.Future`. At most
      `max_workers` calls are on their way at once.
    - `date_strings`: moments are texts.
    - `proxies`: not here; set `HTTPS_PROXY`.

    >>> import os
    >>> from whimbrel.compat.datasift import Client
    >>> client = Client(os.environ["DATASIFT_USER"], os.environ["DATASIFT_API_KEY"])
    >>> compiled = client.compile('interaction.content contains "tribology"')
    >>> len(compiled["hash"]), compiled["created_at"].tzname(), compiled.status_code, compiled.ratelimits["cost"]
    (32, 'UTC', 200, 5)
    """

    def __init__(
        self,
        user: str,
        apikey: str,
        ssl: bool = True,
        proxies: dict[str, str] | None = None,
        timeout: Any = None,
        verify: bool | None = None,
        api_host: Any = False,
        api_version: Any = False,
        async_: bool = False,
        max_workers: int = 10,
        date_strings: bool = False,
        **more: Any,
    ) -> None:
        key = secret(apikey) if apikey else None
        del apikey  # Nobody sees it in a traceback.
        async_ = more.pop("async", async_)
        if more:
            raise TypeError(f"Client() has no argument {next(iter(more))!r}")
        if proxies and any(proxies.values()):
            raise NotImplementedError("a proxy is not given to a client: set HTTPS_PROXY in the environment")
        if verify not in (None, True, False):
            raise NotImplementedError("verify is True or False: certificates of your own are added to the system's")
        if not user or key is None:
            raise AuthException({"error": "DataSift wants a user and an API key: one of them is empty"})
        self.config = Config(
            user,
            ssl=ssl,
            proxies=proxies,
            timeout=timeout,
            verify=verify,
            api_host=api_host,
            api_version=api_version,
            max_workers=max_workers,
            date_strings=date_strings,
            **{"async": async_},
        )
        settings: dict[str, Any] = {"cache": "off", "verify_tls": verify is not False, **_patience(timeout)}
        if async_ and max_workers > 32:
            settings["requests_at_once"] = max_workers
        try:
            self._client = datasift.Client(user, key, _url(ssl, api_host, api_version), **settings)
        except errors.AuthenticationError as error:
            raise unanswered(error) from error
        self.outputmapper = OutputMapper(date_strings)
        self._request = Request(self._client._native.ask, self.outputmapper, max_workers if async_ else None)
        self.push = Push(self._request)
        self.historics = Historics(self._request)
        self.historics_preview = HistoricsPreview(self._request)
        self.managed_sources = ManagedSources(self._request)
        self.pylon = Pylon(self._request)
        self.account = Account(self._request)
        self.odp = Odp(self._request)
        self._functions = Functions()
        self._stream: LiveStream | None = None

    # Definitions, and what the account has and has used

    def compile(self, csdl: str) -> Any:
        """Compiles a filter definition: what comes has its `hash`. `DataSiftApiException` says what is wrong with it."""
        return self._request.post("compile", {"csdl": csdl})

    def validate(self, csdl: str) -> Any:
        """Checks a filter definition. `DataSiftApiException` says what is wrong with it."""
        return self._request.post("validate", {"csdl": csdl})

    def is_valid(self, csdl: str) -> Any:
        """Whether a filter definition is one. A future of it gives that by `process()`."""
        return self._request.post("validate", {"csdl": csdl}, _is_valid)

    def usage(self, period: str = "hour") -> Any:
        """What live streams have used in the last `hour` or `day`."""
        return self._request.get("get_usage", period=period)

    def dpu(self, hash: str | None = None, historics_id: str | None = None) -> Any:
        """The price of a compiled definition, or of a query of the archive, in `dpu`: a float, or `None` where it is not
        known. Without either, nothing is asked, and `None` comes."""
        if not hash and not historics_id:
            return None
        return self._request.get("get_dpu", **(given(hash=hash) or given(historics_id=historics_id)))

    def balance(self) -> Any:
        """What the account's plan has left."""
        return self._request.get("get_balance")

    def pull(self, subscription_id: str, size: int | None = None, cursor: str | None = None) -> Any:
        """What a subscription has queued: a list of interactions, or a dict if its format is `json_meta`; `{}` if there is
        nothing. `size` is in bytes; where the queue goes on is in `headers["X-DataSift-Cursor-Next"]`."""
        return self._request.pull(id=subscription_id, **given(size=size, cursor=cursor))

    # Live streams

    @property
    def opened(self) -> bool:
        """Whether there is a live connection now."""
        return self._stream is not None and self._stream.opened

    @property
    def subscriptions(self) -> dict[str, Callable[[Any], Any]]:
        """The functions of the streams that come, by their hash."""
        return self._functions.subscriptions

    def start_stream_subscriber(self) -> LiveStream:
        """Connects to live streams: a thread of this process reads them and calls the functions given to `on_open`,
        `subscribe`, `on_delete`, `on_ds_message` and `on_closed`. The script goes on until that ends.

        What is given here can be closed, and waited for: `join()` raises what those functions raise. After its end, and in
        a forked process, another one is begun, and streams are subscribed to anew.
        """
        if self._stream is None or self._stream.is_over:
            try:
                stream = LiveStream(self._client._native, self._functions, self.outputmapper)
            except errors.Error as error:
                raise unanswered(error) from error
            self._functions.subscriptions.clear()
            self._stream = stream
            stream.begin()
        return self._stream

    def subscribe(self, stream: str) -> Callable[[F], F]:
        """Has a stream come, by its hash: each interaction is given to the function below.

        Raises `StreamSubscriberNotStarted`, `DeleteRequired` or `StreamNotConnected`: whichever is missing first.

        >>> def streams(client, stream):
        ...     @client.on_delete
        ...     def forget(message): ...
        ...
        ...     @client.on_open
        ...     def opened():
        ...         @client.subscribe(stream)
        ...         def found(interaction):
        ...             print(interaction)
        """
        live = self._stream
        if live is None:
            raise StreamSubscriberNotStarted("start_stream_subscriber comes before subscribe")

        def subscribed(function: F) -> F:
            live.subscribe(stream, function)
            return function

        return subscribed

    def on_open(self, func: F) -> F:
        """Calls a function, without arguments, whenever there is a connection; now if there is one."""
        self._functions.on_open = func
        if self.opened:
            func()
        return func

    def on_closed(self, func: F) -> F:
        """Calls a function when a connection has ended: with whether it was meant to, a number, and why."""
        self._functions.on_closed = func
        return func

    def on_delete(self, func: F) -> F:
        """Calls a function for each interaction that its author has deleted: who keeps what was found has to forget it."""
        self._functions.on_delete = func
        return func

    def on_ds_message(self, func: F) -> F:
        """Calls a function with what the service says of the connection: a dict with `status` and `message`."""
        self._functions.on_ds_message = func
        return func

    def __repr__(self) -> str:
        return f"Client({self.config.user!r}, ..., url={self._client.url!r})"


def _is_valid(checked: Callable[[], Any]) -> bool:
    try:
        checked()
    except DataSiftApiException as error:
        if error.response.status_code == 400:
            return False
        raise
    return True


def _url(ssl: bool, api_host: Any, api_version: Any) -> str:
    host = api_host or os.environ.get("DATASIFT_URL") or "api.datasift.com"
    url: str = host if "://" in host else f"{'https' if ssl else 'http'}://{host}"
    if not api_version:
        return url
    return re.sub(r"/v[0-9.]+/*$", "", url).rstrip("/") + "/" + api_version.strip("/")


def _patience(timeout: Any) -> dict[str, int]:
    if timeout is None:
        return {}
    connect, idle = timeout if isinstance(timeout, (tuple, list)) else (timeout, timeout)
    told = {"connect_timeout": connect, "idle_timeout": idle}
    return {name: max(1, math.ceil(it)) for name, it in told.items() if it is not None}

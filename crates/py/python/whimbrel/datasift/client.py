"""The client of DataSift."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .._client import Client as Base
from .._client import Settings, secret
from .._native import Datasift, Token
from .._several import several
from .._stream import Caller, Stream, same
from ..errors import InvalidError
from ._said import seconds
from .account import AccountUsage, Allowance, Balance, Ingested, Period, Usage
from .definition import Compiled, Price, Validated
from .event import Deleted, Way
from .historics import Historics, Preview, PreviewCreated
from .identity import Identities, Limits
from .live import Live, listen
from .pull import Pulled
from .push import Push
from .pylon import Pylon
from .source import ManagedSources

if TYPE_CHECKING:
    from typing import Unpack

    from ._submit import SubmitClient


class Client(Base, Caller):
    """A client of DataSift.

    - `user`, `api_key`: of the account or of one of its identities; `DATASIFT_USER` and `DATASIFT_API_KEY` of the environment
      if they are not given. The key is shown to `url` and to nobody else.
    - `url`: where it is, if it is not the public service; `DATASIFT_URL` if it is not given.
    - All else is in `Settings`.

    >>> from whimbrel import datasift
    >>> client = datasift.Client()
    >>> filter = client.compile('interaction.content contains "tribology"')
    >>> len(filter.hash), filter.dpu > 0
    (32, True)
    """

    _make = Datasift

    if TYPE_CHECKING:

        @property
        def submit(self) -> SubmitClient: ...

    def __init__(
        self,
        user: str | None = None,
        api_key: str | Token | None = None,
        url: str | None = None,
        **settings: Unpack[Settings],
    ) -> None:
        api_key = secret(api_key)  # Nobody sees it in a traceback.
        if url is not None and "://" not in url:
            # Not shown: it may well be the key.
            raise InvalidError("the third argument is the URL of the server, with https://; Client(user, api_key, url)")
        super().__init__(url, api_key, dict(settings), user)

    def validate(self, csdl: str) -> Validated:
        """Checks a filter definition in CSDL. Raises `InvalidError`, which says what is wrong with it, and where."""
        return self._call(self._native.validate(csdl), Validated)

    def is_valid(self, csdl: str) -> bool:
        """Whether a filter definition is one.

        >>> from whimbrel import datasift
        >>> datasift.Client().is_valid("interaction.content contains")
        False
        """
        return self._call(self._native.is_valid(csdl))

    def compile(self, csdl: str) -> Compiled:
        """Compiles a filter definition in CSDL. Its hash is what streams, queries and subscriptions name; the same text
        always gives the same hash."""
        return self._call(self._native.compile(csdl), Compiled)

    def dpu(self, hash: str) -> Price:
        """The price of a compiled definition, in data processing units an hour."""
        return self._call(self._native.dpu(hash), Price)

    def historics_dpu(self, id: str) -> Price:
        """The price of a query of the archive."""
        return self._call(self._native.historics_dpu(id), Price)

    def usage(self, period: Period = "hour") -> Usage:
        """What live streams have used in the last `"hour"` or `"day"`."""
        return self._call(self._native.usage(period), Usage)

    def account_usage(
        self, period: Period, *, start: datetime | None = None, end: datetime | None = None
    ) -> AccountUsage:
        """What the account has used and what that costs, by hours, days or months."""
        return self._call(self._native.account_usage(period, seconds(start), seconds(end)), AccountUsage)

    def balance(self) -> Balance:
        """What the account's plan has left."""
        return self._call(self._native.balance(), Balance)

    @property
    def credits(self) -> Allowance | None:
        """The credits that are left of the account's hour, as the last answer told; `None` before one did."""
        told = self._native.credits()
        return None if told is None else Allowance(told)

    @property
    def ingestion_left(self) -> tuple[Allowance | None, Allowance | None]:
        """The bytes and the requests that the host of ingestion allows still, as its last answer told."""
        data, requests = (None if it is None else Allowance(it) for it in self._native.ingestion_left())
        return data, requests

    def cost(self, operation: str) -> int | None:
        """The credits that an operation costs, by its id, known before it is made: as the server told last, else as it was
        recorded to be; `None` where that is not known. A call that costs more than is known to be left is not sent: it is
        a `RateLimitedError`, with the time to wait.

        >>> from whimbrel import datasift
        >>> datasift.Client().cost("prepare_historics")
        25
        """
        cost: int | None = self._native.cost(operation)
        return cost

    def pull(self, id: str, *, size: int | None = None, cursor: str | None = None) -> Pulled:
        """What a push subscription of the type `pull` has queued now.

        - `size`: the most to be given at once, in bytes; 20 MiB are the most that the service gives.
        - `cursor`: where to begin; where the last one who pulled ended if not given.
        """
        return self._call(self._native.pull(id, size, cursor), Pulled)

    def pull_on(self, id: str, *, size: int | None = None, cursor: str | None = None) -> Stream[dict[str, Any]]:
        """All that such a subscription queues, for as long as it is gone through; it has no end.

        Where nothing is queued it asks again after a second, and then after up to a minute; what fails and may pass is
        asked for again, from where it was.
        """
        if self._face.name == "submit":
            raise TypeError("a queue has no end, so there is no future of it: go through pull_on() of the client itself")
        return self._stream(self._native.pull_on(id, size, cursor), same)

    def recent(self, hash: str, *, count: int | None = None, after: str | None = None) -> list[dict[str, Any]]:
        """The last interactions of a stream, for a look at it: at most 200, of the last 5 minutes, after that of the id
        `after`. The service has left this out of its later documents."""
        return self._call(self._native.recent(hash, count, after))

    def ingest(self, source: str, interactions: Iterable[Mapping[str, Any]]) -> Ingested:
        """Sends interactions to a source of one's own, in the order given.

        Nothing is sent if one of them can't be written as JSON, or if there are none.
        """
        if isinstance(interactions, (Mapping, str, bytes)):
            raise TypeError("interactions are several dicts: give a list, and one alone as [it]")
        return self._call(self._native.ingest(source, list(interactions)), Ingested)

    def live(
        self,
        *hashes: str,
        on_delete: Callable[[Deleted], object],
        over: Way = "websocket",
        buffer: int = 16 << 20,
    ) -> Live:
        """Begins to listen to live streams, by their filters' hashes; others can come later: `Live.subscribe`.

        - `on_delete`: called with each interaction that its author has deleted: who keeps what was found has to forget it
          then, as the service's terms ask. It is called while events are read, in their order, so that nothing is deleted
          before it has come.
        - `over`: `"websocket"`, or `"http"` where proxies let no WebSocket through.
        - `buffer`: how many bytes are kept that have come and are not read yet. When they are full, no more is read from
          the service, and an event `behind` is the next thing that is told.

        The connection is made in the background, and anew when it breaks, with all its streams. What the service says of
        them comes as events.

        >>> from whimbrel import datasift
        >>> client = datasift.Client()
        >>> filter = client.compile('interaction.content contains "wear"')
        >>> with client.live(filter.hash, on_delete=lambda gone: print("forget", gone.id)) as live:
        ...     found = next(event for event in live if event.event == "interaction")
        >>> found.hash == filter.hash, found.data["interaction"]["content"] != ""
        (True, True)
        """
        return listen(self, hashes, on_delete, over, buffer)

    def create_preview(
        self,
        hash: str,
        start: datetime,
        sources: Iterable[str],
        parameters: str,
        *,
        end: datetime | None = None,
    ) -> PreviewCreated:
        """Asks for a preview: figures on what a definition finds in the archive. It is computed while you wait for
        `preview`; `parameters` are analyses with their targets, as the service writes them:
        `"interaction.author.gender,freqDist,5"`."""
        native = self._native.create_preview(hash, seconds(start), seconds(end), several("sources", sources), parameters)
        return self._call(native, PreviewCreated)

    def preview(self, id: str) -> Preview:
        """A preview, finished or not: see its `status` and `progress`. It is kept for a day."""
        return self._call(self._native.preview(id), Preview)

    @property
    def historics(self) -> Historics:
        """Queries of the archive."""
        return Historics(self)

    @property
    def push(self) -> Push:
        """Push subscriptions."""
        return Push(self)

    @property
    def managed_sources(self) -> ManagedSources:
        """Managed sources."""
        return ManagedSources(self)

    @property
    def identities(self) -> Identities:
        """The account's identities, and their tokens."""
        return Identities(self)

    def limits(self, service: str) -> Limits:
        """The limits of identities for one service, such as `facebook`."""
        return Limits(self, service)

    def pylon(self, service: str) -> Pylon:
        """Recordings of one network, such as `facebook` or `linkedin`."""
        return Pylon(self, service)


def _with_its_reason(live: Callable[..., Live]) -> Callable[..., Live]:
    """Says why what is missing is needed."""

    @functools.wraps(live)
    def asked(self: Client, *hashes: str, **more: Any) -> Live:
        if not callable(more.get("on_delete")):
            raise TypeError(
                "live() needs on_delete=, a function: interactions are deleted by their authors, and who keeps what was "
                "found has to forget it then, as the service's terms ask"
            )
        return live(self, *hashes, **more)

    return asked


if not TYPE_CHECKING:
    Client.live = _with_its_reason(Client.live)

"""Written by crates/py/faces.py from the sources of `whimbrel.datasift`; not to be edited."""

from __future__ import annotations
from collections import deque
from collections.abc import AsyncIterator
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from typing import Unpack
from whimbrel._client import Settings
from whimbrel._face import Face
from whimbrel._native import Token
from whimbrel._record import Records
from whimbrel._secret import Secret as Secret
from whimbrel._stream import Stream as Stream
from whimbrel.aio._listing import AsyncListing
from whimbrel.aio._stream import AsyncStream
from whimbrel.datasift._submit import SubmitClient
from whimbrel.datasift._submit import SubmitHistorics
from whimbrel.datasift._submit import SubmitIdentities
from whimbrel.datasift._submit import SubmitLimits
from whimbrel.datasift._submit import SubmitLive
from whimbrel.datasift._submit import SubmitManagedSources
from whimbrel.datasift._submit import SubmitPart
from whimbrel.datasift._submit import SubmitPush
from whimbrel.datasift._submit import SubmitPylon
from whimbrel.datasift._submit import SubmitTasks
from whimbrel.datasift._submit import SubmitTokens
from whimbrel.datasift.account import AccountUsage as AccountUsage
from whimbrel.datasift.account import Allowance as Allowance
from whimbrel.datasift.account import Balance as Balance
from whimbrel.datasift.account import Ingested as Ingested
from whimbrel.datasift.account import Period as Period
from whimbrel.datasift.account import Usage as Usage
from whimbrel.datasift.account import Used as Used
from whimbrel.datasift.definition import Compiled as Compiled
from whimbrel.datasift.definition import Price as Price
from whimbrel.datasift.definition import Validated as Validated
from whimbrel.datasift.event import Deleted as Deleted
from whimbrel.datasift.event import Event as Event
from whimbrel.datasift.event import EventKind as EventKind
from whimbrel.datasift.event import Interaction as Interaction
from whimbrel.datasift.event import Way as Way
from whimbrel.datasift.historics import Availability as Availability
from whimbrel.datasift.historics import Chunk as Chunk
from whimbrel.datasift.historics import Prepared as Prepared
from whimbrel.datasift.historics import Preview as Preview
from whimbrel.datasift.historics import PreviewCreated as PreviewCreated
from whimbrel.datasift.historics import Query as Query
from whimbrel.datasift.identity import Identity as Identity
from whimbrel.datasift.identity import Limit as Limit
from whimbrel.datasift.identity import ServiceToken as ServiceToken
from whimbrel.datasift.live import Callback
from whimbrel.datasift.pull import Pulled as Pulled
from whimbrel.datasift.push import Checked as Checked
from whimbrel.datasift.push import LogEntry as LogEntry
from whimbrel.datasift.push import Subscription as Subscription
from whimbrel.datasift.pylon import Analysis as Analysis
from whimbrel.datasift.pylon import Queued as Queued
from whimbrel.datasift.pylon import Recording as Recording
from whimbrel.datasift.pylon import Reference as Reference
from whimbrel.datasift.pylon import ReferenceValue as ReferenceValue
from whimbrel.datasift.pylon import Sample as Sample
from whimbrel.datasift.pylon import Started as Started
from whimbrel.datasift.pylon import Tags
from whimbrel.datasift.pylon import Task as Task
from whimbrel.datasift.source import Source as Source
from whimbrel.datasift.source import SourceLogEntry as SourceLogEntry

class Part:
    """A part of the API, which makes its calls as its client does."""
    def __init__(self, client: Client, *within: str) -> None: ...
    @property
    def submit(self) -> SubmitPart: ...

class Client:
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
    def __init__(self, user: str | None=None, api_key: str | Token | None=None, url: str | None=None, **settings: Unpack[Settings]) -> None: ...
    def validate(self, csdl: str) -> Awaitable[Validated]:
        """Checks a filter definition in CSDL. Raises `InvalidError`, which says what is wrong with it, and where."""
    def is_valid(self, csdl: str) -> Awaitable[bool]:
        """Whether a filter definition is one.
    
        >>> from whimbrel import datasift
        >>> datasift.Client().is_valid("interaction.content contains")
        False
        """
    def compile(self, csdl: str) -> Awaitable[Compiled]:
        """Compiles a filter definition in CSDL. Its hash is what streams, queries and subscriptions name; the same text
        always gives the same hash.
        """
    def dpu(self, hash: str) -> Awaitable[Price]:
        """The price of a compiled definition, in data processing units an hour."""
    def historics_dpu(self, id: str) -> Awaitable[Price]:
        """The price of a query of the archive."""
    def usage(self, period: Period='hour') -> Awaitable[Usage]:
        """What live streams have used in the last `"hour"` or `"day"`."""
    def account_usage(self, period: Period, *, start: datetime | None=None, end: datetime | None=None) -> Awaitable[AccountUsage]:
        """What the account has used and what that costs, by hours, days or months."""
    def balance(self) -> Awaitable[Balance]:
        """What the account's plan has left."""
    @property
    def credits(self) -> Allowance | None:
        """The credits that are left of the account's hour, as the last answer told; `None` before one did."""
    @property
    def ingestion_left(self) -> tuple[Allowance | None, Allowance | None]:
        """The bytes and the requests that the host of ingestion allows still, as its last answer told."""
    def cost(self, operation: str) -> int | None:
        """The credits that an operation costs, by its id, known before it is made: as the server told last, else as it was
        recorded to be; `None` where that is not known. A call that costs more than is known to be left is not sent: it is
        a `RateLimitedError`, with the time to wait.
    
        >>> from whimbrel import datasift
        >>> datasift.Client().cost("prepare_historics")
        25
        """
    def pull(self, id: str, *, size: int | None=None, cursor: str | None=None) -> Awaitable[Pulled]:
        """What a push subscription of the type `pull` has queued now.
    
        - `size`: the most to be given at once, in bytes; 20 MiB are the most that the service gives.
        - `cursor`: where to begin; where the last one who pulled ended if not given.
        """
    def pull_on(self, id: str, *, size: int | None=None, cursor: str | None=None) -> AsyncStream[dict[str, Any]]:
        """All that such a subscription queues, for as long as it is gone through; it has no end.
    
        Where nothing is queued it asks again after a second, and then after up to a minute; what fails and may pass is
        asked for again, from where it was.
        """
    def recent(self, hash: str, *, count: int | None=None, after: str | None=None) -> Awaitable[list[dict[str, Any]]]:
        """The last interactions of a stream, for a look at it: at most 200, of the last 5 minutes, after that of the id
        `after`. The service has left this out of its later documents.
        """
    def ingest(self, source: str, interactions: Iterable[Mapping[str, Any]]) -> Awaitable[Ingested]:
        """Sends interactions to a source of one's own, in the order given.
    
        Nothing is sent if one of them can't be written as JSON, or if there are none.
        """
    def live(self, *hashes: str, on_delete: Callable[[Deleted], object], over: Way='websocket', buffer: int=16 << 20) -> Live:
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
    def create_preview(self, hash: str, start: datetime, sources: Iterable[str], parameters: str, *, end: datetime | None=None) -> Awaitable[PreviewCreated]:
        """Asks for a preview: figures on what a definition finds in the archive. It is computed while you wait for
        `preview`; `parameters` are analyses with their targets, as the service writes them:
        `"interaction.author.gender,freqDist,5"`.
        """
    def preview(self, id: str) -> Awaitable[Preview]:
        """A preview, finished or not: see its `status` and `progress`. It is kept for a day."""
    @property
    def historics(self) -> Historics:
        """Queries of the archive."""
    @property
    def push(self) -> Push:
        """Push subscriptions."""
    @property
    def managed_sources(self) -> ManagedSources:
        """Managed sources."""
    @property
    def identities(self) -> Identities:
        """The account's identities, and their tokens."""
    def limits(self, service: str) -> Limits:
        """The limits of identities for one service, such as `facebook`."""
    def pylon(self, service: str) -> Pylon:
        """Recordings of one network, such as `facebook` or `linkedin`."""
    def clear_cache(self) -> Awaitable[None]:
        """Forgets all answers that are kept: for all clients of this process, or for all that use the same file.
    
        Writes of one's own make old what they change by themselves; this is for what others have changed just now.
        """
    def api(self, operation_id: str, /, body: Any=None, **parameters: Any) -> Awaitable[Any]:
        """Any operation of the service by its id, as `whimbrel api` names it.
    
        `parameters` are those of its path, its query and its headers under the service's own names; of a list each value is
        sent, and `None` is none. A `body` is sent as JSON, or as it is if it is bytes. What comes is objects, if it is JSON,
        and bytes if not; an error raises.
    
        >>> from whimbrel import dserver
        >>> client = dserver.Client()
        >>> len(client.api("search_datasets", {"free_text": "simulation"}, page_size=1))
        1
        """
    @property
    def url(self) -> str: ...
    @property
    def submit(self) -> SubmitClient: ...

class Historics(Part):
    """Queries of the archive: each is prepared, delivered by a push subscription, and started."""
    def prepare(self, hash: str, start: datetime, end: datetime, name: str, sources: Iterable[str], *, sample: int | None=None) -> Awaitable[Prepared]:
        """Prepares a query, and tells what it will cost and what there is to find. It runs when it is started.
    
        `sample` is the part of the archive to look at, in percent; all of it if not given.
        """
    def start(self, id: str) -> Awaitable[None]:
        """Starts a query. Something must take delivery of it by then: a push subscription of its id."""
    def update(self, id: str, name: str) -> Awaitable[None]:
        """Gives it another name."""
    def stop(self, id: str, *, reason: str | None=None) -> Awaitable[None]:
        """Ends it for good; the reason is kept with it."""
    def pause(self, id: str, *, reason: str | None=None) -> Awaitable[None]:
        """Has it wait."""
    def resume(self, id: str) -> Awaitable[None]:
        """Has it go on."""
    def delete(self, id: str) -> Awaitable[None]:
        """Forgets it."""
    def status(self, start: datetime, end: datetime, sources: Iterable[str]=()) -> Awaitable[Records[Availability]]:
        """What the archive holds of these sources in that time; of all if none is named."""
    def get(self, id: str) -> Awaitable[Query]:
        """One of them."""
    def list(self) -> AsyncListing[Query]:
        """All of them."""
    @property
    def submit(self) -> SubmitHistorics: ...

class Identities(Part):
    """The identities of an account."""
    def list(self, label: str | None=None) -> AsyncListing[Identity]:
        """All of them; those of one label if it is given."""
    def get(self, id: str) -> Awaitable[Identity]:
        """One of them."""
    def create(self, label: str, *, status: str | None=None, master: bool | None=None) -> Awaitable[Identity]:
        """Makes one; its API key is in the answer. A label that is taken is a `ConflictError`."""
    def update(self, id: str, *, label: str | None=None, status: str | None=None, master: bool | None=None) -> Awaitable[Identity]:
        """Changes what is given of it."""
    def delete(self, id: str) -> Awaitable[None]:
        """Forgets it. The service was seen to refuse that to everybody."""
    def tokens(self, id: str) -> Tokens:
        """The tokens of one of them."""
    @property
    def submit(self) -> SubmitIdentities: ...

class Tokens(Part):
    """Tokens by which an identity uses other services."""
    def list(self) -> AsyncListing[ServiceToken]:
        """All of them."""
    def get(self, service: str) -> Awaitable[ServiceToken]:
        """That of one service."""
    def create(self, service: str, token: str | Token) -> Awaitable[ServiceToken]:
        """Keeps one for a service."""
    def update(self, service: str, token: str | Token) -> Awaitable[ServiceToken]:
        """Replaces that of a service."""
    def delete(self, service: str) -> Awaitable[None]:
        """Forgets that of a service."""
    @property
    def submit(self) -> SubmitTokens: ...

class Limits(Part):
    """How much of one service identities may use in a day."""
    def list(self) -> AsyncListing[Limit]:
        """Those of all identities."""
    def get(self, identity: str) -> Awaitable[Limit]:
        """That of one identity."""
    def create(self, identity: str, *, total_allowance: int | None=None, analyze_queries: int | None=None) -> Awaitable[Limit]:
        """Limits an identity that has no limit yet: interactions and analyses in a day."""
    def update(self, identity: str, *, total_allowance: int | None=None, analyze_queries: int | None=None) -> Awaitable[Limit]:
        """Changes what is given of it."""
    def delete(self, identity: str) -> Awaitable[None]:
        """Forgets it."""
    @property
    def submit(self) -> SubmitLimits: ...

class Live:
    """A live connection, gone through for its events (by `async for`, if it is awaited); or `run` calls functions with them.

    At the end of a `with` block (`async with`, if it is awaited), and when nobody holds it any more, it ends. Until then
    it is made anew whenever it breaks. It can be left and gone through again: nothing is lost in between, as far as its
    buffer goes. It belongs to the process that opened it.

    A stream that is refused, a connection that is lost and the like are events; as who looks for interactions alone would
    wait without knowing why, they are logged, too (`whimbrel.datasift`), unless `run` calls a function with them.
    """
    def __init__(self, native: Any, on_delete: Callable[[Deleted], object], came: deque[Event], face: Face) -> None: ...
    def subscribe(self, hash: str) -> None:
        """Has a stream come, by its filter's hash. It is sent in the background; the service's answer is an event:
        `subscribed` or `refused`. Raises `InvalidError` if it is no hash.
        """
    def unsubscribe(self, hash: str) -> None:
        """Has it come no more."""
    @property
    def is_closed(self) -> bool:
        """Whether it was closed here."""
    def close(self) -> Awaitable[None]:
        """Ends it, and says so to the service. Whoever goes through it comes to the end."""
    def run(self, *, on_interaction: Callable[[Interaction], object] | None=None, on_tick: Callback | None=None, on_warning: Callback | None=None, on_behind: Callback | None=None, on_lost: Callback | None=None, on_connected: Callback | None=None, on_subscribed: Callback | None=None, on_refused: Callback | None=None) -> Awaitable[None]:
        """Calls these functions with the events, one at a time and in their order, until it is closed; `None` is for what
        does not matter.
    
        What one of them raises is raised here, and ends this; it can be run again. Plainly they are called on this thread;
        through `.submit`, on the thread that completes futures, and the future is done when it is closed; awaited, in the
        task that awaits it, and what they give is awaited, if it can be.
        """
    async def _run_awaited(self, handlers: dict[str, Callable[[Any], object]]) -> None: ...
    async def _next_awaited(self) -> Event | None: ...
    def __aiter__(self) -> AsyncIterator[Event]: ...
    async def __aenter__(self) -> Live: ...
    async def __aexit__(self, *_: object) -> None: ...
    @property
    def submit(self) -> SubmitLive: ...

class Push(Part):
    """Push subscriptions."""
    def validate(self, output_type: str, output_params: Mapping[str, Any]) -> Awaitable[Checked]:
        """Checks whether the service can deliver to such a place. Raises `InvalidError` if not."""
    def create(self, name: str, *, hash: str | None=None, historics_id: str | None=None, output_type: str='pull', output_params: Mapping[str, Any] | None=None, initial_status: str | None=None, start: datetime | None=None, end: datetime | None=None) -> Awaitable[Subscription]:
        """Makes a subscription to a live stream, by its definition's `hash`, or to a query of the archive, by its id.
    
        - `output_type`: the kind of place: `http`, `s3`...; `pull` is for `Client.pull`.
        - `output_params`: what that kind of place needs, as the service writes it: `{"format": "json_new_line"}`.
        - `initial_status`: `active` (if not given), `paused` or `waiting_for_start`.
        - `start`, `end`: at once and for ever, if not given.
        """
    def update(self, id: str, output_params: Mapping[str, Any], *, name: str | None=None) -> Awaitable[Subscription]:
        """Changes what its place needs, and its name."""
    def pause(self, id: str) -> Awaitable[Subscription]:
        """Has it wait; what it would deliver is kept for an hour."""
    def resume(self, id: str) -> Awaitable[Subscription]:
        """Has it go on."""
    def stop(self, id: str) -> Awaitable[Subscription]:
        """Ends it for good, once what is queued is delivered."""
    def delete(self, id: str) -> Awaitable[None]:
        """Forgets it, and what it has queued."""
    def get(self, id: str) -> Awaitable[Subscription]:
        """One of them."""
    def list(self, *, hash: str | None=None, historics_id: str | None=None) -> AsyncListing[Subscription]:
        """All of them, finished ones too; those of one stream or of one query, if it is given."""
    def log(self, id: str | None=None) -> AsyncListing[LogEntry]:
        """What became of deliveries, the newest first: of one subscription or of all.
    
        Entries have nothing that tells them apart, so a log that grows while it is read can show one twice.
        """
    @property
    def submit(self) -> SubmitPush: ...

class Pylon(Part):
    """Recordings of one network, by the key of an identity."""
    def validate(self, csdl: str) -> Awaitable[Validated]:
        """Checks a filter definition."""
    def compile(self, csdl: str) -> Awaitable[Compiled]:
        """Compiles a filter definition."""
    def start(self, hash: str, name: str) -> Awaitable[Started]:
        """Begins to record what a compiled definition finds."""
    def restart(self, id: str) -> Awaitable[Started]:
        """Goes on with a recording that was stopped."""
    def stop(self, id: str) -> Awaitable[None]:
        """Stops it. One that is not running is a `ConflictError`."""
    def update(self, id: str, *, hash: str | None=None, name: str | None=None) -> Awaitable[None]:
        """Gives it another definition, or another name."""
    def analyze(self, id: str, parameters: Mapping[str, Any], *, filter: str | None=None, start: datetime | None=None, end: datetime | None=None) -> Awaitable[Analysis]:
        """Counts what was recorded.
    
        - `parameters`: the kind and its parameters, as the service writes them:
          `{"analysis_type": "freqDist", "parameters": {"threshold": 5, "target": "fb.author.age"}}`.
        - `filter`: a filter in CSDL on what was recorded.
        """
    def get(self, id: str) -> Awaitable[Recording]:
        """One recording."""
    def list(self) -> AsyncListing[Recording]:
        """All recordings."""
    def tags(self, id: str) -> Awaitable[Tags]:
        """The tags that its definition gives."""
    def sample(self, id: str, *, count: int | None=None, filter: str | None=None) -> Awaitable[Sample]:
        """Some of the public posts that were recorded, as many as `count` and the account's hour allow."""
    def references(self) -> AsyncListing[Reference]:
        """What there are tables of: targets whose values are known."""
    def reference(self, slug: str) -> Awaitable[Records[ReferenceValue]]:
        """The values of one target."""
    def tasks(self, type: str='analysis') -> Tasks:
        """Tasks of one type: `analysis`, `strategy`."""
    @property
    def submit(self) -> SubmitPylon: ...

class Tasks(Part):
    """Tasks of one type. They take the key of an identity, not of the account."""
    def create(self, recording: str, name: str, parameters: Mapping[str, Any]) -> Awaitable[Queued]:
        """Queues a task on a recording; its parameters are as the service writes them."""
    def get(self, id: str) -> Awaitable[Task]:
        """One of them, with its result when it is `completed`."""
    def list(self, status: str | None=None) -> AsyncListing[Task]:
        """All of them; those in one state if it is given: `queued`, `running`, `completed`, `failed`."""
    @property
    def submit(self) -> SubmitTasks: ...

class ManagedSources(Part):
    """Managed sources."""
    def create(self, source_type: str, name: str, resources: Iterable[Mapping[str, Any]], *, auth: Iterable[Mapping[str, Any]]=(), parameters: Mapping[str, Any] | None=None, validate: bool | None=None) -> Awaitable[Source]:
        """Makes a source. It reads nothing before it is started.
    
        - `resources`: what is read, as the service writes it: `{"parameters": {"id": 1, "url": "..."}}`.
        - `auth`: with which tokens: `{"parameters": {"value": "..."}}`.
        - `parameters`: what that type of source can be told beyond, such as `{"likes": True}`.
        - `validate`: whether the service tries all of it first; it does if this is not given.
        """
    def update(self, id: str, source_type: str, name: str, resources: Iterable[Mapping[str, Any]], *, auth: Iterable[Mapping[str, Any]]=(), parameters: Mapping[str, Any] | None=None, validate: bool | None=None) -> Awaitable[Source]:
        """Replaces all that it is."""
    def start(self, id: str) -> Awaitable[Source]:
        """Has it read."""
    def stop(self, id: str) -> Awaitable[Source]:
        """Has it rest."""
    def delete(self, id: str) -> Awaitable[None]:
        """Forgets it."""
    def get(self, id: str) -> Awaitable[Source]:
        """One of them."""
    def list(self, source_type: str | None=None) -> AsyncListing[Source]:
        """All of them; those of one type if it is given."""
    def log(self, id: str) -> AsyncListing[SourceLogEntry]:
        """What became of its reading, the newest first."""
    def add_resources(self, id: str, resources: Iterable[Mapping[str, Any]], *, validate: bool | None=None) -> Awaitable[Source]:
        """Has it read more. Gives the whole source."""
    def remove_resources(self, id: str, resource_ids: Iterable[str]) -> Awaitable[Source]:
        """Has it read less. Gives the whole source."""
    def add_auth(self, id: str, auth: Iterable[Mapping[str, Any]], *, validate: bool | None=None) -> Awaitable[Source]:
        """Gives it more tokens to read with. Gives the whole source."""
    def remove_auth(self, id: str, auth_ids: Iterable[str]) -> Awaitable[Source]:
        """Takes tokens from it. Gives the whole source."""
    @property
    def submit(self) -> SubmitManagedSources: ...

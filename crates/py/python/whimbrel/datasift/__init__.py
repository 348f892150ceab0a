"""DataSift: filters over social data, live and from the archive.

>>> from whimbrel import datasift
>>> client = datasift.Client()
>>> filter = client.compile('interaction.content contains "tribology"')
>>> subscription = client.push.create("tribology", hash=filter.hash)
>>> client.pull(subscription.id).interactions
[]
>>> client.push.delete(subscription.id)

Prices are numbers and times are `datetime`s with their zone, whatever form the service gave them. The service can't be reached
any more, as far as is known: what is here is what its answers were recorded to be from 2015 to 2018.
"""

from __future__ import annotations

from .._secret import Secret
from .._stream import Stream
from .account import AccountUsage, Allowance, Balance, Ingested, Period, Usage, Used
from .client import Client
from .definition import Compiled, Price, Validated
from .event import Deleted, Event, EventKind, Interaction, Way
from .historics import Availability, Chunk, Historics, Prepared, Preview, PreviewCreated, Query
from .identity import Identities, Identity, Limit, Limits, ServiceToken, Tokens
from .live import Live
from .pull import Pulled
from .push import Checked, LogEntry, Push, Subscription
from .pylon import Analysis, Pylon, Queued, Recording, Reference, ReferenceValue, Sample, Started, Task, Tasks
from .source import ManagedSources, Source, SourceLogEntry

__all__ = [
    "AccountUsage",
    "Allowance",
    "Analysis",
    "Availability",
    "Balance",
    "Checked",
    "Chunk",
    "Client",
    "Compiled",
    "Deleted",
    "Event",
    "EventKind",
    "Historics",
    "Identities",
    "Identity",
    "Ingested",
    "Interaction",
    "Limit",
    "Limits",
    "Live",
    "LogEntry",
    "ManagedSources",
    "Period",
    "Prepared",
    "Preview",
    "PreviewCreated",
    "Price",
    "Pulled",
    "Push",
    "Pylon",
    "Query",
    "Queued",
    "Recording",
    "Reference",
    "ReferenceValue",
    "Sample",
    "Secret",
    "ServiceToken",
    "Source",
    "SourceLogEntry",
    "Started",
    "Stream",
    "Subscription",
    "Task",
    "Tasks",
    "Tokens",
    "Usage",
    "Used",
    "Validated",
    "Way",
]

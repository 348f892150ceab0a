"""The package `datasift`, by its names: `from whimbrel.compat.datasift import Client`.

Version 2.12.1 is covered, which Python 3.7 and later can't even read. It asks DataSift through `whimbrel`'s core, as
`whimbrel.datasift` does; that has more: whole lists in place of pages, queues pulled on and on, the costs of calls known
before.

| of datasift 2.12.1 | here |
|---|---|
| `Client(user, apikey, ssl, ..., date_strings)`, by place or by name, `**{"async": True}` | the same, and `async_=True` |
| `push`, `historics`, `historics_preview`, `managed_sources`, `pylon`, `account`, `odp` | all methods, with their signatures |
| `DictResponse`, `ListResponse` with `raw`, `headers`, `status_code`, `ratelimits` | the same; `ratelimits` are filled |
| futures with `process()`, `as_completed` | the same, also of `pull`, `is_valid` and `odp.batch`; `cancel()` works |
| exceptions, with `response` and `message` | the same classes, below each other as they were |
| `requests.exceptions` of the network | whimbrel's `UnavailableError` and `TimeoutError`, which are those of `requests`, too, if that is imported |
| `on_open`, `subscribe`, `on_delete`, `on_closed`, `on_ds_message`, `start_stream_subscriber` | in a thread of this process |
| `request`, `ingest_request`, `factory` | not here: `whimbrel.datasift.Client.api` makes any call |

What differs on purpose:

- Moments are datetimes in UTC that know it. They were local time that did not say so; those two can't be compared.
- A text that is no moment, and a price that is not known, stay as they are. They raised.
- `api_host` and `api_version` are this client's alone; ingestion and live streams are at the same host then, and at
  `DATASIFT_URL` if that is set and no host is given.
- What may be sent again is, a few times. A call that costs more credits than are left is not sent: `RateLimitException`.
- `False` is sent where it is given, as `master=False`. What is in a path is written so that it can be no other path.
- Nobody sees a key: not in `config`, not in a traceback.
- Streams come again by themselves after a break, none twice; `subscribe` gives the function back. What a function raises is
  logged, and raised by `start_stream_subscriber().join()`.

>>> import os
>>> from whimbrel.compat.datasift import Client
>>> client = Client(os.environ["DATASIFT_USER"], os.environ["DATASIFT_API_KEY"], async_=True, max_workers=5)
>>> checks = [client.is_valid(csdl) for csdl in ('interaction.content contains "tribology"', "no CSDL at all")]
>>> [check.process() for check in checks]
[True, False]
"""

from __future__ import annotations

from ..._native import __version__
from .client import Client

__all__ = ["Client", "__version__"]

"""Written by crates/py/faces.py from the sources of `whimbrel.datasift`; not to be edited."""

from __future__ import annotations
from collections.abc import Awaitable
from typing import Any
from typing import Unpack
from whimbrel._client import Settings
from whimbrel._native import Token
from whimbrel.datasift._submit import SubmitClient
from whimbrel.datasift.definition import Compiled as Compiled
from whimbrel.datasift.definition import Validated as Validated

class Client:
    """A client of DataSift.

    - `user`, `api_key`: of the account or of one of its identities; `DATASIFT_USER` and `DATASIFT_API_KEY` of the environment
      if they are not given. The key is shown to `url` and to nobody else.
    - `url`: where it is, if it is not the public service; `DATASIFT_URL` if it is not given.
    - All else is in `Settings`.

    >>> from whimbrel import datasift
    >>> client = datasift.Client()
    >>> client.is_valid('interaction.content contains "tribology"')
    True
    """
    def __init__(self, user: str | None=None, api_key: str | Token | None=None, url: str | None=None, **settings: Unpack[Settings]) -> None: ...
    def validate(self, csdl: str) -> Awaitable[Validated]:
        """Checks a filter definition in CSDL. Raises `InvalidError`, which says what is wrong with it, and where."""
    def is_valid(self, csdl: str) -> Awaitable[bool]:
        """Whether a filter definition is one."""
    def compile(self, csdl: str) -> Awaitable[Compiled]:
        """Compiles a filter definition in CSDL. Its hash is what streams, queries and subscriptions name; the same text
        always gives the same hash.
        """
    def cost(self, operation: str) -> int | None:
        """The credits that an operation costs, by its id, known before it is made: as the server told last, else as it was
        recorded to be; `None` where that is not known.
        """
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

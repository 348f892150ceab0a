"""`whimbrel.coscine`, awaitable."""

from __future__ import annotations

from typing import Any

from .. import coscine
from .._face import AIO
from ..coscine import *  # noqa: F403
from ..coscine import __all__ as __all__


def _awaitable(kind: type[Any]) -> type[Any]:
    """The same kind of handle, whose calls are awaited."""
    doc = f"As `whimbrel.coscine.{kind.__name__}`; each call is awaited, and lists are gone through by `async for`."
    return type(kind.__name__, (kind,), {"_face": AIO, "__module__": __name__, "__doc__": doc})


_HANDLES = (
    coscine.ApiToken,
    coscine.File,
    coscine.Form,
    coscine.GitLab,
    coscine.Invitation,
    coscine.Me,
    coscine.Member,
    coscine.OptOut,
    coscine.Pid,
    coscine.Plan,
    coscine.Project,
    coscine.Resource,
)

_kinds = {kind: _awaitable(kind) for kind in _HANDLES}
globals().update({kind.__name__: kind for kind in _kinds.values()})


class Client(coscine.Client):
    """As `whimbrel.coscine.Client`; each call is awaited, and lists are gone through by `async for`."""

    _face = AIO
    _kinds = _kinds

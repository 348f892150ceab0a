"""The server itself."""

from __future__ import annotations

from typing import Literal, get_args

from .._record import Record

#: Something that not every dserver offers: it comes with a plugin, with a later release, or is switched on.
Feature = Literal[
    "search",
    "retrieve",
    "query",
    "aggregation",
    "graph",
    "own-dependency-keys",
    "signed-urls",
    "notification",
    "writing",
    "health",
]


class Features(Record):
    """What a server can do, by its versions and its configuration.

    >>> from whimbrel import dserver
    >>> features = dserver.Client().features()
    >>> features.has("search"), features.why_not("writing")
    (True, 'this dserver has no writable readmes, tags, annotations and single rights: for that it takes a release after 0.22, and it is 0.22.0')
    """

    __slots__ = ()
    _shown = ("missing",)

    #: The core and each plugin with its version.
    versions: dict[str, str]
    #: Features whose plugin is there, and which the server's operator has switched off.
    off: list[str]
    #: Features that the server does not offer, and why.
    missing: dict[str, str]

    def has(self, feature: Feature) -> bool:
        """Whether the server offers it."""
        return self.why_not(feature) is None

    def why_not(self, feature: Feature) -> str | None:
        """Why the server does not offer it, in words for its operator."""
        if feature not in get_args(Feature):
            raise ValueError(f"there is no feature {feature!r}; there are {', '.join(get_args(Feature))}")
        return self.missing.get(feature)

"""Application profiles and vocabularies."""

from __future__ import annotations

from .._record import Record


class ApplicationProfile(Record):
    """An application profile: its names, and its definition where it was asked for."""

    __slots__ = ()
    _shown = ("display_name", "uri")

    uri: str
    display_name: str | None
    description: str | None


class Vocabulary(Record):
    """A vocabulary: `class_uri` is what fields name it by, `graph_uri` names its document."""

    __slots__ = ()
    _shown = ("display_name", "class_uri")

    class_uri: str
    graph_uri: str
    display_name: str | None
    description: str | None


class Term(Record):
    """A term of a vocabulary."""

    __slots__ = ()
    _shown = ("display_name", "instance_uri")

    instance_uri: str | None
    graph_uri: str
    display_name: str | None
    description: str | None
    sub_class_of_uri: str | None

"""What a resource asks of its files' metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._handle import Inner
from .._record import Record, Records, table
from ._frame import absent
from .transfer import Fields

if TYPE_CHECKING:
    from ._submit import SubmitForm


class Field(Record):
    """One field of an application profile.

    - `label`, and `labels` and `descriptions` by language; `path` is the IRI of the predicate.
    - `required`; `min_count` and `max_count` say how often it may be given (`None`: as often as one likes).
    - `datatype`: the IRI of XML Schema's type; `patterns`: regular expressions; `languages` that a text may be in.
    - `choices`: the values to select from; `vocabulary`: the class whose terms are the values, for `Client.vocabulary`.
    - `default`: what it holds if it is not given; `{ME}` and `{TODAY}` stand for the user and the day.
    - `rules`: all of that in a line of words.
    """

    __slots__ = ()
    _shown = ("label", "rules")

    label: str
    labels: dict[str, str]
    descriptions: dict[str, str]
    path: str
    rules: str
    required: bool
    min_count: int
    max_count: int | None
    min_length: int | None
    max_length: int | None
    datatype: str | None
    patterns: list[str]
    languages: list[str]
    default: str | None
    inherited_from: str | None

    @property
    def choices(self) -> list[str]:
        """The values to select from; empty if there are none given."""
        return list(self["in"])

    @property
    def vocabulary(self) -> str | None:
        """The class whose terms are the values."""
        return self["class"] if self["fields"] is None else None

    @property
    def fields(self) -> Records[Field] | None:
        """The fields of the description within the description, where it is one."""
        return None if self["fields"] is None else Records(map(Field, self["fields"]))


class Finding(Record):
    """One thing that is wrong with metadata: in which field, which value, and by which rule of SHACL.

    As text, a line for people.
    """

    __slots__ = ()
    _shown = ("field", "value", "message")

    field: str | None
    path: str | None
    value: str | None
    rule: str
    message: str
    place: str | None

    def __str__(self) -> str:
        return str(self["text"])


class Form(Inner):
    """The form of a file's metadata: an application profile, and what the resource gives by itself.

    >>> from whimbrel import coscine
    >>> form = coscine.Client().project("Demo").resource("Measurements").form()
    >>> [field.label for field in form.fields if field.required]
    ['Title', 'Creator', 'Creation Date', 'State']
    >>> for finding in form.check({"Title": "Run 7", "Creator": "Ada", "State": "raw", "Creation Date": "yesterday"}):
    ...     print(finding)
    field "Creation Date": "yesterday" is no date; write it as 2026-11-21
    """

    __slots__ = ()
    _shown = ("uri",)

    uri: str
    labels: dict[str, str]
    target_class: str
    #: The rules that are left to the service, in words.
    left: list[str]

    if TYPE_CHECKING:

        @property
        def submit(self) -> SubmitForm: ...

    @property
    def fields(self) -> Records[Field]:
        """The fields and those that are inherited, in their order."""
        return Records(map(Field, self["fields"]))

    def _repr_html_(self) -> str:
        return table(self.fields, None)

    def field(self, name: str) -> Field:
        """The field of this label, in any language and case of letters, or of this IRI; `KeyError` if there is none."""
        for field in self.fields:
            if name == field.path or name.lower() in (it.lower() for it in field.labels.values()):
                return field
        raise KeyError(f"the profile has no field {name!r}; it has: {', '.join(it.label for it in self.fields)}")

    def check(self, metadata: Fields) -> Records[Finding]:
        """What is wrong with these metadata, as they would be sent; nothing is sent. Empty if nothing is.

        What the resource fixes, and the profile's defaults, stand in for what is not given.
        """
        if self._within is None:
            return self._call(self._native.check_by_profile(self.uri, absent(metadata)), _findings)
        return self._call(self._native.check(self._within, absent(metadata)), _findings)

    def fill(self, metadata: Fields) -> str:
        """These metadata as RDF in Turtle, as they would be sent."""
        if self._within is None:
            return self._call(self._native.fill_by_profile(self.uri, absent(metadata)))
        return self._call(self._native.fill(self._within, absent(metadata)))

    def template(self, language: str = "en") -> str:
        """An empty table as CSV: a column a field, its rules below in a line of comment."""
        return self._call(self._native.template(self.uri, language))


def _findings(told: list[Any]) -> Records[Finding]:
    return Records(map(Finding, told))

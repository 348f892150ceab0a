"""What there is to choose from, and users: plain data, by the old package's names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timezone
from typing import Any, TypeVar

from ..._record import _time
from .exceptions import NotFoundError, TooManyResults, asking

__all__ = [
    "AcademicTitle",
    "ApiToken",
    "Discipline",
    "Language",
    "License",
    "MaintenanceNotice",
    "Organization",
    "SearchResult",
    "User",
    "Visibility",
]

T = TypeVar("T")

#: What the old package tells where a time is missing.
_NO_TIME = datetime(1998, 1, 1, tzinfo=timezone.utc)


def text(key: str, what: str) -> Any:
    """A property: the text that was told under a key, or an empty one."""
    return property(lambda self: self._data.get(key) or "", doc=what)


def time(key: str, what: str) -> Any:
    """A property: the time that was told under a key; the start of 1998 stands for one that is missing."""
    return property(lambda self: moment(self._data.get(key)), doc=what)


def day(key: str, what: str) -> Any:
    """A property: the day of such a time."""
    return property(lambda self: moment(self._data.get(key)).date(), doc=what)


def moment(told: Any) -> datetime:
    """A time as it was told, or as a user has set it."""
    if isinstance(told, datetime):
        return told
    if isinstance(told, date):
        return datetime(told.year, told.month, told.day, tzinfo=timezone.utc)
    return _time(told) or _NO_TIME


def only(found: list[T], what: str, key: object) -> T:
    """The one that was found."""
    if len(found) > 1:
        raise TooManyResults(f"{len(found)} {what}s fit {key!r}: choose by a property that is of one alone, as the id")
    if not found:
        raise NotFoundError(f"no {what} fits {key!r}, or none that this user may see")
    return found[0]


def matches(thing: object, attribute: Any, key: object) -> bool:
    """Whether a property of a thing has this value."""
    if not isinstance(attribute, property) or attribute.fget is None:
        raise TypeError(f"an attribute is a property, such as Project.display_name, and not {attribute!r}")
    return bool(attribute.fget(thing) == key)


class Told:
    """What the service told of one thing, as `_data`."""

    _data: dict[str, Any]

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = dict(data)

    def __str__(self) -> str:
        return str(getattr(self, "name", ""))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self._data == other._data

    def __hash__(self) -> int:
        return hash((type(self), str(self._data.get("id") or self._data.get("uri"))))


class Serializable(Told):
    """What is sent back as it was told."""

    def serialize(self) -> dict[str, Any]:
        """The data as the service writes them."""
        return dict(self._data)


class MaintenanceNotice(Told):
    """What the service's operators tell of a disturbance or a maintenance."""

    title = text("displayName", "Its title.")
    link = text("href", "Where more is told.")
    type = text("type", "What it is.")
    body = text("body", "What it says.")
    starts_date = day("startsDate", "The day it starts.")
    ends_date = day("endsDate", "The day it ends.")

    def __str__(self) -> str:
        return str(self.title)


class SearchResult(Told):
    """A hit of a search."""

    uri = text("uri", "Where it is.")
    type = text("type", "What it is: metadata, a project, a resource.")
    source = text("source", "What was found there.")

    def __str__(self) -> str:
        return str(self.uri)


class ApiToken(Told):
    """An API token of the user, without its secret."""

    id = text("id", "Its id.")
    name = text("name", "Its name.")
    created = day("creationDate", "The day it was made.")
    expires = day("expiryDate", "The last day it is good for.")

    @property
    def expired(self) -> bool:
        """Whether it is good no more."""
        return bool(datetime.now(timezone.utc).date() > self.expires)

    @property
    def owner(self) -> str:
        """The id of its user."""
        return str((self._data.get("owner") or {}).get("id", ""))


class Language(Told):
    """A language of the user interface."""

    id = text("id", "Its id.")
    name = text("displayName", "Its name.")
    abbreviation = text("abbreviation", "`en` or `de`.")


class AcademicTitle(Told):
    """An academic title."""

    id = text("id", "Its id.")
    name = text("displayName", "The title itself.")


class Discipline(Serializable):
    """A scientific discipline."""

    id = text("id", "Its id.")
    uri = text("uri", "Its URI.")
    name = text("displayNameEn", "Its English name.")


class License(Serializable):
    """A licence."""

    id = text("id", "Its id.")
    name = text("displayName", "Its name.")


class Organization(Serializable):
    """An organization of the research organization registry (ROR)."""

    uri = text("uri", "Its ROR URI.")
    name = text("displayName", "Its name.")
    email = text("email", "An e-mail address of it.")


class Visibility(Serializable):
    """Who can see a project or a resource."""

    id = text("id", "Its id.")
    name = text("displayName", "Its name: `Project Members` or `Public`.")


class User(Told):
    """A user."""

    id = text("id", "The user's id.")
    display_name = text("displayName", "The name that people read.")
    first_name = text("givenName", "The given name.")
    last_name = text("familyName", "The family name.")

    @property
    def email(self) -> str | list[str]:
        """The e-mail address; of the user whose token this is, a list of all addresses."""
        if self._data.get("email"):
            return str(self._data["email"])
        emails = self._data.get("emails") or []
        return [str(it.get("email") or "") for it in emails] if emails else ""

    @property
    def title(self) -> AcademicTitle | None:
        """The academic title, if there is one."""
        title = self._data.get("title")
        return AcademicTitle(title) if title else None

    def __str__(self) -> str:
        return str(self.display_name)


def named(kind: Callable[[Mapping[str, Any]], T], listing: Any) -> list[T]:
    """What was told of all, as objects of one class."""
    return [kind(dict(it)) for it in listing]


def settable(key: str, sent: str, what: str) -> Any:
    """A property of `Changeable`: a text that is told under a key, and sent under another name."""
    return property(lambda self: self._data.get(key) or "", lambda self, it: self._change(key, it, sent, it), doc=what)


class Changeable:
    """What projects and resources have in common: properties that can be assigned, which `update()` sends."""

    def __init__(self, told: Any) -> None:
        self._told = told
        self._data: dict[str, Any] = told.to_dict()
        self._changed: dict[str, Any] = {}

    def _change(self, key: str, told: Any, name: str, sent: Any) -> None:
        self._data[key] = told
        self._changed[name] = sent

    id = text("id", "Its id.")
    pid = text("pid", "Its persistent identifier.")
    name = settable("name", "name", "The full name.")
    display_name = settable("displayName", "display_name", "The short name that people read.")
    description = settable("description", "description", "What it is about.")

    @property
    def keywords(self) -> list[str]:
        """What it is found by."""
        return list(self._data.get("keywords") or [])

    @keywords.setter
    def keywords(self, value: list[str]) -> None:
        self._change("keywords", list(value), "keywords", list(value))

    @property
    def disciplines(self) -> list[Discipline]:
        """The scientific disciplines."""
        return named(Discipline, self._data.get("disciplines") or [])

    @disciplines.setter
    def disciplines(self, value: list[Discipline]) -> None:
        self._change("disciplines", [it.serialize() for it in value], "disciplines", [it.id for it in value])

    @property
    def visibility(self) -> Visibility:
        """Who sees it."""
        return Visibility(self._data.get("visibility") or {})

    @visibility.setter
    def visibility(self, value: Visibility) -> None:
        self._change("visibility", value.serialize(), "visibility", value.id)

    @property
    def creator(self) -> str:
        """The id of the user who made it."""
        return str((self._data.get("creator") or {}).get("id") or "")

    def match(self, attribute: Any, key: object) -> bool:
        """Whether a property, as `Project.name`, has this value."""
        return matches(self, attribute, key)

    def update(self) -> None:
        """Sends what was assigned; all else stays as the service has it."""
        if not self._changed:
            return
        with asking:
            self._told = self._told.update(**self._changed)
        self._data, self._changed = self._told.to_dict(), {}

    def delete(self) -> None:
        """Deletes it, with all that is in it."""
        with asking:
            self._told.delete()

"""What services tell, as objects; and lists of it that are read as they are needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, ClassVar, Generic, TypeVar

from ._native import Cursor, List

R = TypeVar("R", bound="Record")


class Record(Mapping[str, Any]):
    """What a service told of one thing.

    A mapping of what was told, under the service's own names; and the same as attributes in Python's way of writing:
    `it["displayName"]` is `it.display_name`. Attributes that are declared are `None` where nothing was told, and times are
    `datetime`s. Nothing is asked of a server by looking at one.
    """

    __slots__ = ("_told",)

    #: What `repr` shows.
    _shown: ClassVar[tuple[str, ...]] = ()
    #: Which attributes are times.
    _times: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, told: Mapping[str, Any]) -> None:
        self._told = told

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        for name, kind in cls.__dict__.get("__annotations__", {}).items():
            if not name.startswith("_") and name not in cls.__dict__:
                is_time = "datetime" in str(kind)
                setattr(cls, name, _attribute(name, is_time))
                cls._times |= {name} if is_time else set()

    def __getitem__(self, name: str) -> Any:
        return self._told[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._told)

    def __len__(self) -> int:
        return len(self._told)

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_"):
            key = _key(self._told, name)
            if key is not None:
                return self._told[key]
        # By these two, Python looks for what was meant.
        raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}", name=name, obj=self)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *map(_snake, self._told)})

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and dict(self) == dict(other)

    def __hash__(self) -> int:
        # By what can be hashed: equal ones need not have been told in the same order.
        plain = (it for it in self._told.items() if isinstance(it[1], (str, int, float, type(None))))
        return hash((type(self), frozenset(plain)))

    def __reduce__(self) -> Any:
        return (type(self), (self._told,))

    def __repr__(self) -> str:
        if not self._shown:
            return f"{type(self).__name__}({dict(self)!r})"
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._shown)
        return f"{type(self).__name__}({shown})"

    def to_dict(self) -> dict[str, Any]:
        """All that was told, in plain dicts and lists, under the service's own names."""
        return dict(self._told)

    def _row(self) -> dict[str, Any]:
        """The same as a row of a table: times are times."""
        times = {key: getattr(self, name) for name in self._times if (key := _key(self._told, name)) is not None}
        return {**self._told, **times}

    def _repr_html_(self) -> str | None:
        rows = "".join(f"<tr><th>{_cell(name)}</th><td>{_cell(value)}</td></tr>" for name, value in self._row().items())
        return f"<table><caption>{_cell(type(self).__name__)}</caption>{rows}</table>"


def _attribute(name: str, is_time: bool) -> property:
    def read(self: Record) -> Any:
        key = _key(self._told, name)
        value = None if key is None else self._told[key]
        return _time(value) if is_time else value

    return property(read)


def _key(told: Mapping[str, Any], name: str) -> str | None:
    """The service's name of an attribute."""
    if name in told:
        return name
    first, *rest = name.split("_")
    camel = first + "".join(word.capitalize() for word in rest)
    return camel if camel in told else None


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def _time(told: Any) -> Any:
    """A time in RFC 3339, with up to nanoseconds, or in seconds since 1970, as a `datetime`."""
    if isinstance(told, (int, float)) and not isinstance(told, bool):
        try:
            return _EPOCH + timedelta(seconds=told)
        except (OverflowError, ValueError):
            return None
    if not isinstance(told, str):
        return None
    text = told.replace("Z", "+00:00").replace("z", "+00:00")
    head, dot, tail = text.partition(".")
    if dot:
        digits = len(tail) - len(tail.lstrip("0123456789"))
        text = f"{head}.{tail[:digits][:6]:0<6}{tail[digits:]}"
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


_WRITTEN = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#x27;"))


def _cell(value: Any, most: int | None = 200) -> str:
    """Any value in a cell of HTML; what came from elsewhere stays text, and a short one."""
    text = str(value)
    text = text if most is None or len(text) <= most else text[:most] + "..."
    text = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)
    # As `html.escape`, which costs 10 ms to import.
    for sign, written in _WRITTEN:
        text = text.replace(sign, written)
    return text


class Table(Generic[R]):
    """Records that can become a table."""

    def _rows(self) -> list[R]:
        raise NotImplementedError

    def to_dicts(self) -> list[dict[str, Any]]:
        """All of them as plain dicts."""
        return [row.to_dict() for row in self._rows()]

    def to_pandas(self) -> Any:
        """All of them as a `pandas.DataFrame`, if pandas is installed."""
        try:
            import pandas
        except ImportError as e:
            raise ImportError("to_pandas() needs pandas: pip install 'whimbrel[pandas]'") from e
        return pandas.DataFrame.from_records([row._row() for row in self._rows()])

    def to_arrow(self) -> Any:
        """All of them as a `pyarrow.Table`, if pyarrow is installed."""
        try:
            import pyarrow
        except ImportError as e:
            raise ImportError("to_arrow() needs pyarrow: pip install 'whimbrel[arrow]'") from e
        return pyarrow.Table.from_pylist([row._row() for row in self._rows()])

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self.to_arrow().__arrow_c_stream__(requested_schema)


class Records(list[R], Table[R]):
    """A list of records, all of it here."""

    def all(self) -> Records[R]:
        """Itself, as of a `Listing`."""
        return self

    def first(self) -> R | None:
        """The first one, if there is one."""
        return self[0] if self else None

    def _rows(self) -> list[R]:
        return self

    def _repr_html_(self) -> str:
        return table(self, None)


class Listing(Table[R]):
    """A list of a server's, read a page at a time while one goes through it, and anew each time.

    Going through it twice asks twice: `all()` keeps it, and is a list: `all()[:3]`. In a notebook it shows its first page.
    """

    def __init__(self, native: List, item: Callable[[Any], R]) -> None:
        self._native = native
        self._item = item
        #: A cursor, what it gave first, and how many there are in all: for who asks how many, and then for the items.
        self._begun: tuple[Cursor, list[Any], int | None] | None = None

    def _begin(self) -> tuple[Cursor, list[Any], int | None]:
        cursor = self._native.cursor()
        items: list[Any] = []
        total: int | None = 0
        # A page of a list that changes may be empty and have others behind it.
        while not items and (batch := cursor.next().wait(None)) is not None:
            items, total = batch
        return cursor, items, total

    def __iter__(self) -> Iterator[R]:
        begun, self._begun = self._begun or self._begin(), None
        cursor, batch, _ = begun
        while True:
            for told in batch:
                yield self._item(told)
            more = cursor.next().wait(None)
            if more is None:
                return
            batch, _ = more

    def __len__(self) -> int:
        if self._begun is None:
            self._begun = self._begin()
        total = self._begun[2]
        if total is None:
            raise TypeError("the server does not tell how many there are: len(listing.all()) reads them")
        return total

    def __bool__(self) -> bool:
        return self.first() is not None

    def first(self) -> R | None:
        """The first one, if there is one."""
        if self._begun is None:
            self._begun = self._begin()
        batch = self._begun[1]
        return self._item(batch[0]) if batch else None

    def all(self) -> Records[R]:
        """All of them, at once."""
        return Records(self)

    def _rows(self) -> list[R]:
        return self.all()

    def __repr__(self) -> str:
        # Nothing is asked for a look at it: debuggers look often.
        return f"<{type(self).__name__}, not read yet: go through it, or .all()>"

    def _repr_html_(self) -> str:
        # What was read to count it is shown; what is read to be shown is not kept, as it may be old when it is gone through.
        _, told, total = self._begun or self._begin()
        shown = table([self._item(it) for it in told], total)
        return shown if total is not None else f"{shown}<p>This is the first page; .all() has all.</p>"


def table(rows: list[Any], total: int | None) -> str:
    """The first of them as a table of HTML."""
    shown = [row._row() for row in rows[:50]]
    names = list(dict.fromkeys(name for row in shown for name in row))
    head = "".join(f"<th>{_cell(name)}</th>" for name in names)
    body = "".join("<tr>" + "".join(f"<td>{_cell(row.get(name, ''))}</td>" for name in names) + "</tr>" for row in shown)
    more = (total or len(rows)) - len(shown)
    foot = f"<p>and {more} more</p>" if more > 0 else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{foot}"

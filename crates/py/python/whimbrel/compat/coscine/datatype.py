"""XML Schema's types as Python's: what fields take, and how values are written."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Union

from ..._record import _time

__all__ = ["XSD_TYPES", "FormType", "xsd_to_python"]

#: What a field takes.
FormType = Union[bool, date, datetime, Decimal, int, float, str, time, timedelta]

_XSD = "http://www.w3.org/2001/XMLSchema#"

_NAMES: dict[type, str] = {
    str: "any anyURI anyType ENTITIES ENTITY ID IDREF IDREFS language Name NCName NMTOKEN NMTOKENS normalizedString QName"
    " string token",
    int: "byte int integer long short unsignedShort unsignedByte unsignedLong unsignedInt negativeInteger"
    " nonNegativeInteger nonPositiveInteger positiveInteger",
    float: "double float",
    Decimal: "decimal",
    bool: "boolean",
    date: "date",
    datetime: "dateTime gDay gMonth gMonthDay gYear gYearMonth",
    time: "time",
    timedelta: "duration",
}

#: Python's type for each of XML Schema's, by its name.
XSD_TYPES: dict[str, type] = {name: kind for kind, names in _NAMES.items() for name in names.split()}

#: Parts of a date as XML Schema writes them.
_PARTS = {"gYear": "%Y", "gYearMonth": "%Y-%m", "gMonth": "--%m", "gMonthDay": "--%m-%d", "gDay": "---%d"}

_DURATION = re.compile(r"(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$")


def xsd_to_python(xmltype: str) -> type:
    """The type for the IRI of one of XML Schema's; text for any other."""
    if not xmltype.startswith(_XSD):
        return str
    try:
        return XSD_TYPES[xmltype[len(_XSD) :]]
    except KeyError:
        raise ValueError(f"there is no type in Python for {xmltype}") from None


def written(value: Any, xmltype: str | None) -> Any:
    """A value as XML Schema writes it, where that is not what whimbrel does by itself."""
    part = _PARTS.get((xmltype or "")[len(_XSD) :])
    if part and isinstance(value, date):
        return value.strftime(part)
    if isinstance(value, timedelta):
        sign, value = ("-", -value) if value < timedelta() else ("", value)
        fraction = f".{value.microseconds:06d}" if value.microseconds else ""
        return f"{sign}P{value.days}DT{value.seconds}{fraction}S"
    return value


def read(value: str, xmltype: str | None) -> Any:
    """A value of what is written; the text itself, if it is not written as its type says."""
    try:
        return _read(value, xmltype or "")
    except (ValueError, InvalidOperation):
        return value


def _read(value: str, xmltype: str) -> Any:
    kind = xsd_to_python(xmltype)
    if part := _PARTS.get(xmltype[len(_XSD) :]):
        return datetime.strptime(value, part)
    if kind is bool:
        return value.strip() in ("true", "1", "True")
    if kind is date:
        return date.fromisoformat(value[:10])
    if kind is datetime:
        return _time(value) or value
    if kind is time:
        return time.fromisoformat(value.replace("Z", "+00:00"))
    if kind is timedelta:
        return _duration(value)
    return kind(value)


def _duration(value: str) -> Any:
    told = _DURATION.match(value)
    if told is None or value[-1] in "PT":
        return value  # Years and months are no lengths of time.
    sign, days, hours, minutes, seconds = told.groups()
    length = timedelta(int(days or 0), float(seconds or 0), hours=int(hours or 0), minutes=int(minutes or 0))
    return -length if sign else length

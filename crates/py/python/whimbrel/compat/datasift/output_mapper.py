"""Moments and prices in what the service tells, made what Python has for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any


class OutputMapper:
    """Makes moments of what is found under their names, at any depth, and a number of `dpu`.

    A moment is a `datetime` in UTC that knows its zone, whichever of the service's four forms it came in; one without a zone
    is one in UTC. With `date_strings` it is that datetime's text. What can't be read stays as it is.

    >>> OutputMapper(False).date("1425571635")
    datetime.datetime(2015, 3, 5, 16, 7, 15, tzinfo=datetime.timezone.utc)
    >>> OutputMapper(True).date("Mon, 07 Sep 2015 09:52:38 +0000")
    '2015-09-07 09:52:38+00:00'
    """

    def __init__(self, date_strings: bool = False) -> None:
        self.date_strings = date_strings
        dates = ("created_at", "start", "end", "request_time", "last_success", "updated_at", "reset_at")
        self.output_map: dict[str, Callable[[Any], Any]] = {**dict.fromkeys(dates, self.date), "dpu": self.float_handler}

    def float_handler(self, d: Any) -> Any:
        """A price as a float. The service gives `None` for one that it does not know yet."""
        try:
            return float(d)
        except (TypeError, ValueError):
            return d

    def date(self, d: Any) -> Any:
        """A moment, or several."""
        if isinstance(d, list):
            return [self.date(it) for it in d]
        moment = self.moment(d)
        return d if moment is None else str(moment) if self.date_strings else moment

    def moment(self, d: Any) -> datetime | None:
        """A moment, if it is one."""
        try:
            return _moment(d)
        except (ValueError, OverflowError, OSError, IndexError, TypeError):
            # What is no moment for Python's calendar, or not a moment at all: people call things `start`, too.
            return None

    def outputmap(self, data: Any) -> None:
        """Does so in place, at all depths."""
        waiting = [data]
        while waiting:
            it = waiting.pop()
            if isinstance(it, list):
                waiting += it
            elif isinstance(it, dict):
                for name in self.output_map.keys() & it.keys():
                    it[name] = self.output_map[name](it[name])
                waiting += it.values()


def _moment(d: Any) -> datetime | None:
    if isinstance(d, bool):
        return None
    if isinstance(d, int):
        return datetime.fromtimestamp(d, timezone.utc)
    if not isinstance(d, str):
        return None
    if d.isdecimal():
        return datetime.fromtimestamp(int(d), timezone.utc)
    if d[:4].isdecimal():
        moment = datetime.fromisoformat(f"{d[:-1]}+00:00" if d.endswith("Z") else d)
    else:
        # As in e-mail; dear to load, and seldom.
        from email.utils import parsedate_to_datetime

        moment = parsedate_to_datetime(d)
    return moment.replace(tzinfo=timezone.utc) if moment.tzinfo is None else moment.astimezone(timezone.utc)

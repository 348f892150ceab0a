"""Results: dicts and lists that know the answer they came in."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ._answer import Answer, Headers
from .exceptions import AuthException, DataSiftApiException, DataSiftApiFailure, DataSiftException, RateLimitException
from .output_mapper import OutputMapper


class DataSiftResponse:
    """A result: what the service told, with moments and prices made what Python has for them."""

    def __init__(self, response: Answer, data: Any, read: Callable[[Answer], Any] = Answer.json) -> None:
        self._response = response
        self._read = read
        if isinstance(self, dict):
            self.update(data)
        elif isinstance(self, list):
            self.extend(data)

    @property
    def raw(self) -> Any:
        """What the service told, as it came. It is read anew each time, so that it is nobody's but yours."""
        return {} if self.status_code == 204 else self._read(self._response)

    @property
    def status_code(self) -> int:
        """The status of the answer."""
        return self._response.status_code

    @property
    def headers(self) -> Headers:
        """The headers of the answer; their names in any case of letters."""
        return Headers(self._response.headers)

    @property
    def ratelimits(self) -> dict[str, int]:
        """What the answer tells of credits: `limit`, `remaining`, `cost`, `reset` (a moment, in seconds since 1970) and
        `reset-ttl` (how many seconds until then). The host of ingestion tells of bytes and of requests: `data-limit`,
        `request-limit` and so on."""
        told: dict[str, int] = {}
        for name, value in self._response.headers.items():
            for start in ("x-ratelimit-", "x-ingestion-"):
                if name.startswith(start) and value.strip().isdecimal():
                    told[name.removeprefix(start).replace("ratelimit-", "")] = int(value)
        for start in ("", "data-", "request-"):
            # The host of ingestion has the two exchanged; the moment is the larger one.
            reset, ttl = told.get(f"{start}reset"), told.get(f"{start}reset-ttl")
            if reset is not None and ttl is not None and reset < ttl:
                told[f"{start}reset"], told[f"{start}reset-ttl"] = ttl, reset
        return told


class ListResponse(DataSiftResponse, list[Any]):
    """A list that knows its answer."""


class DictResponse(DataSiftResponse, dict[str, Any]):
    """A dict that knows its answer."""


def read_queue(answer: Answer) -> Any:
    """What is pulled: a list, an envelope, or an interaction a line."""
    if answer.headers.get("X-DataSift-Format") in ("json_meta", "json_array"):
        return answer.json()
    return [json.loads(line) for line in answer.content.split(b"\n") if line.strip()]


def built(answer: Answer, mapper: OutputMapper, read: Callable[[Answer], Any] = Answer.json) -> Any:
    """The result that an answer holds; an error, if it tells of one."""
    if answer.status_code == 204:
        return DictResponse(answer, {}, read)
    try:
        data = read(answer)
    except (ValueError, RecursionError) as error:
        told = f"The answer ({answer.status_code}) can't be read as JSON: {error}"
        raise DataSiftApiFailure(told) from (answer.error or error)
    if isinstance(data, dict) and "error" in data and not (answer.ok and data["error"] is None):
        raise _refused(DictResponse(answer, data, read)) from answer.error
    answer.raise_for_status()
    if not isinstance(data, (dict, list)):
        raise DataSiftApiFailure(f"The answer ({answer.status_code}) is neither an object nor a list: {data!r}")
    mapper.outputmap(data)
    return (DictResponse if isinstance(data, dict) else ListResponse)(answer, data, read)


def _refused(response: DictResponse) -> DataSiftException:
    if response.status_code == 401:
        return AuthException(dict(response))
    left = response.ratelimits
    if response.status_code in (403, 429) and "cost" in left and left["cost"] > left.get("remaining", left["cost"]):
        return RateLimitException(response)
    return DataSiftApiException(response)

"""What keeps a call from being answered, by the names that users of the old package catch."""

from __future__ import annotations

import json
import math
import time

from ... import errors
from ._answer import Answer, also_of_requests
from ._response import DictResponse
from .exceptions import AuthException, RateLimitException


def unanswered(error: errors.Error) -> Exception:
    """The error to raise; it has whimbrel's as its cause, or is it."""
    told: Exception
    if isinstance(error, errors.AuthenticationError):
        told = AuthException({"error": str(error)})
    elif isinstance(error, errors.RateLimitedError):
        told = RateLimitException(_refused_here(error))
    elif isinstance(error, (errors.TimeoutError, errors.UnavailableError)):
        name = "Timeout" if isinstance(error, errors.TimeoutError) else "ConnectionError"
        kind = also_of_requests(type(error), name)
        if kind is type(error):
            return error
        told = kind(*error.args)
        told.__dict__.update(error.__dict__)
    else:
        return error
    told.__cause__ = error
    return told


def _refused_here(error: errors.Error) -> DictResponse:
    """The answer that the service would have given, had a call been sent that is known to cost more than is left."""
    seconds = math.ceil(error.retry_after or 0)
    headers = {"x-ratelimit-reset-ttl": str(seconds), "x-ratelimit-reset": str(math.ceil(time.time()) + seconds)}
    told = {"error": str(error)}
    return DictResponse(Answer(429, headers if seconds else {}, json.dumps(told).encode(), error), told)

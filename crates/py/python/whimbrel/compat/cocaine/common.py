"""`cocaine.common`: numbers of errors."""

from __future__ import annotations

__all__ = ["CocaineErrno", "ErrorCategory"]


class CocaineErrno:
    """Codes of errors that apps and clients make."""

    EUNCAUGHTEXCEPTION = 100
    ENOHANDLER = 200
    EBADSOURCE = 210
    EINVFAILED = 212
    ESRVDISCON = 220
    INVALIDAPIVERSION = 230
    INVALIDMESSAGETYPE = 240


class ErrorCategory:
    """Categories of errors."""

    CFRAMEWORKCATEGORY = 42

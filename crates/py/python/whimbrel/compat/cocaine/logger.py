"""`cocaine.logger`: messages to the runtime's log."""

from __future__ import annotations

import logging
import sys
from typing import Any

from . import _end
from ._errors import named
from ._pending import begin
from .services import Endpoints, Service

__all__ = ["CocaineHandler", "Logger", "LoggerWithExtraInRecord"]

DEBUG_LEVEL, INFO_LEVEL, WARNING_LEVEL, ERROR_LEVEL = range(4)

#: Where messages go that could not be sent.
fallback_logger = logging.getLogger("fallback")

_PLAIN = (str, int, float, bool)


def _option(name: str) -> str | None:
    return sys.argv[sys.argv.index(name) + 1] if name in sys.argv[:-1] else None


class Logger:
    """Messages are sent in order, in the background; one that can't be is logged by the logger `fallback`."""

    def __init__(self, endpoints: Endpoints | None = None, io_loop: Any = None) -> None:
        self._service = Service("logging", endpoints)
        self.target = _option("--app") or "app/standalone"
        self.verbosity = DEBUG_LEVEL
        uuid = _option("--uuid")
        self._attributes = [] if uuid is None else [("uuid", uuid)]

    def emit(self, level: int, message: Any, *args: Any, extra: dict[str, Any] | None = None, **_: Any) -> None:
        """Sends a message; arguments are put in as by `logging`, and `extra` are its attributes."""
        text = str(message)
        if args:
            try:
                text %= args[0] if len(args) == 1 and isinstance(args[0], dict) else args
            except (TypeError, ValueError, KeyError):
                level, text = ERROR_LEVEL, f"unformatted: {message} {args}"
        attributes = [(str(name), it if isinstance(it, _PLAIN) else str(it)) for name, it in (extra or {}).items()]
        attributes += self._attributes
        told = (level, self.target, text, *([attributes] if attributes else []))
        try:
            sent = begin(self._service._native.call("emit", told, [], None), lambda _: None, self._named)
        except Exception as e:
            self._instead(level, text, e)
            return
        sent.add_done_callback(lambda sent: self._sent(sent, level, text))
        _end.left(sent, f"logging.emit of {text!r}")

    def _named(self, error: BaseException) -> BaseException:
        return named(error, "logging", "emit")

    def _sent(self, sent: Any, level: int, text: str) -> None:
        if sent.cancelled():
            return
        error = sent.exception()
        if error is not None:
            self._instead(level, text, error)

    def _instead(self, level: int, text: str, error: BaseException) -> None:
        of_logging = (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR)[min(max(level, 0), 3)]
        fallback_logger.log(of_logging, "%s %s (not sent: %s)", self.target, text, error)

    def enable_for(self, level: int) -> bool:
        """Whether messages of this level are sent."""
        return self.verbosity <= level

    def debug(self, message: Any, *args: Any, **more: Any) -> None:
        """For who looks for a mistake."""
        if self.enable_for(DEBUG_LEVEL):
            self.emit(DEBUG_LEVEL, message, *args, **more)

    def info(self, message: Any, *args: Any, **more: Any) -> None:
        """As it should be."""
        if self.enable_for(INFO_LEVEL):
            self.emit(INFO_LEVEL, message, *args, **more)

    def warning(self, message: Any, *args: Any, **more: Any) -> None:
        """Not as it should be."""
        if self.enable_for(WARNING_LEVEL):
            self.emit(WARNING_LEVEL, message, *args, **more)

    warn = warning

    def error(self, message: Any, *args: Any, **more: Any) -> None:
        """A failure."""
        if self.enable_for(ERROR_LEVEL):
            self.emit(ERROR_LEVEL, message, *args, **more)


class CocaineHandler(logging.Handler):
    """Sends what is logged by `logging`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()
        self._logger = Logger(*args, **kwargs)

    def emit(self, record: logging.LogRecord) -> None:
        """Sends a record."""
        of_logging = (logging.INFO, logging.WARNING, logging.ERROR)
        level = sum(record.levelno >= it for it in of_logging)
        if self._logger.enable_for(level):
            # A sign of per cent in it is one.
            self._logger.emit(level, self.format(record), extra=getattr(record, "extra", {}))


class LoggerWithExtraInRecord(logging.Logger):
    """A logger whose records keep what they are given as `extra`."""

    def makeRecord(self, name: str, level: int, fn: str, lno: int, msg: object, *more: Any, **told: Any) -> Any:
        """A record with its attribute `extra`."""
        record = super().makeRecord(name, level, fn, lno, msg, *more, **told)
        extra = told.get("extra", more[3] if len(more) > 3 else None)
        if extra is not None:
            record.__dict__["extra"] = extra
        return record

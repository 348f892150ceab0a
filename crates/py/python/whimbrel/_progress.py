"""How far a transfer is, for people and for programs."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any, TextIO, Union

#: What users give: a function of the bytes moved and the bytes in all; yes or no; nothing for "if somebody looks".
Progress = Union[bool, Callable[[int, int], object], None]

Tell = Callable[["tuple[int, int]", "tuple[int, int]", bool], None]


def teller(progress: Progress, what: str) -> Tell | None:
    """Who is told of a transfer; nobody if nobody looks."""
    if callable(progress):
        return _ByFunction(progress)
    if progress is False:
        return None
    if _in_notebook():
        return _InNotebook(what)
    out = sys.stderr
    # A program without a terminal may have none, or have closed it.
    if out is not None and not getattr(out, "closed", False) and (progress or out.isatty()):
        return _OnTerminal(what, out)
    return None


class _ByFunction:
    def __init__(self, tell: Callable[[int, int], object]) -> None:
        self._tell = tell

    def __call__(self, moved: tuple[int, int], files: tuple[int, int], is_over: bool) -> None:
        self._tell(*moved)


class _OnTerminal:
    """One line, written over until the transfer is over, and then taken away."""

    def __init__(self, what: str, out: TextIO) -> None:
        self._what = "".join(c if c.isprintable() else "?" for c in what)
        self._out = out
        self._begun = time.monotonic()
        self._width = 0

    def __call__(self, moved: tuple[int, int], files: tuple[int, int], is_over: bool) -> None:
        line = "" if is_over else line_of(self._what, moved, files, time.monotonic() - self._begun)
        self._out.write(f"\r{line:<{self._width}}" + ("\r" if is_over else ""))
        self._out.flush()
        self._width = len(line)


class _InNotebook:
    """An output of its own, which is the last state in the end."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._begun = time.monotonic()
        self._shown: Any = None

    def __call__(self, moved: tuple[int, int], files: tuple[int, int], is_over: bool) -> None:
        from IPython.display import display

        line = {"text/plain": line_of(self._what, moved, files, time.monotonic() - self._begun)}
        if self._shown is None:
            self._shown = display(line, raw=True, display_id=True)
        else:
            self._shown.update(line, raw=True)


def line_of(what: str, moved: tuple[int, int], files: tuple[int, int], seconds: float) -> str:
    """A transfer in one line."""
    done, total = moved
    share = f"{done * 100 // total:3d} %" if total else "     "
    rate = size(done / seconds) + "/s" if seconds > 0 else ""
    several = f", {files[0]}/{files[1]} files" if files[1] > 1 else ""
    return f"{what}: {share} {size(done)} of {size(total)}, {rate}{several}"


def size(bytes_: float) -> str:
    """A number of bytes for people."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if bytes_ < 1024:
            return f"{bytes_:.0f} {unit}" if unit == "B" else f"{bytes_:.1f} {unit}"
        bytes_ /= 1024
    return f"{bytes_:.1f} TiB"


def _in_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and type(shell).__name__ == "ZMQInteractiveShell"

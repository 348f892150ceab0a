"""Tables for people who print things."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from textwrap import wrap
from typing import Any


def table(rows: Iterable[Sequence[Any]], head: Sequence[str] = ()) -> str:
    """Columns between two lines; a cell may have several lines. What is no character to be seen is written as its code."""
    cells = [[[_plain(line) for line in str(cell).split("\n")] for cell in row] for row in rows]
    titles = [[[title] for title in head]] if head else []
    width = [max(len(line) for cell in column for line in cell) for column in zip(*titles, *cells)]
    rule = "  ".join("-" * it for it in width)

    def lines(row: list[list[str]]) -> Iterable[str]:
        for n in range(max(map(len, row))):
            texts = (cell[n] if n < len(cell) else "" for cell in row)
            yield "  ".join(f"{text:<{it}}" for text, it in zip(texts, width)).rstrip()

    body = [line for row in cells for line in lines(row)]
    return "\n".join([*(line for row in titles for line in lines(row)), rule, *body, rule])


def wrapped(text: str) -> str:
    """A long text in lines."""
    return "\n".join(wrap(text))


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)

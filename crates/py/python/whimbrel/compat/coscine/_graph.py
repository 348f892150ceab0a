"""rdflib, for who has it."""

from __future__ import annotations

from typing import Any


def rdflib() -> Any:
    """The package, or an error that says how to get it."""
    try:
        import rdflib
    except ImportError as e:
        message = "graphs as objects need rdflib: pip install 'whimbrel[graph]'; the Turtle itself is there without"
        raise ImportError(message) from e
    return rdflib


def graph(turtle: str) -> Any:
    """Turtle as an `rdflib.Graph`."""
    return rdflib().Graph().parse(data=turtle, format="turtle")

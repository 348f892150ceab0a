"""Vocabularies: names for IRIs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ._graph import rdflib
from .common import Told, text

__all__ = ["Instance", "Vocabulary"]


class Instance(Told):
    """A term of a vocabulary."""

    graph_uri = text("graphUri", "The IRI of the vocabulary's document.")
    instance_uri = text("instanceUri", "Its IRI.")
    type_uri = text("typeUri", "The IRI of the class that it is of.")
    subclass_of = text("subClassOfUri", "The IRI of the term that it is below of.")
    name = text("displayName", "Its name, in the language that was asked for.")


class Vocabulary:
    """The terms of a class: a mapping from their names to their IRIs."""

    def __init__(self, data: list[Instance]) -> None:
        self._data = data
        # Of several terms with one name the first counts.
        self._iris = {str(it.name): str(it.instance_uri) for it in reversed(data)}
        self._names = {str(it.instance_uri): str(it.name) for it in reversed(data)}

    def __str__(self) -> str:
        return "\n".join(self.keys())

    def __contains__(self, key: object) -> bool:
        return key in self._iris

    def __getitem__(self, key: str) -> str:
        try:
            return self._iris[key]
        except KeyError:
            raise KeyError(f"the vocabulary has no term {key!r}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self._data)

    def keys(self) -> list[str]:
        """The names of all terms, in the service's order."""
        return [str(it.name) for it in self._data]

    def resolve(self, value: str) -> str:
        """The name of the term of this IRI; `KeyError` if there is none."""
        try:
            return self._names[value]
        except KeyError:
            raise KeyError(f"the vocabulary has no term with the IRI {value!r}") from None

    def graph(self) -> Any:
        """The terms with their classes and names, as an `rdflib.Graph`."""
        package = rdflib()
        graph = package.Graph()
        for it in self._data:
            term = package.URIRef(it.instance_uri)
            graph.add((term, package.RDFS.label, package.Literal(it.name)))
            if it.type_uri:
                graph.add((term, package.RDF.type, package.URIRef(it.type_uri)))
            if it.subclass_of:
                graph.add((term, package.RDFS.subClassOf, package.URIRef(it.subclass_of)))
        return graph

"""Application profiles: which metadata files have."""

from __future__ import annotations

from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any

from ._graph import graph
from .common import Told, text
from .exceptions import asking

if TYPE_CHECKING:
    from ... import coscine
    from .client import ApiClient
    from .form import FormField

__all__ = ["ApplicationProfile", "ApplicationProfileInfo"]


class ApplicationProfileInfo(Told):
    """What a list tells of an application profile."""

    uri = text("uri", "Its IRI.")
    name = text("displayName", "Its name.")
    description = text("description", "What it is for.")


class ApplicationProfile(ApplicationProfileInfo):
    """An application profile. The fields are whimbrel's; the definition is asked for when it is looked at."""

    #: rdflib's SPARQL is not made for threads.
    lock = Lock()

    def __init__(self, client: ApiClient, form: coscine.Form) -> None:
        labels = form.labels
        name = labels.get(client.language) or labels.get("en") or next(iter(labels.values()), "")
        super().__init__({"uri": form.uri, "displayName": name})
        self.client = client
        self._form = form

    def __str__(self) -> str:
        return self.definition

    @property
    def definition(self) -> str:
        """The profile in Turtle, without what it inherits."""
        with asking:
            return self.client._client.application_profile_document(self.uri)

    @cached_property
    def graph(self) -> Any:
        """The profile and all that it inherits, as an `rdflib.Graph`."""
        whole = graph(self.definition)
        for uri in sorted({it.inherited_from for it in self._form.fields if it.inherited_from} - {self.uri}):
            with asking:
                whole += graph(self.client._client.application_profile_document(uri))
        whole.bind("sh", "http://www.w3.org/ns/shacl#")
        whole.bind("dcterms", "http://purl.org/dc/terms/")
        return whole

    @property
    def target_class(self) -> str:
        """The class that metadata are of; the profile's IRI, where it names none."""
        return self._form.target_class or str(self.uri)

    def fields(self) -> list[FormField]:
        """Its fields and those that it inherits, in their order."""
        from .form import FormField

        return [FormField(self.client, it) for it in self._form.fields]

    def query(self, query: str, **kwargs: Any) -> list[list[Any]]:
        """The rows that a query in SPARQL finds in `graph`, as Python's values."""
        with self.lock:
            rows = self.graph.query(query, **kwargs)
            return [[None if it is None else it.toPython() for it in row] for row in rows]

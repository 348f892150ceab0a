"""Where datasets come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._handle import Handle
from .._native import draw

if TYPE_CHECKING:
    from ._submit import SubmitGraph
    from .dataset import Dataset


class Graph(Handle):
    """The datasets from which one was derived, those derived from it, and so on: all that are connected with it.

    In a notebook it is its drawing. `networkx.DiGraph(graph.edges)` makes a graph of networkx of it.

    >>> from whimbrel import dserver
    >>> dataset = dserver.Client().search("uuid:00000004-0000-4000-8000-000000000004").first()
    >>> graph = dataset.graph()
    >>> graph.derived_from(dataset.uuid)
    ['00000001-0000-4000-8000-000000000001']
    >>> graph.nodes[graph.derivatives(dataset.uuid)[0]].name
    'tribology-run-07'
    """

    __slots__ = ()

    if TYPE_CHECKING:

        @property
        def submit(self) -> SubmitGraph: ...

    #: The UUID of the dataset that was asked for.
    root: str

    @property
    def nodes(self) -> dict[str, Dataset | None]:
        """Each dataset by its UUID; `None` for one that others name and that is not registered, or not for this user."""
        from .dataset import Dataset

        told = ((uuid, node["dataset"]) for uuid, node in self["nodes"].items())
        return {uuid: None if it is None else Dataset(it, self._client) for uuid, it in told}

    @property
    def edges(self) -> list[tuple[str, str]]:
        """Pairs of UUIDs: a dataset, and one that it was derived from."""
        return [(uuid, source) for uuid, node in self["nodes"].items() for source in node["derived_from"]]

    def derived_from(self, uuid: str) -> list[str]:
        """The UUIDs of the datasets from which this one was derived."""
        return list(self["nodes"][uuid]["derived_from"])

    def derivatives(self, uuid: str) -> list[str]:
        """The UUIDs of the datasets that were derived from this one."""
        return [derived for derived, source in self.edges if source == uuid]

    def to_svg(self) -> str:
        """The drawing as a picture."""
        return draw(self.to_dict(), "svg")

    def to_html(self) -> str:
        """The drawing as a page of its own, in which the datasets' details are shown."""
        return draw(self.to_dict(), "html")

    def to_dot(self) -> str:
        """The graph for Graphviz."""
        return draw(self.to_dict(), "dot")

    def to_mermaid(self) -> str:
        """The graph for Mermaid, which Markdown shows in many places."""
        return draw(self.to_dict(), "mermaid")

    def to_tree(self) -> str:
        """The graph as indented lines of text."""
        return draw(self.to_dict(), "tree")

    def __repr__(self) -> str:
        return f"<Graph of {self.root!r}: {len(self['nodes'])} datasets>"

    def __str__(self) -> str:
        return self.to_tree()

    def _repr_svg_(self) -> str:
        return self.to_svg()

    def _repr_html_(self) -> str | None:
        # The picture says more than a table.
        return None

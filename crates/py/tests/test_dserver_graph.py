"""Where datasets come from, as data and as drawings."""

from __future__ import annotations

import asyncio
import xml.etree.ElementTree as ElementTree

import pytest
from services import Sandbox

from whimbrel import aio, dserver, errors


def uuid(i: int) -> str:
    return f"{i:08x}-0000-4000-8000-{i:012x}"


@pytest.fixture
def graph(sandbox: Sandbox) -> dserver.Graph:
    return dserver.Client(cache="off").graph(uuid(4))


def test_a_graph_is_its_datasets_and_what_they_were_derived_from(graph: dserver.Graph) -> None:
    chain = [uuid(i) for i in range(1, 20, 3)]
    assert graph.root == uuid(4) and sorted(graph.nodes) == chain
    assert sorted(graph.edges) == list(zip(chain[1:], chain))
    assert graph.derived_from(uuid(4)) == [uuid(1)] and graph.derivatives(uuid(4)) == [uuid(7)]
    seven = graph.nodes[uuid(7)]
    assert seven is not None and seven.readme().yaml()["derived_from"][0]["uuid"] == uuid(4)


def test_it_is_drawn_in_each_form_and_shown_in_notebooks(graph: dserver.Graph) -> None:
    picture = ElementTree.fromstring(graph._repr_svg_())
    assert picture.tag == "{http://www.w3.org/2000/svg}svg"
    assert graph._repr_html_() is None, "the picture is shown, and no table"
    assert graph.to_html().startswith("<!doctype html>") and "tribology-run-07" in graph.to_html()
    assert graph.to_dot().startswith("digraph") and "flowchart" in graph.to_mermaid()
    assert str(graph) == graph.to_tree() and "microscopy-run-01" in graph.to_tree()
    assert repr(graph) == f"<Graph of '{uuid(4)}': 7 datasets>"


def test_a_dataset_gives_its_graph_in_the_three_ways(graph: dserver.Graph) -> None:
    client = dserver.Client(cache="off")
    four = client.lookup(uuid(4))[0]
    assert four.graph() == graph == client.graph(four) == four.submit.graph().result()
    # The keys are the user's own.
    assert sorted(client.graph(uuid(4), keys=["annotations.source"]).nodes) == [uuid(4)]
    assert sorted(four.graph(keys="annotations.source").nodes) == [uuid(4)]

    async def main() -> None:
        four = (await aio.dserver.Client().graph(uuid(4))).nodes[uuid(4)]
        assert four is not None and await four.graph() == graph

    asyncio.run(main())


def test_of_a_dataset_that_nobody_knows_there_is_none(sandbox: Sandbox) -> None:
    with pytest.raises(errors.NotFoundError, match="no dataset of this UUID"):
        dserver.Client().graph(uuid(999))


def test_what_others_name_and_nobody_registered_is_there_without_a_dataset(sandbox: Sandbox) -> None:
    told = {"root": "a", "nodes": {"a": {"dataset": None, "derived_from": ["b"]}, "b": {"dataset": None, "derived_from": []}}}
    graph = dserver.Graph(told, dserver.Client())
    assert graph.nodes == {"a": None, "b": None} and graph.edges == [("a", "b")]
    assert "a" in graph.to_tree()

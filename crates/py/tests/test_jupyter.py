"""A notebook, executed by a real kernel."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from typing import Any

import pytest
from services import Sandbox, SlowServer

nbclient = pytest.importorskip("nbclient")
nbformat = pytest.importorskip("nbformat")
pytest.importorskip("ipykernel")


class Notebook:
    """A notebook whose cells are executed one by one."""

    def __init__(self) -> None:
        self.client = nbclient.NotebookClient(nbformat.v4.new_notebook(), timeout=60, kernel_name="python3")

    def __call__(self, source: str) -> str:
        """What a cell prints and shows, as text and as HTML."""
        cell = nbformat.v4.new_code_cell(source)
        self.client.nb.cells.append(cell)
        self.client.execute_cell(cell, len(self.client.nb.cells) - 1)
        shown = [str(it.get("text") or it.get("data", "")) for it in cell.outputs]
        return "".join(shown)


@pytest.mark.limit(180)
def test_cells_make_calls_in_all_ways(slow: SlowServer, sandbox: Sandbox) -> None:
    notebook = Notebook()
    with notebook.client.setup_kernel():
        notebook(
            "import asyncio, concurrent.futures as cf, time\n"
            "from whimbrel import aio, dserver\n"
            f"quick = dserver.Client({slow.url(5)!r}, token='t', cache='off')\n"
            f"own = aio.dserver.Client({slow.url(5)!r}, token='t', cache='off')\n"
            f"late = dserver.Client({slow.url(60_000)!r}, token='t', cache='off')\n"
            "assert asyncio.get_running_loop().is_running()"
        )
        assert "1.0" in notebook("quick.versions()")
        assert "1.0" in notebook("await own.versions()")
        assert "1.0" in notebook("await quick.submit.versions()")
        assert "3" in notebook("len(list(cf.as_completed([quick.submit.versions() for _ in range(3)], timeout=9)))")
        assert "3" in notebook("len(await asyncio.gather(*[own.versions() for _ in range(3)]))")

        shown = notebook("dataset = next(iter(dserver.Client().search()))\ndataset")
        assert "text/html" in shown and "<table>" in shown
        assert "text/html" in notebook("dserver.Client().search().all()")

        for cell in ("late.versions()", "late.submit.versions().result()"):
            waiting = slow.counts()["wait"]

            def interrupt(wait: int = waiting) -> None:
                slow.wait_for(wait=wait + 1)
                times.append(time.time())
                asyncio.run(notebook.client.km.interrupt_kernel())

            times: list[float] = []
            thread = threading.Thread(target=interrupt)
            thread.start()
            said = notebook(f"try:\n    {cell}\nexcept KeyboardInterrupt:\n    print('stopped', time.time())")
            thread.join()
            stopped = re.search(r"stopped ([\d.]+)", said)
            assert stopped, said
            print(f"{cell}: {(float(stopped[1]) - times[0]) * 1000:.0f} ms")
            # The way to the kernel is part of it.
            assert float(stopped[1]) - times[0] < 0.5
        assert "1.0" in notebook("quick.versions()"), "the kernel goes on"


def test_a_kernel_that_ends_amid_calls_ends(slow: SlowServer) -> None:
    notebook = Notebook()
    with notebook.client.setup_kernel():
        notebook(
            "from whimbrel import dserver\n"
            f"late = dserver.Client({slow.url(60_000)!r}, token='t', cache='off')\n"
            "futures = [late.submit.versions() for _ in range(5)]"
        )
        slow.wait_for(wait=5)
    slow.wait_for(wait=0)


def seen(notebook: Any) -> str:
    """All that a saved notebook holds."""
    return str(nbformat.writes(notebook.client.nb))


def test_no_token_is_in_a_saved_notebook(sandbox: Sandbox) -> None:
    token = sandbox.environment["DSERVER_TOKEN"]
    notebook = Notebook()
    with notebook.client.setup_kernel():
        notebook("import os\nfrom whimbrel import aio, dserver, errors\ntoken = os.environ['DSERVER_TOKEN']")
        notebook("%xmode Verbose")
        for cell in (
            "client = dserver.Client(token=token)\nclient",
            "vars(client), client._native, client.submit",
            "client.search().all()",
            "aio.dserver.Client(token=token)",
        ):
            notebook(cell)
        for cell in ("client.dataset('s3://no/such')", "dserver.Client('no url', client._told[1])"):
            with pytest.raises(nbclient.exceptions.CellExecutionError):
                notebook(cell)
    assert token not in seen(notebook)

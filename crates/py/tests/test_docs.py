"""The site of `docs/`: it is built, nothing in it comes from elsewhere, and what its pages and notebooks show is so.

In a page, the blocks of Python run in order in one namespace, and the commands of blocks of `console` in a folder that is
the page's own. A block of `text` right after a block of Python is what that prints; lines below a command are what it
prints; `...` stands for anything. A block below `<!-- not run: reason -->` is not run. `<!-- sandbox: options -->` says
which sandbox a page or a notebook is for.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import doctest
import importlib
import io
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from services import Sandbox
from whimbrel import errors

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
NOTEBOOKS = sorted((DOCS / "notebooks").glob("*.ipynb"))

#: How many blocks no test runs; each says why.
NOT_RUN = 3

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")


@dataclass
class Block:
    """A block of a page, from which line on, and what stands above it and below it."""

    language: str
    text: str
    line: int
    not_run: str | None
    output: str | None


_FENCE = re.compile(
    r"(?:<!-- not run: (?P<why>[^\n]+) -->\n+)?^```(?P<language>\w+)\n(?P<text>.*?)^```$(?:\n+```text\n(?P<output>.*?)^```$)?",
    re.DOTALL | re.MULTILINE,
)


def blocks(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for it in _FENCE.finditer(text):
        line = text.count("\n", 0, it.start("text"))
        yield Block(it["language"], it["text"], line, it["why"], it["output"])


def name_of(page: Path) -> str:
    return page.relative_to(DOCS).as_posix()


@pytest.fixture(scope="module")
def sandboxes(_no_settings_of_the_user: None) -> Iterator[Callable[[Path], Sandbox]]:
    """Sandboxes of the pages' own: what a page writes is there for no other test."""
    running: dict[str, Sandbox] = {}
    with contextlib.ExitStack() as stack:

        def start(page: Path) -> Sandbox:
            told = re.search(r"<!-- sandbox: (.*?) -->", page.read_text(encoding="utf-8"))
            options = told[1] if told else "--requests-per-minute 0"
            if options not in running:
                # A file of the page's.
                words = [str(page.parent / it) if it.endswith(".json") else it for it in options.split()]
                running[options] = stack.enter_context(Sandbox(*words))
            return running[options]

        yield start


@pytest.fixture
def in_sandbox(
    sandboxes: Callable[[Path], Sandbox], here: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Path], Sandbox]:
    """Makes the environment that a page or a notebook is for."""

    def enter(page: Path) -> Sandbox:
        sandbox = sandboxes(page)
        for name, value in sandbox.environment.items():
            monkeypatch.setenv(name, value)
        # The program, by its name.
        program = here / ".bin" / "whimbrel"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m whimbrel "$@"\n')
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
        monkeypatch.setenv("WHIMBREL_CACHE", "memory")
        return sandbox

    return enter


@pytest.mark.limit(180)
@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_what_a_page_shows_is_so(page: Path, in_sandbox: Callable[[Path], Sandbox]) -> None:
    in_sandbox(page)
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for block in blocks(page):
        if block.not_run is not None:
            continue
        if block.language == "python":
            printed = run(block, page, namespace)
            check(page, block, block.output, printed)
        elif block.language == "console" and os.name != "nt":
            for command, output in commands(block):
                check(page, block, output, shell(command))


def run(block: Block, page: Path, namespace: dict[str, Any]) -> str:
    """What a block of Python prints."""
    # A trace names the page and the line.
    text = "\n" * block.line + block.text
    code: CodeType = compile(text, str(page), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    with contextlib.redirect_stdout(io.StringIO()) as out:
        made = eval(code, namespace)
        if made is not None:  # As in a cell of a notebook.
            asyncio.run(made)
    return out.getvalue()


def commands(block: Block) -> Iterator[tuple[str, str | None]]:
    """The commands of a block, and what stands below each."""
    for command in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        line, _, output = command.partition("\n")
        yield line, output or None


def shell(command: str) -> str:
    done = subprocess.run(["bash", "-c", command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 0, f"$ {command}\n{done.stdout}{done.stderr}"
    return done.stdout


def check(page: Path, block: Block, wanted: str | None, got: str) -> None:
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    if wanted is not None and not doctest.OutputChecker().check_output(wanted, got, flags):
        raise AssertionError(f"{name_of(page)}, line {block.line}: it says\n{wanted}\nand it is\n{got}")


def test_blocks_that_are_not_run_are_few() -> None:
    every = [(name_of(page), block) for page in PAGES for block in blocks(page)]
    not_run = [(page, block.line, block.not_run) for page, block in every if block.not_run is not None]
    assert len(not_run) == NOT_RUN, not_run
    assert sum(block.language in ("python", "console") for _, block in every) > 5 * NOT_RUN


@pytest.mark.limit(180)
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=name_of)
def test_a_notebook_runs(notebook: Path, in_sandbox: Callable[[Path], Sandbox], here: Path) -> None:
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    pytest.importorskip("ipykernel")
    book = nbformat.read(notebook, as_version=4)
    nbformat.validate(book)
    cells = [cell for cell in book.cells if cell.cell_type == "code"]
    assert cells and not any(cell.outputs or cell.execution_count for cell in cells), "a notebook is kept without output"

    sandbox = in_sandbox(notebook)
    client = nbclient.NotebookClient(book, timeout=90, kernel_name="python3", resources={"metadata": {"path": str(here)}})
    client.execute()
    shown = json.dumps([cell.outputs for cell in cells])
    assert "text/html" in shown
    assert not any(value in shown for name, value in sandbox.environment.items() if name.endswith("TOKEN"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("mkdocs")
    place = tmp_path_factory.mktemp("site")
    options = ["--strict", "--config-file", str(ROOT / "mkdocs.yml"), "--site-dir", str(place)]
    command = [sys.executable, "-m", "mkdocs", "build", *options]
    built = subprocess.run(command, capture_output=True, text=True, timeout=50)
    assert built.returncode == 0, built.stderr
    return place


class Loaded(HTMLParser):
    """What a page makes a browser load; where one can only go is not it."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.addresses += [told[name] or "" for name in ("src", "srcset", "data", "poster") if name in told]
        if tag == "link":
            self.addresses.append(told.get("href") or "")
        self.addresses += _of_style(told.get("style") or "")

    def handle_data(self, data: str) -> None:
        self.addresses += _of_style(data) if self.lasttag == "style" else []


def _of_style(text: str) -> list[str]:
    found = re.findall(r"url\(['\"]?(.*?)['\"]?\)|@import\s+['\"](.*?)['\"]", text)
    return [first or second for first, second in found]


def is_elsewhere(address: str) -> bool:
    return re.match(r"\s*(?:[a-z+.-]+:)?//", address, re.IGNORECASE) is not None


def test_the_site_loads_nothing_from_elsewhere(site: Path) -> None:
    seen = 0
    for page in site.rglob("*.html"):
        loaded = Loaded()
        loaded.feed(page.read_text(encoding="utf-8"))
        seen += len(loaded.addresses)
        assert not [it for it in loaded.addresses if is_elsewhere(it)], page
    for style in site.rglob("*.css"):
        assert not [it for it in _of_style(style.read_text(encoding="utf-8")) if is_elsewhere(it)], style
    assert seen > 100


def test_what_is_loaded_from_elsewhere_would_be_seen() -> None:
    loaded = Loaded()
    loaded.feed('<script src="//x.example/a.js"></script><link href="https://x.example/a.css"><a href="https://x.example">')
    loaded.feed("<style>@import 'http://x.example/b.css'; a { background: url(https://x.example/c.png) }</style>")
    assert sum(map(is_elsewhere, loaded.addresses)) == 4


@pytest.mark.parametrize("name", sorted(errors.__all__))
def test_each_kind_of_error_has_a_page(site: Path, name: str) -> None:
    page = site / "troubleshooting" / ("index.html" if name == "Error" else f"{name}.html")
    text = page.read_text(encoding="utf-8")
    assert name in text
    for part in ("What it means", "What to look at", "What to do") if name != "Error" else ():
        assert part in text, part


@pytest.mark.parametrize("name", ["cocaine", "coscine", "datasift", "dserver", "gather", "errors"])
def test_each_public_name_is_in_the_reference(site: Path, name: str) -> None:
    module = importlib.import_module(f"whimbrel.{name}")
    text = (site / "reference" / f"{name}.html").read_text(encoding="utf-8")
    for public in module.__all__:
        assert f'id="{public.lower()}"' in text, public
    for method in dir(module.Client) if hasattr(module, "Client") else ():
        assert method.startswith("_") or f"<code>{method}" in text, method

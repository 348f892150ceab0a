"""A hook of MkDocs: makes the pages of the reference from the package's sources, so that they say what is there.

The sources are read, not imported: the site is built without the package.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

PACKAGE = Path(__file__).parents[1] / "crates/py/python/whimbrel"

SERVICE = """Every call of a client, and of what it gives, can be made in three ways: as it stands here, which waits; through
`.submit`, which gives a `concurrent.futures.Future`; and of a client of [`whimbrel.aio`](aio.md), awaited.

- What a service told of is a **record**: a mapping under the service's own names (`it["displayName"]`), the attributes listed
  here (`it.display_name`), `.to_dict()`. One that was given by a client makes its calls with it.
- A **`Listing`** is read a page at a time while one goes through it, and anew each time: `len(it)` where the server tells it,
  `.first()`, `.all()`.
- **`Records`** are a list. This and a `Listing` have `.to_dicts()`, `.to_pandas()`, `.to_arrow()` and Arrow's PyCapsule stream.
- A **`Many`** gives pairs of what was asked about, and the answer or the error, as they arrive; `.all()` gives the answers by
  name, with `.failed`.
- What `**settings` may be: [Settings of a client](../tokens.md#settings-of-a-client)."""

COCAINE = """Each call of a service, and of a channel, can be made in three ways: as it stands here, which waits; through
`.submit`, which gives a `concurrent.futures.Future`; and of a service of [`whimbrel.aio.cocaine`](aio.md), awaited.

- What comes is `bytes` where Cocaine has bytes, and that is where others have text: `text` makes `str` of all that is UTF-8.
- A **`Stream`** is what comes over time: it is gone through by `for` (by `async for`, if it is awaited), `.all()`, `.first()`.
- Coming from the package `cocaine`: [what was and what is](../migrate/cocaine.md)."""

DATASIFT = SERVICE + """
- A **`Stream`** is what comes over time: it is gone through by `for` (by `async for`, if it is awaited).
- How these are used together: [Filters and live streams](../datasift.md)."""

#: Each module with a page, and what stands above its names.
MODULES = {
    "cocaine": COCAINE,
    "coscine": SERVICE,
    "datasift": DATASIFT,
    "dserver": SERVICE,
    "gather": "What these are for: [Futures and gather](../gather.md).",
    "errors": "Each has a page that says what to do: [When something fails](../troubleshooting/index.md).",
}

AIO = """# whimbrel.aio

`from whimbrel.aio import cocaine, coscine, datasift, dserver`: the same names as in [`whimbrel.cocaine`](cocaine.md),
[`whimbrel.coscine`](coscine.md), [`whimbrel.datasift`](datasift.md) and [`whimbrel.dserver`](dserver.md), and two differences:

- each call gives an awaitable;
- what is a `Listing` there is an `AsyncListing`, what is a `Many` an `AsyncMany`, and what is a `Stream` an `AsyncStream`.
  All are gone through by `async for`,
  and have `await it.all()`; a listing has `await it.first()` and `await it.total()`, which is `None` where the server does not tell.

What such a client gives makes its calls in the same way: `await (await client.project("Demo")).resource("Files")`.
[Asynchronous programs](../asynchronous.md) has examples.
"""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    pages = {name: page(name, text) for name, text in MODULES.items()} | {"aio": AIO}
    for name, text in pages.items():
        files.append(File.generated(config, f"reference/{name}.md", content=text))
    return files


def page(module: str, text: str) -> str:
    """The page of a module."""
    place = PACKAGE / module / "__init__.py"
    source = Source(place if place.exists() else PACKAGE / f"{module}.py")
    parts = [f"# whimbrel.{module}", text]
    names = source.names()
    for name in names:
        where, found = source.find(name)
        if isinstance(found, ast.ClassDef):
            parts += [f"## {name}", _text(found), _help(module, name), _members(where, found, names)]
        elif isinstance(found, ast.FunctionDef):
            parts += [f"## {name}", f"`{_signature(found)}`", _text(found)]
        else:
            parts += [f"## {name}", "One of " + ", ".join(f"`{it!r}`" for it in _choices(found)) + "."]
    return "\n\n".join(it for it in parts if it) + "\n"


class Source:
    """One file of Python."""

    def __init__(self, place: Path) -> None:
        self.place = place
        text = place.read_text(encoding="utf-8")
        self.lines = text.splitlines()
        self.tree = ast.parse(text)

    def names(self) -> list[str]:
        """What it says is public."""
        for node in self.tree.body:
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
                names = ast.literal_eval(node.value)
                return sorted(names, key=lambda name: (name not in ("Client", "Error"), name.lower()))
        raise ValueError(f"{self.place} has no __all__")

    def find(self, name: str) -> tuple[Source, ast.AST]:
        """Where a name is made, in this file or in the one that it comes from."""
        for node in self.tree.body:
            if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and node.name == name:
                return self, node
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name:
                return self, node.value
            if isinstance(node, ast.ImportFrom) and node.level > 0:
                for it in node.names:
                    if name == (it.asname or it.name):
                        folder = self.place.parents[node.level - 1].joinpath(*(node.module or "").split("."))
                        is_folder = (folder / "__init__.py").exists()
                        return Source(folder / "__init__.py" if is_folder else folder.with_suffix(".py")).find(it.name)
        raise LookupError(f"{self.place} does not make {name}")

    def said(self, node: ast.stmt) -> str:
        """What the comment above an attribute says of it."""
        first = last = node.lineno - 1
        while self.lines[first - 1].lstrip().startswith("#:"):
            first -= 1
        return " ".join(it.strip().removeprefix("#:").strip() for it in self.lines[first:last])


def _help(module: str, name: str) -> str:
    """Where it stands what to do about an error."""
    place = "index" if name == "Error" else name
    return f"[What to look at, and what to do](../troubleshooting/{place}.md)" if module == "errors" else ""


def _choices(node: ast.AST) -> Iterator[object]:
    return (it.value for it in ast.walk(node) if isinstance(it, ast.Constant))


def _text(node: ast.ClassDef | ast.FunctionDef) -> str:
    """What its docstring says before the first example."""
    return inspect.cleandoc(ast.get_docstring(node) or "").partition(">>>")[0].strip()


def _members(where: Source, node: ast.ClassDef, known: list[str]) -> str:
    return "\n".join(dict.fromkeys(_lines(where, node, known)))


def _lines(where: Source, node: ast.ClassDef, known: list[str]) -> Iterator[str]:
    """A line for each of its methods and attributes, and for those that it inherits, but for what all records have, and for
    what stands below another name of the page."""
    for it in node.body:
        if isinstance(it, ast.AnnAssign) and isinstance(it.target, ast.Name) and not it.target.id.startswith("_"):
            yield _line(f"{it.target.id}: {ast.unparse(it.annotation)}", where.said(it))
        if not isinstance(it, ast.FunctionDef) or it.name.startswith("_"):
            continue
        decorators = {getattr(by, "id", "") for by in it.decorator_list}
        if "overload" not in decorators:
            yield _line(f"{it.name}: {_returned(it)}" if "property" in decorators else _signature(it), _first(it))
    for base in node.bases:
        base = base.value if isinstance(base, ast.Subscript) else base
        name = getattr(base, "id", "")
        try:
            there, found = where.find(name)
        except LookupError:
            continue
        is_plain = name in known or there.place.name in ("_record.py", "_handle.py")
        if isinstance(found, ast.ClassDef) and not is_plain:
            yield from _lines(there, found, known)


def _first(node: ast.FunctionDef) -> str:
    """The first paragraph, in one line."""
    return " ".join(_text(node).split("\n\n")[0].split())


def _signature(node: ast.FunctionDef) -> str:
    arguments = ast.unparse(node.args)
    for first in ("self, /, ", "self, ", "cls, ", "self", "cls"):
        if arguments == first or (first.endswith(" ") and arguments.startswith(first)):
            arguments = arguments.removeprefix(first)
            break
    return f"{node.name}({arguments}) -> {_returned(node)}"


def _returned(node: ast.FunctionDef) -> str:
    return "" if node.returns is None else ast.unparse(node.returns)


def _line(name: str, text: str) -> str:
    return f"- `{name}`" + (f"<br>{text}" if text else "")

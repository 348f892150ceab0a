"""Writes the stubs of the faces that awaitables and futures have, from the one that waits.

Each operation is written once, as it is when one waits for it. How its types are in `whimbrel.aio` and behind `.submit`
follows from that:

    python crates/py/faces.py           writes python/whimbrel/aio/<service>.pyi and python/whimbrel/<service>/_submit.pyi
    python crates/py/faces.py --check   only compares
"""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass, field
from pathlib import Path

PACKAGE = Path(__file__).parent / "python" / "whimbrel"
SERVICES = ("cocaine", "coscine", "datasift", "dserver")
#: What makes a class one that makes calls.
CALLERS = {"Caller", "Client", "Base", "Handle", "Inner"}
#: What is gone through bit by bit: what a future of it gives, and how it is gone through by `async for`.
LISTS = {"Listing": ("Records", "AsyncListing"), "Many": ("Answers", "AsyncMany"), "Stream": ("list", "AsyncStream")}
HEAD = '"""Written by crates/py/faces.py from the sources of `whimbrel.{service}`; not to be edited."""\n'


@dataclass
class Module:
    """What is in the sources of one service."""

    callers: dict[str, ast.ClassDef] = field(default_factory=dict)
    #: Imports and names of types, which annotations may use.
    imports: dict[str, str] = field(default_factory=dict)
    records: dict[str, str] = field(default_factory=dict)


def read(service: str) -> Module:
    """The classes of a service that make calls, and where everything that their annotations name comes from."""
    module = Module()
    trees = {path: ast.parse(path.read_text()) for path in sorted((PACKAGE / service).glob("*.py"))}
    classes = [(path, it) for path, tree in trees.items() for it in tree.body if isinstance(it, ast.ClassDef)]
    known = set(CALLERS)
    grown = True
    while grown:
        grown = False
        for _, it in classes:
            bases = {base.id for base in it.bases if isinstance(base, ast.Name)}
            if bases & known and it.name not in module.callers:
                module.callers[it.name] = it
                known.add(it.name)
                grown = True
    for path, it in classes:
        if it.name not in module.callers:
            module.records[it.name] = f"whimbrel.{service}.{path.stem}"
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                source = absolute(node, f"whimbrel.{service}")
                for name in node.names:
                    module.imports[name.asname or name.name] = f"from {source} import {name.name}" + (
                        f" as {name.asname}" if name.asname else ""
                    )
        for it in tree.body:
            # Names of types: `Role = Literal[...]`.
            targets = it.targets if isinstance(it, ast.Assign) else [it.target] if isinstance(it, ast.AnnAssign) else []
            for target in targets:
                if isinstance(target, ast.Name) and not target.id.startswith("__"):
                    module.records.setdefault(target.id, f"whimbrel.{service}.{path.stem}")
    return module


def absolute(node: ast.ImportFrom, package: str) -> str:
    """Where a relative import leads."""
    if node.level == 0:
        return node.module or ""
    above = package.split(".")
    above = above[: len(above) - (node.level - 1)]
    return ".".join([*above, *([node.module] if node.module else [])])


def makes_calls(function: ast.FunctionDef) -> bool:
    """Whether it goes through a face."""
    return any(
        isinstance(node, ast.Attribute) and node.attr in {"_call", "_list", "_many", "_run", "_stream"} and isinstance(node.value, ast.Name)
        for node in ast.walk(function)
    )


def write(service: str, face: str) -> str:
    """The stub of a face."""
    module = read(service)
    body: list[str] = []
    for name, it in module.callers.items():
        # Within its own module a base may have another name.
        own = {base.id for base in it.bases if isinstance(base, ast.Name)}
        bases = [base for base in ("Record",) if own & {"Record", "Handle", "Inner"}]
        shown = name if face == "aio" else f"Submit{name}"
        if face == "aio":
            bases = [base.id for base in it.bases if isinstance(base, ast.Name) and base.id in module.callers] or bases
        else:
            bases += [f"Submit{base.id}" for base in it.bases if isinstance(base, ast.Name) and base.id in module.callers]
        lines = [f"class {shown}({', '.join(bases)}):" if bases else f"class {shown}:"]
        if face == "aio" and (text := ast.get_docstring(it)):
            lines.append(f"    {quoted(text)}")
        statements = it.body + (of_every_client() if own & {"Base", "Client"} else [])
        members = [member for statement in statements for member in stub(statement, face, module)]
        if own & {"Base", "Client"} and face == "aio":
            members += ["@property\ndef url(self) -> str: ..."]
        if face == "aio":
            members += [f"@property\ndef submit(self) -> Submit{name}: ..."]
        lines += [f"    {line}" for member in members for line in member.split("\n")] or ["    ..."]
        body.append("\n".join(lines))
    text = "\n\n".join(body)
    return HEAD.format(service=service) + "\n" + needed(text, module, service, face) + "\n\n" + text + "\n"


def of_every_client() -> list[ast.stmt]:
    """The calls that each client has, whatever its service is."""
    tree = ast.parse((PACKAGE / "_client.py").read_text())
    client = next(it for it in tree.body if isinstance(it, ast.ClassDef) and it.name == "Client")
    return [it for it in client.body if isinstance(it, ast.FunctionDef) and not it.name.startswith("_") and makes_calls(it)]


def stub(statement: ast.stmt, face: str, module: Module) -> list[str]:
    """A member of a class, as this face has it; nothing of what the face has not got."""
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        if statement.target.id.startswith("_") or face == "submit":
            return []
        return [f"{statement.target.id}: {ast.unparse(statement.annotation)}"]
    if isinstance(statement, ast.AsyncFunctionDef) and face == "aio":
        # What `async for` and `async with` look for. One that yields is an iterator, and no coroutine.
        yields = any(isinstance(node, ast.Yield) for node in ast.walk(statement))
        assert statement.returns is not None
        returns = ast.unparse(statement.returns)
        return [f"{'' if yields else 'async '}def {statement.name}({ast.unparse(statement.args)}) -> {returns}: ..."]
    if not isinstance(statement, ast.FunctionDef):
        return []
    calls = makes_calls(statement)
    is_init = statement.name == "__init__"
    if (statement.name.startswith("_") and not is_init) or (face == "submit" and not calls):
        return []
    if is_init and face == "submit":
        return []
    returns = ast.unparse(statement.returns) if statement.returns else "None"
    if calls:
        returns = faced(returns, face, module)
    decorators = "".join(f"@{ast.unparse(it)}\n" for it in statement.decorator_list)
    head = f"{decorators}def {statement.name}({ast.unparse(statement.args)}) -> {returns}:"
    text = ast.get_docstring(statement)
    if text is None or face == "submit":
        return [f"{head} ..."]
    return [f"{head}\n    {quoted(text, 8)}"]


def faced(returns: str, face: str, module: Module) -> str:
    """A type that a call gives, as this face gives it."""
    for plain, (whole, awaitable) in LISTS.items():
        if returns.startswith(f"{plain}["):
            of = returns.removeprefix(plain)
            return f"Future[{whole}{of}]" if face == "submit" else f"{awaitable}{of}"
    return f"Future[{returns}]" if face == "submit" else f"Awaitable[{returns}]"


def quoted(text: str, indent: int = 4) -> str:
    """A docstring."""
    quotes = '"""' if "\\" not in text else 'r"""'
    lines = text.split("\n")
    if len(lines) == 1:
        return f'{quotes}{text}"""'
    return "\n".join([quotes + lines[0], *(f"    {line}".rstrip() if line else "" for line in lines[1:]), '    """'])


def needed(text: str, module: Module, service: str, face: str) -> str:
    """The imports that a stub needs."""
    tree = ast.parse(text)
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    made = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    found = {"from __future__ import annotations"}
    more = {
        "Any": "from typing import Any",
        "Awaitable": "from collections.abc import Awaitable",
        "Future": "from whimbrel._future import Future",
        "Records": "from whimbrel._record import Records",
        "Answers": "from whimbrel._many import Answers",
        "AsyncListing": "from whimbrel.aio._listing import AsyncListing",
        "AsyncMany": "from whimbrel.aio._many import AsyncMany",
        "AsyncStream": "from whimbrel.aio._stream import AsyncStream",
    }
    for name in sorted(names - made):
        if name in more:
            found.add(more[name])
        elif name.startswith("Submit"):
            found.add(f"from whimbrel.{service}._submit import {name}")
        elif name in module.records:
            found.add(f"from {module.records[name]} import {name}")
        elif name in module.callers:
            found.add(f"from whimbrel.{service} import {name}")
        elif name in module.imports:
            found.add(module.imports[name])
    if face == "aio":
        sources = {name: f"from {source} import {name}" for name, source in module.records.items()}
        # What all services have is exported by each that gives it.
        shared = {name: it for name, it in module.imports.items() if name not in module.callers}
        again = {name: it for name, it in (shared | sources).items() if name in exported(service)}
        found |= {f"{it} as {name}" for name, it in again.items()}
        found -= set(again.values())
    order = sorted(found, key=lambda it: (not it.startswith("from __future__"), "whimbrel" in it, it))
    return "\n".join(order)


def exported(service: str) -> list[str]:
    """`__all__` of a service."""
    for it in ast.parse((PACKAGE / service / "__init__.py").read_text()).body:
        if isinstance(it, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__all__" for t in it.targets):
            return [str(name) for name in ast.literal_eval(it.value)]
    return []


def main() -> int:
    """Writes, or compares."""
    only_compares = "--check" in sys.argv[1:]
    stale = []
    for service in SERVICES:
        for face, path in (("aio", PACKAGE / "aio" / f"{service}.pyi"), ("submit", PACKAGE / service / "_submit.pyi")):
            text = write(service, face)
            if not path.exists() or path.read_text() != text:
                stale.append(path.relative_to(PACKAGE))
                if not only_compares:
                    path.write_text(text)
    for path in stale:
        print(f"{path}: {'not what the sources give: run python crates/py/faces.py' if only_compares else 'written'}")
    return 1 if only_compares and stale else 0


if __name__ == "__main__":
    sys.exit(main())

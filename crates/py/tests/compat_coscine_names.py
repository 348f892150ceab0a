"""The public names of a package `coscine`, as JSON: of each class its attributes, and the parameters of what can be called.

usage: python compat_coscine_names.py MODULE
"""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import sys
from types import ModuleType
from typing import Any


def parameters(of: Any) -> list[str] | None:
    try:
        return [name for name in inspect.signature(of).parameters if name not in ("self", "cls")]
    except (TypeError, ValueError):
        return None


def attributes(kind: type, package: str) -> dict[str, Any]:
    """Those of its own and of its bases in the package."""
    own = {name: it for base in kind.__mro__ if base.__module__.startswith(package) for name, it in vars(base).items()}
    told: dict[str, Any] = {"__init__": parameters(kind)}
    for name, it in own.items():
        if not name.startswith("_"):
            told[name] = None if isinstance(it, property) or not callable(it) else parameters(it)
    return told


package = importlib.import_module(sys.argv[1])
modules: list[ModuleType] = [package]
for found in pkgutil.iter_modules(package.__path__):
    if not found.name.startswith("_"):
        modules.append(importlib.import_module(f"{sys.argv[1]}.{found.name}"))
classes: dict[str, Any] = {}
others: list[str] = []
for module in modules:
    place = module.__name__.removeprefix(sys.argv[1]).lstrip(".")
    for name, it in vars(module).items():
        made_in = getattr(it, "__module__", None) or ""
        if name.startswith("_") or not made_in.startswith(sys.argv[1]) or (place and made_in != module.__name__):
            continue
        if inspect.isclass(it):
            classes[f"{place}.{name}".lstrip(".")] = attributes(it, sys.argv[1])
        elif callable(it):
            others.append(f"{place}.{name}".lstrip("."))
print(json.dumps({"classes": classes, "others": others, "modules": [it.__name__ for it in modules]}))

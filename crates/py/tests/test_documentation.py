"""What the documentation shows does what it says."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import pytest
import whimbrel
from services import Sandbox

MODULES = sorted(it.name for it in pkgutil.walk_packages(whimbrel.__path__, "whimbrel.") if "__main__" not in it.name)
READMES = [Path(__file__).parents[up] / "README.md" for up in (1, 3)]
EXAMPLES = [
    example for readme in READMES for example in re.findall(r"```python\n(.*?)```", readme.read_text("utf-8"), re.DOTALL)
]


@pytest.mark.parametrize("name", ["whimbrel", *MODULES])
def test_the_examples_of_a_module_give_what_they_say(name: str, sandbox: Sandbox, here: Path) -> None:
    failed, _ = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert failed == 0


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_examples_of_the_readmes_run(example: str, sandbox: Sandbox, here: Path) -> None:
    exec(compile(example, "README.md", "exec"), {"__name__": "__main__"})


def test_the_readme_and_the_package_have_examples() -> None:
    finder = doctest.DocTestFinder(exclude_empty=True)
    tried = sum(len(it.examples) for name in MODULES for it in finder.find(importlib.import_module(name)))
    assert EXAMPLES and tried > 0

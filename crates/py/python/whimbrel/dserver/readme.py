"""What datasets say of themselves."""

from __future__ import annotations

from typing import Any

from .._native import yaml
from .._record import _cell


class Readme(str):
    """The descriptive metadata of a dataset: the text of its `README.yml`, as it is written.

    >>> from whimbrel import dserver
    >>> readme = dserver.Client().readme("file://localhost/dtool/base1/microscopy-run-05")
    >>> readme.splitlines()[0]
    'project: microscopy campaign'
    >>> readme.yaml()["owners"][0]["name"]
    'Emmy Noether'
    """

    __slots__ = ()

    def yaml(self) -> Any:
        """What it says, as dicts, lists, texts and numbers; dates stay text, and an empty one is `None`.

        Raises `InvalidError` with line and column if it is no YAML: a readme is any text that its author wrote.
        """
        return yaml(str(self))

    def _repr_html_(self) -> str:
        return "<pre>" + "\n".join(_cell(line, None) for line in self.splitlines()) + "</pre>"

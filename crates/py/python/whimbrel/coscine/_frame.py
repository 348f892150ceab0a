"""Metadata that stand in a table of pandas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Frame(Protocol):
    """A `pandas.DataFrame`: a column a field, a row a file or glob, which stands in the column or index `path`."""

    def convert_dtypes(self) -> Any: ...


def given(metadata: Any) -> Any:
    """Metadata as the native part takes them: a frame as a list of fields, where nothing stands for what lacks in it."""
    if not hasattr(metadata, "convert_dtypes"):
        return absent(metadata)
    if "path" not in metadata.columns and metadata.index.name == "path":
        metadata = metadata.reset_index()
    # A column of integers in which one lacks has become one of floats: it is made one of integers again.
    return absent(metadata.convert_dtypes().to_dict("records"))


#: How deep it is looked: a description within a description is less. What holds itself ends here, and the native part
#: says what is wrong with it.
_DEEPEST = 8


def absent(value: Any, depth: int = 0) -> Any:
    """The same with `None` in the place of what numpy and pandas write for a value that lacks."""
    if depth < _DEEPEST:
        if isinstance(value, Mapping):
            return {key: absent(it, depth + 1) for key, it in value.items()}
        if isinstance(value, (list, tuple)):
            return [absent(it, depth + 1) for it in value]
    lacks = type(value).__name__ in ("NAType", "NaTType") or (isinstance(value, float) and value != value)
    return None if lacks else value

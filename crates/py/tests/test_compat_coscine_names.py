"""Every public name of the old package is there, or says why it is not."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from whimbrel.compat import coscine

JUDGES = Path(os.environ.get("WHIMBREL_JUDGES", ""))

#: Names that are no part of what the package is for.
NOT_OURS = {"raise_": "it was a helper of another function"}


def names(version: str) -> Any:
    judge = JUDGES / f"coscine-{version}"
    if not (judge / "installed.txt").exists():
        pytest.skip(f"WHIMBREL_JUDGES names no folder with coscine {version}")
    python = judge / ("Scripts" if os.name == "nt" else "bin") / "python"
    script = Path(__file__).with_name("compat_coscine_names.py")
    done = subprocess.run([str(python), str(script), "coscine"], capture_output=True, text=True, timeout=50)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def ours(place: str) -> Any:
    it: Any = coscine
    for name in place.split("."):
        it = getattr(it, name)
    return it


def left_out() -> dict[str, Any]:
    """What says why it is not there, by its name."""
    found: dict[str, Any] = {"ApiResponse": coscine.ApiResponse}
    for kind in vars(coscine).values():
        if inspect.isclass(kind):
            for name, it in vars(kind).items():
                it = it.fget if isinstance(it, property) else it
                if hasattr(it, "left_out"):
                    found[f"{kind.__name__}.{name}"] = it
    return found


@pytest.mark.parametrize("version", ["0.11.13", "0.12.2"])
def test_every_public_name_is_there_and_takes_what_it_took(version: str) -> None:
    theirs = names(version)
    assert len(theirs["classes"]) > 60
    missing: list[str] = []
    for place, attributes in theirs["classes"].items():
        kind = getattr(coscine, place.rsplit(".", 1)[-1], None)
        if kind is None:
            missing.append(place)
            continue
        for name, parameters in attributes.items():
            it = inspect.getattr_static(kind, name, None)
            if name == "__init__" or hasattr(it, "left_out") or kind is coscine.ApiResponse:
                continue
            if it is None and name not in getattr(kind, "__annotations__", {}):
                missing.append(f"{place}.{name}")
            elif parameters is not None:
                taken = inspect.signature(getattr(kind, name)).parameters
                if not any(it.kind is inspect.Parameter.VAR_KEYWORD for it in taken.values()):
                    missing += [f"{place}.{name}({it})" for it in parameters if it not in taken]
    for place in theirs["others"]:
        name = place.rsplit(".", 1)[-1]
        if name not in NOT_OURS and not hasattr(coscine, name):
            missing.append(place)
    assert not missing


@pytest.mark.parametrize("version", ["0.11.13", "0.12.2"])
def test_every_name_is_where_scripts_import_it_from(version: str) -> None:
    for place in names(version)["classes"]:
        assert inspect.isclass(ours(place)), place


def test_the_constructor_takes_what_it_took() -> None:
    taken = list(inspect.signature(coscine.ApiClient).parameters)
    theirs = names("0.12.2")["classes"]["ApiClient"]["__init__"]
    assert taken == theirs


def test_what_is_left_out_stands_in_the_table_and_says_why() -> None:
    found = left_out()
    assert len(found) > 15
    table = coscine.__doc__ or ""
    for place, it in found.items():
        assert f"`{place}`" in table or f"`{place.split('.')[-1]}`" in table, f"{place} is not in the table"
        with pytest.raises(NotImplementedError, match="whimbrel|had no use|come as|by itself"):
            it(None)

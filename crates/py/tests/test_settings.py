"""What can be set of any client."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from services import Sandbox
from whimbrel import dserver, errors


@pytest.mark.parametrize("name", ["requests_at_once", "requests_per_minute", "attempts", "deadline", "idle_timeout"])
@pytest.mark.parametrize("wrong", [0, -1, "many", 2.5])
def test_a_number_of_nothing_is_refused_by_its_name(sandbox: Sandbox, name: str, wrong: Any) -> None:
    settings: Any = {name: wrong}
    with pytest.raises(errors.InvalidError, match=f"{name} is a whole number, and at least 1; not {wrong}"):
        dserver.Client(**settings)


def test_a_mistyped_cache_is_no_file_in_the_working_directory(sandbox: Sandbox, here: Path) -> None:
    with pytest.raises(errors.InvalidError, match='"memory", "disk", "off" or the path of a file'):
        dserver.Client(cache="of")
    assert not list(here.iterdir())


def test_a_cache_is_where_it_is_wanted(
    sandbox: Sandbox, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHIMBREL_CACHE_DIR", str(here / "of the program"))
    for cache in (here / "answers", str(here / "others"), "disk", "memory", "off"):
        assert dserver.Client(cache=cache).versions()
    files = {it.relative_to(here).as_posix() for it in here.rglob("*") if it.is_file()}
    assert {"answers", "others", "of the program/cache.sqlite"} <= files
    assert not any(it.startswith(("disk", "memory", "off/")) for it in files)


def test_a_setting_that_there_is_not_is_told_with_those_that_there_are(sandbox: Sandbox) -> None:
    with pytest.raises(TypeError, match="there is no setting timeout; there are cache, .* deadline"):
        dserver.Client(timeout=3)  # type: ignore[call-arg]

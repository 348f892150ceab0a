"""What is known of files: checked before it is sent, and read as people wrote it."""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Iterator
from pathlib import Path

import pytest
from coscine_world import MEASURED, contents, folder_of, new_resource
from services import Sandbox
from whimbrel import coscine, errors


@pytest.fixture(scope="module")
def _sandbox(_no_settings_of_the_user: None) -> Iterator[Sandbox]:
    # One of its own: a user of one server has 500 requests a minute.
    with Sandbox("--requests-per-minute", "0") as sandbox:
        yield sandbox


@pytest.fixture
def resource(sandbox: Sandbox) -> coscine.Resource:
    return new_resource(coscine.Client())


def test_an_upload_with_missing_metadata_sends_nothing_and_names_the_field(resource: coscine.Resource) -> None:
    with pytest.raises(errors.InvalidError) as raised:
        resource.upload(b"12", "a.csv", metadata={"Title": "Run 7", "Colour": "red"})
    told = "\n".join(raised.value.findings)
    assert 'field "Creator": is required' in told and 'field "Colour": the profile has no such field' in told
    assert isinstance(raised.value, ValueError)
    assert len(resource.files().all()) == 0
    assert resource.metadata() == []


def test_a_folder_with_one_bad_record_sends_nothing_and_loses_nothing(resource: coscine.Resource, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "f", ["a.csv", "b.csv", "c.csv"])
    before = contents(folder)
    with pytest.raises(errors.InvalidError) as raised:
        resource.upload_dir(folder, metadata={"*": MEASURED, "b.csv": {"Creation Date": "yesterday"}})
    assert [it for it in raised.value.findings if "b.csv" in it and "yesterday" in it]
    assert len(raised.value.findings) == 1
    assert len(resource.files().all()) == 0 and contents(folder) == before


def test_values_of_python_are_written_as_the_profile_asks(resource: coscine.Resource) -> None:
    given = {
        "Title": "Run 7",
        "Creator": ["Ada", "Grace"],
        "Creation Date": datetime.date(2026, 11, 21),
        "State": "raw",
        "Samples": 3,
        "Temperature": decimal.Decimal("12.50"),
        "Instrument": "Balance 2",
        "Run": None,
    }
    resource.upload(b"12", "a.csv", metadata=given)
    metadata = resource.file("a.csv").metadata()
    assert (metadata.path, sorted(metadata["Creator"])) == ("a.csv", ["Ada", "Grace"])
    assert (metadata["Creation Date"], metadata["Samples"]) == ("2026-11-21", "3")
    assert (metadata["Temperature"], metadata["Instrument"]) == ("12.50", "Balance 2"), "a term by its label"
    assert "Run" not in metadata


@pytest.mark.parametrize(
    ("wrong", "error"), [("Title=x", TypeError), ({"Title": b"x"}, TypeError), ({1: "x"}, TypeError)]
)
def test_what_are_no_metadata_is_said(resource: coscine.Resource, wrong: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        resource.upload(b"12", "a.csv", metadata=wrong)  # type: ignore[arg-type]


def test_metadata_that_hold_themselves_are_refused(resource: coscine.Resource) -> None:
    endless: dict[str, object] = {}
    endless["Title"] = endless
    with pytest.raises(ValueError, match="too deep"):
        resource.upload(b"12", "a.csv", metadata=endless)
    with pytest.raises(ValueError, match="too deep"):
        resource.upload_dir(".", metadata=endless)


def test_fields_that_are_not_given_stay(resource: coscine.Resource) -> None:
    resource.upload(b"12", "a.csv", metadata=MEASURED)
    file = resource.file("a.csv")
    file.set_metadata({"State": "cleaned"})
    assert (file.metadata()["State"], file.metadata()["Title"]) == ("cleaned", "Run 7")
    file.set_metadata({"State": "cleaned"})
    assert [it.number for it in file.versions()] == [2, 1], "what changes nothing makes no version"
    assert file.metadata(1)["State"] == "raw" and file.version(1).number == 1
    with pytest.raises(errors.InvalidError):
        file.set_metadata({"State": "odd"})
    assert file.provenance().id


def test_rdf_is_taken_as_it_is(resource: coscine.Resource) -> None:
    turtle = resource.form().fill(MEASURED)
    resource.upload(b"12", "a.csv", rdf=turtle)
    file = resource.file("a.csv")
    assert file.metadata()["Title"] == "Run 7" and '"Run 7"' in file.graph()
    assert list(resource.graphs()) == ["a.csv"]
    with pytest.raises(errors.InvalidError, match="twice"):
        resource.upload(b"12", "a.csv", metadata=MEASURED, rdf=turtle)


def test_a_table_goes_with_a_folder_and_is_none_of_its_files(resource: coscine.Resource, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "f", ["a.csv", "sub/b.csv"])
    table = folder / "metadata.csv"
    table.write_text(
        "path,Title,Creator,Creation Date,State\n*,,Ada,2026-11-21,raw\na.csv,A,,,\nsub/b.csv,B,,,cleaned\n"
    )
    assert resource.upload_dir(folder, "up", table=table, exclude=["*.tmp"]).done == 2
    titles = {it.path: (it["Title"], it["State"]) for it in resource.metadata("up")}
    assert titles == {"up/a.csv": ("A", "raw"), "up/sub/b.csv": ("B", "cleaned")}
    # What is written is what is taken.
    other = new_resource(coscine.Client())
    again = tmp_path / "again.csv"
    again.write_text(resource.metadata_table("up"))
    assert other.upload_dir(folder / "sub", "sub", metadata={"b.csv": dict(resource.metadata("up")[1])}).done == 1
    assert {it.path for it in resource.metadata()} == set(titles)
    assert other.plan_upload(folder, table=again, exclude=["metadata.csv", "sub/"]).steps[0].metadata


def test_a_row_about_no_file_is_told_of(resource: coscine.Resource, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "f", ["a.csv"])
    with pytest.warns(UserWarning, match="gone.csv.*no such file"):
        resource.upload_dir(folder, metadata=[{"path": "a.csv", **MEASURED}, {"path": "gone.csv", "Title": "x"}])
    with pytest.raises(errors.InvalidError, match="twice"):
        resource.upload_dir(folder, metadata=MEASURED, table=tmp_path / "t.csv")
    with pytest.raises(errors.NotFoundError):
        resource.upload_dir(folder, table=tmp_path / "none.csv")


def test_a_form_tells_all_that_a_person_has_to_know(resource: coscine.Resource) -> None:
    form = resource.form()
    assert [it.label for it in form.fields if it.required] == ["Title", "Creator", "Creation Date", "State"]
    state = form.field("state")
    assert state.choices == ["raw", "cleaned", "derived"]
    assert form.field("Creation Date").datatype == "http://www.w3.org/2001/XMLSchema#date"
    assert form.field("Creator").max_count is None and form.field("Title").max_length == 200
    with pytest.raises(KeyError, match="it has: Title"):
        form.field("Colour")
    assert form.check(MEASURED) == []
    [finding] = form.check({**MEASURED, "Samples": "many"})
    assert (finding.field, finding.value, finding.rule) == ("Samples", "many", "datatype")
    assert form.template("de").startswith("path,")


def test_what_a_resource_fixes_need_not_be_given(sandbox: Sandbox) -> None:
    resource = new_resource(coscine.Client()).update(fixed_values={"http://purl.org/dc/terms/creator": "Ada"})
    given = {name: value for name, value in MEASURED.items() if name != "Creator"}
    assert resource.form().check(given) == []
    resource.upload(b"12", "a.csv", metadata=given)
    assert resource.file("a.csv").metadata()["Creator"] == "Ada"


def test_metadata_of_many_files_are_one_table(resource: coscine.Resource, tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    folder = folder_of(tmp_path / "f", ["a.csv", "b.csv"])
    resource.upload_dir(folder, metadata=MEASURED)
    table = resource.metadata().to_pandas()
    assert isinstance(table, pandas.DataFrame)
    assert list(table["path"]) == ["a.csv", "b.csv"] and set(table["Title"]) == {"Run 7"}


def test_a_frame_of_pandas_is_metadata_and_what_lacks_in_it_is_not_given(resource: coscine.Resource, tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    folder = folder_of(tmp_path / "f", ["a.csv", "b.csv"])
    frame = pandas.DataFrame([{"path": "a.csv", **MEASURED, "Samples": 3}, {"path": "b.csv", **MEASURED}])
    resource.upload_dir(folder, "column", metadata=frame)
    resource.upload_dir(folder, "index", metadata=frame.set_index("path"))
    told = {it.path: it.get("Samples") for it in resource.metadata()}
    assert told == {"column/a.csv": "3", "column/b.csv": None, "index/a.csv": "3", "index/b.csv": None}
    assert resource.form().check({**MEASURED, "Samples": float("nan")}) == []

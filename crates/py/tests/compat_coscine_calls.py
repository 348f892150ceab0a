"""What one of two packages says of what is in a sandbox, as JSON: the properties of all things, by their names.

usage: python compat_coscine_calls.py MODULE URL FOLDER, with the token in COSCINE_API_TOKEN
"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import sys
from collections.abc import Callable, Iterable
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

module, url, folder = sys.argv[1:]
coscine: Any = importlib.import_module(module)

#: They need rdflib, which only one of the two has; and a profile is written in Turtle in more than one way.
LEFT_OUT = {"literals", "identifiers", "graph", "definition", "application_profile", "client"}


def plain(it: Any) -> Any:
    if isinstance(it, datetime):
        it = it if it.tzinfo else it.replace(tzinfo=timezone.utc)
        return it.astimezone(timezone.utc).isoformat()
    if it is None or isinstance(it, (bool, int, float, str)):
        return it
    if isinstance(it, date):
        return it.isoformat()
    if isinstance(it, type):
        return it.__name__
    if isinstance(it, dict):
        return {str(name): plain(value) for name, value in it.items()}
    if isinstance(it, (list, tuple)):
        return [plain(value) for value in it]
    if type(it).__module__.startswith(module):
        return told(it) if type(it).__name__ in SMALL else str(it)
    return str(it)


SMALL = {
    "AcademicTitle",
    "Discipline",
    "License",
    "Organization",
    "ProjectRole",
    "ResourceQuota",
    "ResourceType",
    "ResourceTypeOptions",
    "User",
    "Visibility",
}


def outcome(ask: Callable[[], Any]) -> Any:
    try:
        return plain(ask())
    except Exception as e:
        return f"raises {type(e).__name__}"


def told(thing: Any) -> dict[str, Any]:
    """All properties of a thing."""
    names = [name for name, it in inspect.getmembers(type(thing)) if isinstance(it, property) and not name.startswith("_")]
    return {name: outcome(lambda name=name: getattr(thing, name)) for name in names if name not in LEFT_OUT}  # type: ignore[misc]


def by(key: Callable[[Any], Any], things: Iterable[Any]) -> dict[str, Any]:
    return {str(key(it)): told(it) for it in sorted(things, key=lambda it: str(key(it)))}


client = coscine.ApiClient(os.environ["COSCINE_API_TOKEN"], base_url=url, enable_caching=False, verbose=False)
demo = client.project("Demo")
files = demo.resource("Files")
measurements = demo.resource("Measurements")
answers: dict[str, Any] = {
    "projects": [it.display_name for it in client.projects()],
    "all projects": sorted(str(it.id) for it in client.projects(toplevel=False)),
    "project": told(demo),
    "project by id": told(client.project(demo.id, coscine.Project.id)),
    "project by pid": told(client.project(demo.pid, coscine.Project.pid)),
    "no project": outcome(lambda: client.project("Nothing")),
    "resources": by(lambda it: it.display_name, demo.resources()),
    "resource by name": told(demo.resource("Files", coscine.Resource.name)),
    "no resource": outcome(lambda: demo.resource("Nothing")),
    "members": by(lambda it: it.user.display_name, demo.members()),
    "invitations": by(lambda it: it.email, demo.invitations()),
    "quotas": by(lambda it: it.resource_type.specific_type, demo.quotas()),
    "quota": told(files.quota),
    "subprojects": [str(it) for it in demo.subprojects()],
    "me": told(client.self()),
    "users": by(lambda it: it.display_name, client.users("bob")),
    "tokens": [it.name for it in client.api_tokens()],
    "visibilities": by(lambda it: it.name, client.visibilities()),
    "disciplines": by(lambda it: it.name, client.disciplines()),
    "licenses": by(lambda it: it.name, client.licenses()),
    "languages": by(lambda it: it.name, client.languages()),
    "roles": by(lambda it: it.name, client.roles()),
    "resource types": by(lambda it: it.specific_type, client.resource_types()),
    "organization": told(client.organization("https://ror.org/04xfq0f34")),
    "profiles": by(lambda it: it.uri, client.application_profiles()),
    "profile": told(client.application_profile("https://purl.org/coscine/ap/whimbrel/measurement/")),
    "vocabulary": list(client.vocabulary("https://purl.org/coscine/vocabularies/whimbrel/instruments").keys()),
    "fields": by(lambda it: it.name, measurements.metadata_form().fields()),
    "top": by(lambda it: it.path, files.files()),
    "folder": by(lambda it: it.path, files.files("2026/january/")),
    "file": told(files.file("readme.txt")),
    "no file": outcome(lambda: files.file("nothing.txt")),
    "metadata": {it.path: len(it.versions) for it in measurements.metadata()},
    "form of a file": {name: sorted(map(str, it)) for name, it in measurements.file("run 7.csv").metadata_form().items()},
}
form = measurements.metadata_form()
answers["wrong values"] = [
    outcome(lambda: form.__setitem__(name, value))
    for name, value in [("Title", 7), ("State", "uncooked"), ("Instrument", "A hammer"), ("Samples", "many"), ("Nothing", "")]
]
german = coscine.ApiClient(os.environ["COSCINE_API_TOKEN"], "de", url, enable_caching=False, verbose=False)
answers["German"] = german.project("Demo").resource("Measurements").metadata_form().keys()
answers["no such language"] = outcome(lambda: setattr(german, "language", "fr"))
measurements.download(folder + "/")
answers["downloaded"] = {str(it.relative_to(folder)): it.read_text() for it in Path(folder).rglob("*") if it.is_file()}
print(json.dumps(answers))

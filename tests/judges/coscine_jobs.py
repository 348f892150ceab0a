"""One of the common jobs with an official Coscine SDK, to be watched from outside: `cargo xtask bench jobs`.

usage: python coscine_jobs.py JOB FOLDER, with COSCINE_URL and COSCINE_API_TOKEN in the environment
It gets ready, prints `@ready`, waits for a line, does the job, and prints `@done SECONDS COUNT`: how many it found or moved.
"""

import contextlib
import importlib.metadata
import os
import pathlib
import sys
import time
from datetime import date

import coscine

PROJECT = "Demo"
RESOURCE = "Measurements"
CLASS = "https://purl.org/coscine/vocabularies/whimbrel/instruments"

job, folder = sys.argv[1:]
folder = pathlib.Path(folder)
version = importlib.metadata.version("coscine")
url = os.environ["COSCINE_URL"]
# The older one adds `/coscine` by itself.
base = url.removesuffix("/coscine") if version.startswith("0.11.") else url


def client():
    return coscine.ApiClient(os.environ["COSCINE_API_TOKEN"], base_url=base, verbose=False)


def begin():
    print("@ready", flush=True)
    sys.stdin.readline()
    return time.perf_counter()


def by_name():
    return client().project(PROJECT).resource(RESOURCE)


def upload(resource):
    form = resource.metadata_form()
    form["Title"] = "T"
    form["Creator"] = "C"
    form["Creation Date"] = date(2026, 11, 21)
    form["State"] = "raw"
    form["Instrument"] = "Balance 2"
    count = 0
    for path in sorted((folder / "files").iterdir()):
        with path.open("rb") as content:
            resource.upload(path.name, content, form)
        count += 1
    return count


def download(resource):
    target = folder / f"coscine-{version}-{os.getpid()}"
    target.mkdir()
    resource.download(f"{target}/")
    return sum(path.is_file() for path in target.rglob("*"))


def show(resource):
    # What it prints goes where it does no harm.
    with open(os.devnull, "w") as out, contextlib.redirect_stdout(out):
        print(resource)
    return 1


OF_CLIENT = {
    "projects": lambda client: len(list(client.projects())),
    "resource": lambda client: int(client.project(PROJECT).resource(RESOURCE).display_name == RESOURCE),
    "profiles": lambda client: len(list(client.application_profiles())),
    "vocabulary": lambda client: len(client.vocabulary(CLASS).keys()),
}
OF_RESOURCE = {
    "files": lambda resource: len(list(resource.files())),
    "file": lambda resource: int(resource.file("f060.txt").name == "f060.txt"),
    "metadata": lambda resource: len(list(resource.metadata())),
    "metadata-of-one": lambda file: int(bool(file.metadata())),
    "form": lambda resource: int("Title" in resource.metadata_form().keys()),
    "print": show,
    "download": download,
    "upload": upload,
}

if job == "client":
    start = begin()
    count = len([client()])
elif job in OF_CLIENT:
    subject = client()
    start = begin()
    count = OF_CLIENT[job](subject)
else:
    subject = by_name()
    if job == "metadata-of-one":
        subject = subject.file("f060.txt")
    start = begin()
    count = OF_RESOURCE[job](subject)
print(f"@done {time.perf_counter() - start} {count}", flush=True)

"""The official Coscine SDK as the judge of the sandbox: drives it, prints what it was told as one JSON object.

usage: python coscine_sdk.py 0.11.13|0.12.2 URL TOKEN_FILE FOLDER
A failed expectation is an AssertionError, and an exit code that is not 0.
"""

import json
import pathlib
import sys
from datetime import date

import coscine

version, url, token_file, folder = sys.argv[1:]
folder = pathlib.Path(folder)
token = pathlib.Path(token_file).read_text().strip()
old = version == "0.11.13"
# The older one adds `/coscine` by itself.
base = url.removesuffix("/coscine") if old else url
client = coscine.ApiClient(token, base_url=base, enable_caching=False, verbose=False)


def ids(items):
    return sorted(str(item.id) for item in items)


told = {}
# 0.12.2 reads the first page of more than 50 for ever.
if old:
    told["projects"] = ids(client.projects(toplevel=False))
    demo = client.project("Demo")
    told["resources"] = ids(demo.resources())
else:
    demo = client.project(next(line for line in (folder / "demo-id").read_text().splitlines()), coscine.Project.id)
    told["resources"] = ids(demo.resources())
told["disciplines"] = ids(client.disciplines())
told["roles"] = sorted(role.name for role in client.roles())
told["licenses"] = sorted(license.name for license in client.licenses())
told["visibilities"] = sorted(visibility.name for visibility in client.visibilities())
told["resource_types"] = sorted(kind.specific_type for kind in client.resource_types())
told["languages"] = sorted(language.name for language in client.languages())
told["instruments"] = len(client.vocabulary("https://purl.org/coscine/vocabularies/whimbrel/instruments").keys())
told["profiles"] = sorted(profile.uri for profile in client.application_profiles())
told["me"] = str(client.self().id)

measurements = demo.resource("Measurements")
quota = measurements.quota
told["reserved_gib"] = round(quota.reserved / 2**30 if quota.reserved > 1000 else quota.reserved)


def form_of(resource, n):
    form = resource.metadata_form()
    form["Title"] = f"File {n}"
    form["Creator"] = "The official SDK"
    form["Creation Date"] = date(2026, 11, 21)
    form["State"] = "raw"
    form["Instrument"] = "Balance 2"
    return form


# Plain names: 0.12.2 encodes twice what it writes, and once what it reads.
names = [f"sdk-{version}-{n}.txt" for n in range(3)]
for n, name in enumerate(names):
    measurements.upload(name, f"content {n}".encode(), form_of(measurements, n))
listed = {file.name: file.size for file in measurements.files()}
assert all(listed[name] == len(f"content {n}") for n, name in enumerate(names)), listed
told["files"] = listed

target = folder / f"from-{version}"
target.mkdir()
if old:
    measurements.download(str(target) + "/")
    told["members"] = sorted(f"{member.user.first_name} {member.role.name}" for member in demo.members())
    told["quotas"] = sorted(quota.resource_type.specific_type for quota in demo.quotas())
    file = measurements.file(names[0])
    form = file.metadata_form()
    assert str(form["Title"]) in ("File 0", "['File 0']"), form["Title"]
    created = demo.create_resource(
        "Made by the SDK",
        "By the SDK",
        "A resource",
        client.visibility("Project Members"),
        [client.disciplines()[0]],
        client.resource_type("rdsrwth"),
        1,
        client.application_profile("https://purl.org/coscine/ap/whimbrel/simple/"),
    )
    assert "By the SDK" in [resource.display_name for resource in demo.resources()]
    created.delete()
    assert "By the SDK" not in [resource.display_name for resource in demo.resources()]
    file.delete()
    assert names[0] not in [file.name for file in measurements.files()]

print(json.dumps(told))

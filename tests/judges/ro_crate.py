"""CRS4's roc-validator as the judge of our RO-Crates: prints what it finds as one JSON object.

usage: python ro_crate.py CONTEXT 1.1|1.2 required|recommended FOLDER
No network: CONTEXT, a file, is what the validator is told to be behind RO-Crate's context. Whether anything on the web is
there is not asked.
"""

import io
import json
import logging
import pathlib
import sys
import tempfile

from requests.adapters import HTTPAdapter
from requests_cache import CachedSession
from rocrate_validator import models, services
from urllib3 import HTTPResponse

context, version, severity, folder = sys.argv[1:]
logging.disable(logging.WARNING)


class Canned(HTTPAdapter):
    """Answers every request with the context."""

    def send(self, request, **kwargs):
        body = io.BytesIO(pathlib.Path(context).read_bytes())
        headers = {"Content-Type": "application/ld+json"}
        answer = HTTPResponse(body, headers, 200, preload_content=False, request_url=request.url)
        return self.build_response(request, answer)


with tempfile.TemporaryDirectory() as cache:
    cache = f"{cache}/http"
    with CachedSession(cache_name=cache, backend="sqlite", expire_after=-1) as session:
        session.mount("https://w3id.org/ro/crate/", Canned())
        session.get(f"https://w3id.org/ro/crate/{version}/context").raise_for_status()
    settings = services.ValidationSettings(
        rocrate_uri=folder,
        profile_identifier=f"ro-crate-{version}",
        requirement_severity=models.Severity[severity.upper()],
        skip_availability_check=True,
        offline=True,
        cache_path=cache,
    )
    result = services.validate(settings)
    found = sorted({f"{issue.severity.name} {issue.check.identifier}: {issue.message}" for issue in result.get_issues()})
    checks = len(result.executed_checks)
print(json.dumps({"found": found, "checks": checks}))

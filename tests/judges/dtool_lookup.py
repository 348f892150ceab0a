"""Shows datasets with dtool_lookup_api, to be watched from outside: `cargo xtask bench dserver`.

usage: python dtool_lookup.py, with HOME a folder that has .config/dtool/dtool.json, and URIs, one a line, on the standard input
It prints JSON: `milliseconds`, a list with each call's, and `failed`, why each one that failed did.
"""

import json
import sys
import time

uris = sys.stdin.read().splitlines()
took, failed = [], []
try:
    # What it does at import can fail too, and then all fails.
    import dtool_lookup_api
except Exception as why:
    failed = [repr(why)] * len(uris)
    uris = []
for uri in uris:
    start = time.perf_counter()
    try:
        found = dtool_lookup_api.get_dataset(uri)
        if found.get("uri") != uri:
            failed.append(repr(found))
    except Exception as why:
        failed.append(repr(why))
    took.append((time.perf_counter() - start) * 1000)
print(json.dumps({"milliseconds": took, "failed": failed}))

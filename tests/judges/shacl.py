"""pyshacl's verdict on pairs of profile and data: a JSON object a line in; out `true`, `false`, or its error, a line each.

With a second argument it times the validation of that Turtle file against the first line's profile instead.
"""

import json
import logging
import sys
import time
import warnings

import pyshacl
import rdflib

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")
# Else `05` is read as `5`, which changes its length.
rdflib.NORMALIZE_LITERALS = False


def verdict(shapes, data):
    try:
        conforms, _, _ = pyshacl.validate(
            rdflib.Graph().parse(data=data, format="turtle"),
            shacl_graph=rdflib.Graph().parse(data=shapes, format="turtle"),
            inference="none",
        )
        return conforms
    except Exception as e:
        return f"{type(e).__name__}: {e}"


pairs = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
if len(sys.argv) > 2:
    data = open(sys.argv[2], encoding="utf-8").read()
    graph = rdflib.Graph().parse(data=data, format="turtle")
    shapes = rdflib.Graph().parse(data=pairs[0]["shapes"], format="turtle")
    start, cpu = time.perf_counter(), time.process_time()
    conforms, report, _ = pyshacl.validate(graph, shacl_graph=shapes, inference="none")
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    results = sum(1 for _ in report.subject_objects(rdflib.SH.resultSeverity))
    print(json.dumps({"seconds": seconds, "cpu": cpu, "conforms": conforms, "results": results}))
else:
    for pair in pairs:
        print(json.dumps(verdict(pair["shapes"], pair["data"])))

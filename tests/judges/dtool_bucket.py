"""Copies a dataset into a bucket as dtool does, and publishes it there.

usage: python dtool_bucket.py FOLDER BUCKET ENDPOINT ACCESS_KEY SECRET_KEY PREFIX
Prints JSON: the URI of the copy, and where it is published for an hour.
"""

import json
import os
import pathlib
import sys

folder, bucket, endpoint, access, secret, prefix = sys.argv[1:]
os.environ["DTOOL_S3_ENDPOINT_" + bucket] = endpoint
os.environ["DTOOL_S3_ACCESS_KEY_ID_" + bucket] = access
os.environ["DTOOL_S3_SECRET_ACCESS_KEY_" + bucket] = secret
os.environ["DTOOL_S3_DATASET_PREFIX_" + bucket] = prefix
os.environ["DTOOL_S3_PUBLISH_EXPIRY"] = "3600"
os.environ["AWS_DEFAULT_REGION"] = "us-east-1"
# boto3 asks a web address of its cloud for keys otherwise.
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"

import dtoolcore

uri = dtoolcore.copy(str(pathlib.Path(folder).resolve()), "s3://" + bucket)
published = dtoolcore.DataSet.from_uri(uri)._storage_broker.http_enable()
print(json.dumps({"uri": uri, "published": published}))

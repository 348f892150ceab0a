"""dserver: dtool's lookup server.

>>> from whimbrel import dserver
>>> client = dserver.Client()
>>> for dataset in client.search("tag:tribology creator:grace"):
...     print(dataset.name, dataset.readme().yaml()["temperature"])
tribology-run-07 297
tribology-run-19 309
"""

from __future__ import annotations

from .client import Client
from .content import Downloaded, Existing, Finding, Uploaded, Verified
from .dataset import Dataset
from .graph import Graph
from .manifest import Item, Manifest
from .readme import Readme
from .registration import Registration
from .server import Feature, Features
from .user import BaseUri, Right, Summary, User

__all__ = [
    "BaseUri",
    "Client",
    "Dataset",
    "Downloaded",
    "Existing",
    "Feature",
    "Features",
    "Finding",
    "Graph",
    "Item",
    "Manifest",
    "Readme",
    "Registration",
    "Right",
    "Summary",
    "Uploaded",
    "User",
    "Verified",
]

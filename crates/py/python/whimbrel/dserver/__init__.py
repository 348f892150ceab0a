"""dserver: dtool's lookup server.

>>> from whimbrel import dserver
>>> client = dserver.Client()
>>> len(client.search("")) > 0
True
"""

from __future__ import annotations

from .client import Client
from .dataset import Dataset

__all__ = ["Client", "Dataset"]

"""The names of older packages, over whimbrel: a script goes on working with its import line changed.

- `whimbrel.compat.coscine` for `coscine`
- `whimbrel.compat.dtool_lookup_api` for `dtool_lookup_api`
- `whimbrel.compat.codap` for `codap`
- `whimbrel.compat.cocaine` for `cocaine`, the framework's client side
- `whimbrel.compat.datasift` for `datasift`

Each module's text says what is covered, and what differs on purpose.
"""

from __future__ import annotations

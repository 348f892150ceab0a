"""`cocaine.detail`, as far as others have used it."""

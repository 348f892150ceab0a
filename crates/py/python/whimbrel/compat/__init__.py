"""The names of packages that scripts were written for."""

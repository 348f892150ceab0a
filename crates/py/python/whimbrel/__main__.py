"""The program: `python -m whimbrel`, and the script `whimbrel`."""

from __future__ import annotations

import sys

from ._native import program


def main() -> None:
    """Runs the program with the arguments of this process, and ends it with its exit code."""
    sys.exit(program(["whimbrel", *sys.argv[1:]]))


if __name__ == "__main__":
    main()

"""The program: `python -m whimbrel`, and the script `whimbrel`."""

from __future__ import annotations

import signal
import sys

from ._native import program


def main() -> None:
    """Runs the program with the arguments of this process, and ends it with its exit code."""
    # Ctrl-C is the program's: Python would hear of it only when the program has ended, and then complain.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.exit(program(["whimbrel", *sys.argv[1:]]))


if __name__ == "__main__":
    main()

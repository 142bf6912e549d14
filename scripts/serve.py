"""Serve the publication on this machine alone: `python scripts/serve.py --publish DIR [--port N]`.

Prints the address; a generation that is published meanwhile is the next page read.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from warehouse.errors import UserError
from warehouse.serving import server
from warehouse.settings import from_arguments


def main(argv: Sequence[str] | None = None) -> int:
    """Serves until it is interrupted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--publish", help="folder of the publications")
    parser.add_argument("--port", type=int, default=8000, help="port; the next free one when it is taken (8000)")
    arguments = parser.parse_args(argv)
    try:
        serving = server(from_arguments(arguments).publish, arguments.port)
    except UserError as error:
        print(f"serve: {error}", file=sys.stderr)
        return 1
    print(f"http://127.0.0.1:{serving.server_port}/ until Ctrl+C", flush=True)
    try:
        serving.serve_forever()
    except KeyboardInterrupt:
        print()
    finally:
        serving.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())

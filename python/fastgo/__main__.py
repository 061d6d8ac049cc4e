"""`python -m fastgo`: serves the demo."""

import argparse
import sys

import fastgo


def main() -> int:
    """Serves the demo until Ctrl-C; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="fastgo", description="Serves the demo: / and /fibonacci."
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=8080, help="port; 0: a free one (%(default)s)")
    parser.add_argument("--uds", metavar="PATH", help="Unix socket to listen on instead")
    parser.add_argument("--fd", type=int, help="descriptor of a listening socket to use instead")
    parser.add_argument("--backlog", type=int, default=0, help="connections that may wait")
    parser.add_argument("--loops", type=int, help="cores to serve on (all)")
    parser.add_argument("--engine", default="auto", help="auto, epoll or fasthttp (%(default)s)")
    parser.add_argument("--version", action="version", version=f"fastgo {fastgo.__version__}")
    options = parser.parse_args()
    try:
        fastgo.run(**vars(options))
    except fastgo.Error as error:
        print(f"fastgo: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

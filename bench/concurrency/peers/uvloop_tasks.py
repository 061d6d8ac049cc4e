"""Tasks of asyncio on the event loop of uvloop."""

from __future__ import annotations

import uvloop

from bench.concurrency.peers.asyncio_tasks import works
from bench.concurrency.peers.figures import main

if __name__ == "__main__":
    main(works(uvloop.run))

"""Fan-in with select and a timeout: one reader of several sources, for as long as they have news.

Each source sends when it likes. select takes what comes first, and the channel of `after` when
nothing has come for too long.
"""

import random

from fastgo.concurrency import Chan, aselect, chan, go, run, sleep
from fastgo.concurrency.time import after


async def report(city: str, readings: Chan[str]) -> None:
    """Sends a few readings, each when it likes."""
    for _ in range(3):
        await sleep(random.uniform(0.01, 0.05))
        await readings.asend(f"{city}: {random.randint(-10, 35)} degrees")


async def main() -> None:
    """Reads from all cities until none has news for a second."""
    cities = ["Paris", "Oslo", "Lima"]
    sources: list[Chan[str]] = [chan() for _ in cities]
    for city, source in zip(cities, sources, strict=True):
        go(report, city, source)

    while True:
        timeout = after(1.0)
        index, reading = await aselect(*(source.recv for source in sources), timeout.recv)
        if index == len(sources):
            print("nothing new for a second")
            return
        print(reading)


if __name__ == "__main__":
    run(main())

"""A pipeline that grows: the sieve of Eratosthenes, with a coroutine for each prime.

Numbers flow from one channel to the next. Whoever receives a prime puts a filter behind it, which
lets through what the prime does not divide.
"""

from fastgo.concurrency import Chan, chan, go, run


async def count(numbers: Chan[int]) -> None:
    """Sends 2, 3, 4 and so on, for ever."""
    number = 2
    while True:
        await numbers.asend(number)
        number += 1


async def strain(prime: int, numbers: Chan[int], rest: Chan[int]) -> None:
    """Lets through what the prime does not divide."""
    async for number in numbers:
        if number % prime:
            await rest.asend(number)


async def main() -> None:
    """Takes primes from the end of the pipeline, which each makes longer."""
    numbers: Chan[int] = chan()
    go(count, numbers)
    for _ in range(15):
        prime = await numbers.arecv()
        print(prime)
        numbers, behind = chan(), numbers
        go(strain, prime, behind, numbers)


if __name__ == "__main__":
    run(main())  # the end of main cancels what is left

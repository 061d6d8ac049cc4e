"""Serves handlers that are written in Python, and compiled by Numba."""

import fastgo

# A handler must not run for long: this takes less than a millisecond.
MOST = 1_000_000

app = fastgo.App()


@app.get("/fibonacci/{n}")
@fastgo.compiled("Fibonacci({n}) = {result} (with overflow)\n")
def fibonacci(n: int) -> fastgo.uint32:
    """Computes by twos, which needs no copies, and in 64 bits, of which 32 are returned."""
    if not 0 <= n <= MOST:
        raise ValueError("n is out of range")
    a, b = 0, 1
    for _ in range(n // 2):
        a += b
        b += a
    return (b if n % 2 else a) & 0xFFFFFFFF


@app.post("/words")
@fastgo.compiled("{result}\n")
def words(body: bytes) -> int:
    """Counts what stands between white space."""
    count = 0
    inside = False
    for byte in body:
        space = byte == 32 or 9 <= byte <= 13
        count += not space and not inside
        inside = not space
    return count


if __name__ == "__main__":
    fastgo.run(app)

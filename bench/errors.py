"""What ends a run of the benchmarks without a result."""


class BenchError(Exception):
    """The run cannot go on; the message says why and what to do next."""

"""Benchmarks of fastgo.concurrency beside its peers: `python -m bench.concurrency`."""

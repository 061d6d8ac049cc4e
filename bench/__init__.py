"""Benchmarks of fastgo against its peers: `python -m bench --help`."""

"""Tests of the harness, on recorded samples: they need neither wrk nor a server."""

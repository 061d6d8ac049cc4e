"""End-to-end tests: what the installed package does, in its own and in other processes."""

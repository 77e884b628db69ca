"""What `make` runs: the checks, the test run and what it needs from the system."""

"""One script for each figure of the README; `python -m benchmarks` runs them all."""

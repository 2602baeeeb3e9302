"""Programs that measure and prove: ``python -m bench`` prints the table of docs/bench.md."""

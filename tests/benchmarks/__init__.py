"""How fast the pipeline is, as ratios measured side by side: ``python -m tests.benchmarks``."""

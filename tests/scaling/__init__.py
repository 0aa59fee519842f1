"""What an article costs, a synthetic week, hot keys and a bill: ``python -m tests.scaling``."""

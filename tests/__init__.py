"""One test file a step, the whole graph, the fixtures and the quality commands."""

"""How the steps are joined and started: command line, options, the graph on one screen, the feed catalogue."""

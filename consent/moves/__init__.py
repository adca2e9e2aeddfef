"""People who move: what is told of it, and what comes of it."""

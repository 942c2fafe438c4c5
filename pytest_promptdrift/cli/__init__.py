"""The console script: it reads, shows, moves and removes files, and never calls a model."""

"""`make bench`: ours against the plainest thing that could do the same, on the same machine in one interleaved run."""

# First of all: `config` loads Celery, which reads the settings; begun from bench.settings, it finds them half made.
import config  # noqa: F401

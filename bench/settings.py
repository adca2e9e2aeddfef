"""The settings of production, with the paths of the bare views added: both sides share server, middleware and pool."""

from config.settings import *  # noqa: F403 - the very same, but for one

ROOT_URLCONF = "bench.urls"

"""The service as a whole: settings, paths, the Celery application."""

import gc

# Loading Django and ourselves makes half a million objects that stay: to look among them for garbage meanwhile, as the
# default would a hundred times, took a fifth of each start. Servers and workers set what suits their work.
gc.set_threshold(50_000, 20, 50)

"""The WSGI application. Refuses to start on bad settings, as the commands do."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

from django.urls import get_resolver  # noqa: E402  (needs the applications to be loaded)

from consent.checks import refuse_bad_settings  # noqa: E402
from consent.classify import text_rules  # noqa: E402

refuse_bad_settings()

# Load what the first request would, and keep the collector off it: a request leaves few cycles, and each full
# collection walked the whole of Django.
_ = get_resolver().url_patterns
text_rules.prepare()
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 50)

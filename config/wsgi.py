"""The WSGI application. Refuses to start on bad settings, as the commands do."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

from consent.checks import refuse_bad_settings  # noqa: E402  (needs the applications to be loaded)

refuse_bad_settings()

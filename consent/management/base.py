"""The base of our commands: each refuses bad settings, and loads no page for it."""

from django.core.management import base

from consent.checks import TAG


class BaseCommand(base.BaseCommand):
    """Django's own runs every check there is, and for those of the pages loads them all: a second each time.
    `manage.py check` does that.
    """

    requires_system_checks = [TAG]

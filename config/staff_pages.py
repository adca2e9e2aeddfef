"""Django's admin, whose pages are loaded where there are pages (config/urls.py), or where they are checked."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin.apps import SimpleAdminConfig
from django.contrib.admin.checks import check_admin_app, check_dependencies
from django.core import checks


class StaffPagesConfig(SimpleAdminConfig):
    """A worker or a command has no pages. Django's own configuration would load them all at each start."""

    def ready(self) -> None:
        checks.register(check_dependencies, checks.Tags.admin)
        checks.register(check_pages, checks.Tags.admin)


def check_pages(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    """`manage.py check` may come here before it has come to the URLs."""
    admin.autodiscover()
    return check_admin_app(app_configs, **kwargs)

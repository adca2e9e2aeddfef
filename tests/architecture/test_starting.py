"""A worker or a command starts quickly, since it loads nothing that only others need."""

import subprocess
import sys

ONLY_FOR_PAGES = {"config.urls", "consent.admin", "consent.views", "rest_framework.views", "unfold.admin"}
ONLY_FOR_SOME = {"botocore", "celery", "dkim", "dns", "email_validator", "flufl.bounce", "httpx", "numpy", "redis"}
SETUP = "import django; django.setup(); import sys; print(*sys.modules)"
CHECK = (
    "import django; django.setup(); from django.core.checks import run_checks; from django.contrib import admin;"
    "assert run_checks(tags=['admin']) == []; print(len(admin.site._registry))"
)


def test_what_is_loaded_with_django() -> None:
    loaded = set(
        subprocess.run([sys.executable, "-c", SETUP], check=True, capture_output=True, text=True).stdout.split()
    )
    assert "consent.models" in loaded
    assert sorted(loaded & (ONLY_FOR_PAGES | ONLY_FOR_SOME)) == []


def test_the_pages_of_staff_are_there_when_they_are_checked() -> None:
    told = subprocess.run([sys.executable, "-c", CHECK], check=True, capture_output=True, text=True).stdout
    assert int(told) > 20

"""`python -m tests.browser [NAME…]`: what `make screenshots` runs once its servers are there."""

import sys

import django

if __name__ == "__main__":
    django.setup()
    from tests.browser.screenshots import main

    sys.exit(main(sys.argv[1:]))

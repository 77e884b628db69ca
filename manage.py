#!/usr/bin/env python
"""Django's command line for the Developer Center."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "devcenter.settings")
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        _ = settings.DEBUG
    except ImproperlyConfigured as error:
        # Said once and plainly: Django goes on without settings, and fails later with something else.
        sys.exit(f"{error} On a laptop: DEBUG=1.")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()

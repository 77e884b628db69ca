"""The settings of the sites that tests start: the product's, but for what would only cost the tests time.

Files below /static/ may be kept by the browser, as in production, where their names change with their content: with
DEBUG on each page asks for all of its forty scripts and sheets again. Passwords are hashed quickly.
"""

from devcenter.settings import *  # noqa: F403

WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 3600
# Those that log in here have passwords which are written down in tests. The real ones stay readable.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

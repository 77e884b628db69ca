"""The product's settings, plus the two views of the floor."""

from devcenter.settings import *  # noqa: F403

ROOT_URLCONF = "bench.urls"

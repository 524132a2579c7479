"""The site's settings with one more address: a bare view to compare pages with."""

from backend.config.settings import *  # noqa: F403

ROOT_URLCONF = "tests.bench.urls"

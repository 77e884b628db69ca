"""The site that journeys and kill tests use: it comes up whole, survives what they do to it, and ends."""

import pytest

from tests.services.processes import wait_until
from tests.services.redis import Redis
from tests.services.site import Site

pytestmark = pytest.mark.processes


def test_the_running_site_answers(running_site: Site) -> None:
    assert running_site.status("/healthz") == 200
    assert running_site.status("/readyz") == 200
    assert running_site.manage("showmigrations", "--plan").stdout.count("[ ]") == 0


@pytest.mark.slow
def test_every_part_can_be_killed_and_started_again(breakable_site: Site, breakable_redis: Redis) -> None:
    site, redis = breakable_site, breakable_redis
    redis.kill()
    wait_until(lambda: site.status("/readyz") == 503, seconds=15, what="the site noticing that Redis is gone")
    redis.start()
    site.web.kill()
    assert site.status("/healthz") is None
    site.worker.kill()
    site.web.start()
    site.worker.start()

    assert site.is_ready()
    assert site.worker.is_running
    assert site.log_tails()["web"]

"""The demo is made by the real verbs against the running site, and making it again changes nothing."""

import json

import pytest

pytestmark = pytest.mark.processes
COUNTS = (
    "from django.apps import apps; import json; "
    "print(json.dumps({m._meta.label: m.objects.count() for m in apps.get_models() if m._meta.managed}))"
)
LOCAL = {"EGRESS_ALLOW": "127.0.0.0/8,::1/128"}


STAGES = (
    "from apps_catalog.models import App; "
    "print(dict(App.objects.filter(company__is_house=False).values_list('slug', 'stage')))"
)


def _last_line(site, *arguments: str) -> str:
    return site.manage(*arguments).stdout.strip().splitlines()[-1]


def _counts(site) -> dict[str, int]:
    counts = json.loads(_last_line(site, "shell", "-v", "0", "-c", COUNTS))
    ours = ("partners.", "apps_catalog.", "reviews.", "testbench.", "audit.")
    return {name: count for name, count in counts.items() if name.startswith(ours)}


def test_the_demo_is_complete_and_the_same_on_every_call(site_factory):
    site = site_factory(LOCAL)
    first = json.loads(_last_line(site, "seed_demo", "--json"))
    counts = _counts(site)
    second = json.loads(_last_line(site, "seed_demo", "--json"))
    assert first == second
    assert _counts(site) == counts
    assert set(first["users"]) == {"owner", "developer", "viewer", "stranger", "customer", "reviewer", "admin"}
    assert set(first["apps"]) == {"building", "private_beta", "public"}
    stages = _last_line(site, "shell", "-v", "0", "-c", STAGES)
    for stage, slug in first["apps"].items():
        assert f"'{slug}': '{stage}'" in stages


def test_without_a_way_to_the_echo_nothing_is_claimed(site_factory):
    site = site_factory({"EGRESS_ALLOW": ""})
    demo = json.loads(_last_line(site, "seed_demo", "--json"))
    stages = _last_line(site, "shell", "-v", "0", "-c", STAGES)
    assert "in_review" not in stages
    assert "beta" not in stages
    assert demo["apps"]["public"]

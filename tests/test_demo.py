"""The demo is made by the real verbs against the running site, and making it again changes nothing."""

import json
from typing import Any

import pytest

from tests.services.processes import wait_until
from tests.services.site import Site

pytestmark = pytest.mark.processes

# Without the figures that the beat computes by itself meanwhile.
TABLES = """
    SELECT table_name FROM information_schema.tables
    WHERE table_schema = 'public'
        AND table_name ~ '^(partners|apps_catalog|reviews|testbench|workspaces|installs|pulls|planning|trains|audit)_'
        AND table_name <> 'reviews_servicelevels'
"""
STAGES = """
    SELECT app.slug, app.stage FROM apps_catalog_app app JOIN partners_company company ON company.id = app.company_id
    WHERE NOT company.is_house
"""
VERIFIED = """
    SELECT app.slug, said.evidence FROM reviews_verification said JOIN apps_catalog_app app ON app.id = said.app_id
"""
ENABLED = """
    SELECT app.slug, install.state, install.first_used_at IS NOT NULL FROM installs_install install
    JOIN installs_client client ON client.id = install.client_id JOIN apps_catalog_app app ON app.id = client.app_id
    JOIN workspaces_workspace workspace ON workspace.id = install.workspace_id
    WHERE workspace.slug LIKE 'demo-stranger%%'
"""

RIDES = "SELECT app.slug, rides.state FROM trains_passenger rides JOIN apps_catalog_app app ON app.id = rides.app_id"


def verified_in(site: Site) -> list[tuple[str, bool]]:
    """Which Apps a customer confirmed, and whether events had been delivered by then."""
    rows = [(slug, evidence["count"] > 0) for slug, evidence in site.query(VERIFIED)]
    return [row for row in rows if row[0].startswith("acme-")]  # other tests share the site


def seeded(site: Site) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(site.manage("seed_demo", "--json", seconds=300).stdout.strip().splitlines()[-1])
    return found


def counts(site: Site) -> dict[str, int]:
    """The rows of each table, once the worker has done what was asked of it."""
    unfinished = "SELECT 1 FROM testbench_suiterun WHERE state IN ('queued', 'running')"
    wait_until(lambda: not site.query(unfinished), seconds=120, what="the end of the demo's runs")
    return {name: site.query(f"SELECT count(*) FROM {name}")[0][0] for (name,) in site.query(TABLES)}


def test_the_demo_is_complete_and_the_same_on_every_call(demo: dict[str, Any], running_site: Site) -> None:
    before = counts(running_site)

    assert seeded(running_site) == demo
    assert counts(running_site) == before
    assert set(demo["users"]) == {"owner", "developer", "viewer", "stranger", "customer", "reviewer", "admin"}
    assert len(demo["workspace"]["sources"]) == 2
    assert len(demo["customer_workspace"]["sources"]) == 1
    assert all(one["write_key"] for one in demo["workspace"]["sources"])
    assert verified_in(running_site) == [("acme-metrics", True)]
    assert running_site.query(ENABLED) == [(demo["apps"]["public"], "active", True)]
    oauth = demo["oauth"]
    assert oauth["scope"] == f"destination/{demo['apps']['public']}"
    assert "http://localhost:8888/auth/segment/callback" in oauth["redirect_uris"]
    assert len(oauth["client_secret"]) == 43
    assert set(demo["apps"]) == {"building", "private_beta", "public", "pull_request"}
    stages = dict(running_site.query(STAGES))
    by_stage = {stage: slug for stage, slug in demo["apps"].items() if stage != "pull_request"}
    assert {stage: stages[slug] for stage, slug in by_stage.items()} == {stage: stage for stage in by_stage}
    # Approved and merged: the next release takes it. The other one left in the emergency lane.
    assert demo["apps"]["pull_request"] == "acme-atlas"
    assert stages["acme-atlas"] == "in_review"
    assert stages["acme-beacon"] == "private_beta"
    assert dict(running_site.query(RIDES))["acme-atlas"] == "ready"
    assert dict(running_site.query(RIDES))["acme-beacon"] == "departed"


def test_without_a_way_to_the_echo_nothing_is_claimed(site_factory) -> None:
    site = site_factory({"EGRESS_ALLOW": ""}, is_started=False)

    demo = seeded(site)

    stages = set(dict(site.query(STAGES)).values())
    assert not stages & {"in_review", "private_beta", "public_beta"}
    assert demo["apps"]["public"]
    assert demo["oauth"]["client_id"]
    assert site.query("SELECT count(*) FROM installs_install") == [(0,)]

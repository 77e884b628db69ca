"""Workspaces and sources, for the wide scopes (D44, D45)."""

import pytest

from installs.config_api.tests.conftest import error_of
from workspaces.models import Source
from workspaces.sources import SOURCES


@pytest.fixture
def path(source) -> str:
    return f"/workspaces/{source.workspace.slug}/sources"


def new(path: str, slug: str, **more: object) -> dict[str, object]:
    return {"source": {"name": f"{path[1:]}/{slug}", "catalog_name": "catalog/sources/javascript", **more}}


def test_the_workspace_of_the_install_is_listed_and_no_other(reader, source, customer_workspace):
    workspace = source.workspace
    found = {
        "name": f"workspaces/{workspace.slug}",
        "display_name": workspace.name,
        "id": str(workspace.pk),
        "create_time": workspace.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }

    assert reader.get("/workspaces").json() == {"workspaces": [found], "next_page_token": ""}
    assert reader.get(f"/workspaces/{workspace.slug}").json() == found


def test_a_source_is_made_as_in_the_original(wide, path, source):
    answer = wide.post(path, new(path, "js"))

    made = Source.objects.get(slug="js")
    assert answer.status_code == 200, answer.content
    assert answer.json() == {
        "slug": "js",
        "name": f"{path[1:]}/js",
        "parent": f"workspaces/{source.workspace.slug}",
        "display_name": "js",
        "catalog_name": "catalog/sources/javascript",
        "enabled": True,
        "write_keys": [made.write_keys.get().key],
        "library_config": {
            "metrics_enabled": False, "retry_queue": False, "cross_domain_id_enabled": False, "api_host": "",
        },
        "create_time": made.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }  # fmt: skip
    assert error_of(wide.post(path, new(path, "js"))) == (409, 6, "source already exists")
    assert wide.get(f"{path}/js").json() == answer.json()


@pytest.mark.parametrize("slug", ["JS", "j_s", "-js", "new", "a b", "x" * 53, "ß", "js/x", "", ".."])
def test_a_slug_that_none_can_have_is_told(wide, path, slug):
    before = Source.every.count()

    assert error_of(wide.post(path, new(path, slug)))[:2] == (400, 3)
    assert Source.every.count() == before


@pytest.mark.parametrize("more", [
    {"catalog_name": "catalog/sources/fax"}, {"catalog_name": None}, {"catalog_name": ""}, {"display_name": 7},
    {"display_name": "x" * 61}, {"display_name": "a\u200bb"},
])  # fmt: skip
def test_what_a_source_cannot_be_is_told(wide, path, more):
    assert error_of(wide.post(path, new(path, "js", **more)))[:2] == (400, 3)


def test_more_than_the_budget_is_refused(wide, path, source):
    workspace = source.workspace
    Source.objects.bulk_create(Source(workspace=workspace, name=f"S{n}", slug=f"s{n}") for n in range(SOURCES - 1))

    assert "at most 50 sources" in error_of(wide.post(path, new(path, "js")))[2]


def test_the_masked_fields_of_a_source_change(wide, path, source):
    body = {
        "source": {"display_name": "Shop", "catalog_name": "catalog/sources/node.js", "enabled": False},
        "update_mask": {"paths": ["source.display_name", "source.catalog_name"]},
    }

    answer = wide.patch(f"{path}/website", body).json()
    off = wide.patch(f"{path}/website", {"source": {}, "update_mask": {"paths": ["source.enabled"]}}).json()

    assert (answer["display_name"], answer["catalog_name"], answer["enabled"]) == (
        "Shop",
        "catalog/sources/node.js",
        True,
    )
    assert (answer["slug"], off["enabled"]) == ("website", False)


def test_what_the_original_has_and_this_product_has_not_says_so(wide, path):
    body = {"source": {"library_config": {}}, "update_mask": {"paths": ["source.library_config"]}}

    assert error_of(wide.patch(f"{path}/website", body))[:2] == (501, 12)


def test_a_source_is_taken_away(wide, path):
    gone = wide.delete(f"{path}/website")

    assert (gone.status_code, gone.json()) == (200, {})
    assert error_of(wide.get(f"{path}/website")) == (404, 5, "source not found")


# --- Pages -------------------------------------------------------------------------------------------------------


def test_pages_follow_each_other_to_the_end_though_others_are_made_meanwhile(wide, path, source):
    workspace = source.workspace
    Source.objects.bulk_create(Source(workspace=workspace, name=f"S{n}", slug=f"s{n}") for n in range(4))

    first = wide.get(f"{path}?page_size=2").json()
    Source.objects.create(workspace=workspace, name="A new one", slug="a-new-one")
    Source.objects.filter(slug="s0").update(removed_at=source.created_at)
    second = wide.get(f"{path}?page_size=2&page_token={first['next_page_token']}").json()
    third = wide.get(f"{path}?page_size=2&page_token={second['next_page_token']}").json()

    slugs = [[each["slug"] for each in page["sources"]] for page in (first, second, third)]
    assert slugs == [["website", "s0"], ["s1", "s2"], ["s3", "a-new-one"]]
    assert third["next_page_token"] == ""


def test_a_page_has_at_most_100_and_50_without_a_wish(wide, path, source):
    workspace = source.workspace
    Source.objects.bulk_create(Source(workspace=workspace, name=f"S{n}", slug=f"s{n}") for n in range(120))

    assert [len(wide.get(f"{path}{query}").json()["sources"]) for query in ("", "?page_size=0", "?page_size=999")] == [
        50, 50, 100,
    ]  # fmt: skip


def test_a_token_of_another_list_or_a_changed_one_is_none(wide, path, source):
    Source.objects.create(workspace=source.workspace, name="S", slug="s")
    token = wide.get(f"{path}?page_size=1").json()["next_page_token"]

    for address in (
        f"/workspaces?page_token={token}",
        f"{path}?page_token={token}x",
        f"{path}?page_token={token[:-1]}",
    ):
        assert "page_token" in error_of(wide.get(address))[2]


def test_the_list_of_sources_costs_the_same_for_one_and_for_many(
    wide, path, source, django_assert_num_queries, django_assert_max_num_queries
):
    wide.get(path)
    with django_assert_max_num_queries(6) as first:
        wide.get(path)
    Source.objects.bulk_create(Source(workspace=source.workspace, name=f"S{n}", slug=f"s{n}") for n in range(5))
    with django_assert_num_queries(len(first)):
        wide.get(path)

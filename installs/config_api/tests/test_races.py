"""Several requests at once for one destination: made once, and no entry is lost (real threads, a real database)."""

from collections import Counter
from functools import partial

import pytest

from apps_catalog.states import SettingType
from installs.config_api.tests.conftest import Api, add_setting, body_of, path_of
from tests.counts import count
from tests.racing import Crew, meanwhile
from workspaces import lifecycle
from workspaces.models import Destination, Source

PARALLEL = count(6, 30)
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


def test_one_of_many_makes_it_and_every_patch_keeps_what_the_others_wrote(oauth_install, source, hook):
    token = Api(oauth_install).token
    keys = [add_setting(hook, f"part{number}", SettingType.STRING).key for number in range(PARALLEL)]
    path, one = path_of(source), path_of(source, hook.slug)

    with Crew() as crew:
        makers = [partial(Api(token=token).post, path, body_of(source, hook)) for _ in keys]
        answers = crew.at_once(*makers)
        bodies = [body_of(source, hook, mask=["destination.config"], **{key: key}) for key in keys]
        patches = crew.at_once(*[partial(Api(token=token).patch, one, body) for body in bodies])

    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: PARALLEL - 1}
    assert {answer.status_code for answer in patches} == {200}
    assert Destination.objects.get().open_values() == {"apiKey": "key-1"} | {key: key for key in keys}


@pytest.mark.postgres
def test_a_patch_keeps_what_a_customer_saves_at_the_same_moment(oauth_install, alice, source, hook):
    add_setting(hook, "region", SettingType.STRING)
    api = Api(oauth_install)
    api.post(path_of(source), body_of(source, hook, apiKey="old", region="old"))
    row = Destination.objects.select_related("source__workspace", "app").get()
    save = partial(lifecycle.save_values, alice, row, {"apiKey": "old", "region": "eu"}, revision=row.revision)
    body = body_of(source, hook, mask=["destination.config"], apiKey="new")

    answer = meanwhile(partial(api.patch, path_of(source, hook.slug), body), save)

    assert answer.status_code == 200, answer
    assert Destination.objects.get().open_values() == {"apiKey": "new", "region": "eu"}


@pytest.mark.postgres
def test_a_patch_of_a_source_keeps_what_a_customer_saves_at_the_same_moment(install_with, alice, source):
    api = Api(install_with("workspace"))
    body = {"source": {"catalog_name": "catalog/sources/python"}, "update_mask": {"paths": ["source.catalog_name"]}}
    save = partial(lifecycle.rename_source, alice, Source.objects.select_related("workspace").get(), "Renamed")

    path = f"/workspaces/{source.workspace.slug}/sources/{source.slug}"
    answer = meanwhile(partial(api.patch, path, body), save)

    assert answer.status_code == 200, answer
    found = Source.objects.get()
    assert (found.name, found.library) == ("Renamed", "python")

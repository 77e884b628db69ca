"""The upkeep page, the chips, the risk's page in the admin, and the command."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps_catalog.models import App, AppVersion
from reviews import submissions
from upkeep.models import LaunchItem, NightlyCheck, Risk
from upkeep.states import Found
from upkeep.tests.rows import DOWN, make_kept, make_night, make_risk

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept(listed: App, alice) -> App:
    """At risk, with a blog post planned."""
    make_kept(listed, alice)
    return listed


def page_of(app: App, client) -> str:
    answer = client.get(reverse("app-upkeep", args=[app.slug]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_says_the_risk_with_its_date_the_nights_and_the_promises(kept: App, alice, client_for):
    page = page_of(kept, client_for(alice))
    for text in ("At risk since", DOWN, "1 night passed and 3 failed", "No new required setting", "Look again now"):
        assert text in page
    assert page.count(DOWN) == 2  # in the risk, and once for the three nights


def test_viewers_and_staff_look_and_act_on_nothing(kept: App, viv, rita, client_for):
    for person in (viv, rita):
        page = page_of(kept, client_for(person))
        assert DOWN in page
        assert "Look again now" not in page
        assert "Save the plan" not in page


def test_the_tab_is_there_for_live_apps_only(app: App, alice, client_for):
    address = reverse("app-upkeep", args=[app.slug])
    assert f'href="{address}"' not in client_for(alice).get(reverse("app-detail", args=[app.slug])).content.decode()


def test_an_app_that_left_the_catalog_says_how_to_come_back(in_beta: App, alice, client_for):
    now = timezone.now()
    Risk.objects.create(app=in_beta, state="delisted", problems=[DOWN], grace_until=now, ended_at=now)
    assert "Out of the catalog since" in page_of(in_beta, client_for(alice))


def test_a_destination_by_pull_request_is_updated_by_a_pull_request(listed: App, alice, client_for):
    AppVersion.objects.filter(pk=listed.live_version_id).update(
        manifest={"components": [{"kind": "actions_destination"}]}
    )
    assert "An update is a new pull request" in page_of(listed, client_for(alice))


# --- Chips ---------------------------------------------------------------------------------------


def test_at_risk_is_said_in_the_console_in_the_catalog_and_at_the_desk(kept: App, alice, rita, client_for):
    update = submissions.submit(kept, alice, "Mended.")
    for person, address in (
        (alice, reverse("app-detail", args=[kept.slug])),
        (alice, reverse("catalog-entry", args=[kept.slug])),
        (rita, reverse("review-submission", args=[update.pk])),
    ):
        assert "At risk" in client_for(person).get(address).content.decode()


def test_an_entry_says_when_it_was_seen_to_work(listed: App, client):
    listed.entry.proven_at = timezone.now()
    listed.entry.save()
    page = client.get(reverse("catalog-entry", args=[listed.slug])).content.decode()
    assert "Seen to work" in page
    assert "At risk" not in page


# --- Launch content ------------------------------------------------------------------------------


def post(client, name: str, app: App, *slots: str, **data: str):
    return client.post(reverse(name, args=[app.slug, *slots]), data)


def test_plan_tick_and_drop(listed: App, alice, client_for):
    client, day = client_for(alice), timezone.now().date() + timedelta(days=30)
    sent = {"recipe-planned_on": f"{day}", "recipe-url": "acme.example/recipe", "recipe-note": "With orders."}
    answer = post(client, "app-upkeep-plan", listed, "recipe", **sent)
    assert (answer.status_code, answer["Location"]) == (303, f"/apps/{listed.slug}/upkeep/#launch")
    item = LaunchItem.objects.get()
    assert (item.planned_on, item.url, item.note) == (day, "https://acme.example/recipe", "With orders.")

    post(client, "app-upkeep-done", listed, "recipe", done="yes")
    assert "Open it again" in page_of(listed, client)
    post(client, "app-upkeep-done", listed, "recipe", done="no")
    assert LaunchItem.objects.get().done_at is None
    for _ in range(2):
        assert post(client, "app-upkeep-drop", listed, "recipe").status_code == 303
    assert not LaunchItem.objects.exists()


@pytest.mark.parametrize(
    "sent",
    [
        {"recipe-planned_on": "soon"},
        {"recipe-planned_on": "1999-01-01"},
        {"recipe-url": "javascript:alert(1)"},
        {"recipe-note": "x" * 501},
    ],
)
def test_a_wrong_plan_comes_back_as_it_was_typed(listed: App, alice, client_for, sent):
    answer = post(client_for(alice), "app-upkeep-plan", listed, "recipe", **{"recipe-note": "Keep me."} | sent)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "error-summary" in page
    assert next(iter(sent.values())) in page
    assert not LaunchItem.objects.exists()


def test_no_such_kind_of_content(listed: App, alice, client_for):
    assert post(client_for(alice), "app-upkeep-plan", listed, "poem").status_code == 404


def test_asking_for_another_look(kept: App, alice, client_for):
    NightlyCheck.objects.update(at=timezone.now() - timedelta(hours=3))
    before = NightlyCheck.objects.count()
    client = client_for(alice)
    assert post(client, "app-upkeep-again", kept).status_code == 303
    assert NightlyCheck.objects.count() in (before, before - 1)  # between midnight and two nothing has to be done


# --- The risk's page in the admin ----------------------------------------------------------------


def decide(client, risk: Risk, **data: str):
    return client.post(reverse("admin:upkeep_risk_decide", args=[risk.pk]), data)


def test_staff_clear_and_extend_from_the_admin(listed: App, rita, client_for):
    risk, client = make_risk(listed), client_for(rita)
    assert DOWN in client.get(reverse("admin:upkeep_risk_change", args=[risk.pk])).content.decode()
    day = timezone.now().date() + timedelta(days=30)
    assert decide(client, risk, decision="extend", until=f"{day}", reason="They move.").status_code == 303
    assert Risk.objects.get().grace_until.date() - day in (timedelta(0), timedelta(days=1))
    assert decide(client, risk, decision="clear", reason="Our fault.").status_code == 303
    assert Risk.objects.get().state == "cleared"
    late = decide(client, risk, decision="clear", reason="Once more.")
    assert (late.status_code, "Once more." in late.content.decode()) == (409, True)


@pytest.mark.parametrize(
    "sent",
    [
        {"decision": "clear", "reason": ""},
        {"decision": "extend", "reason": "Why not."},
        {"decision": "extend", "reason": "Why not.", "until": "2020-01-01"},
        {"decision": "sing", "reason": "Why not."},
    ],
)
def test_a_wrong_decision_is_told(listed: App, rita, client_for, sent):
    answer = decide(client_for(rita), make_risk(listed), **sent)
    assert answer.status_code == 422
    assert Risk.objects.get().state == "open"


# --- The command ---------------------------------------------------------------------------------


def run(capsys, *options: str) -> tuple[int, str]:
    try:
        call_command("nightly_check", *options)
    except SystemExit as end:
        return int(end.code or 0), capsys.readouterr().out
    return 0, capsys.readouterr().out


@pytest.fixture
def without_addresses(listed: App) -> App:
    """Nothing of it can be called, so that no test leaves this machine."""
    AppVersion.objects.filter(pk=listed.live_version_id).update(manifest={"components": [], "listing": {}})
    return listed


def test_the_command_looks_and_says_what_it_found(without_addresses: App, capsys):
    code, text = run(capsys, "--json")
    found = json.loads(text)
    assert (code, found["apps"]) == (0, [{"app": without_addresses.slug, "found": "unsure", "problems": []}])
    assert NightlyCheck.objects.get().judged_at is not None
    assert run(capsys, "--app", without_addresses.slug)[1].startswith("Looked: 1 Apps, 0 failed.")


def test_a_dry_run_writes_nothing(without_addresses: App, capsys):
    assert run(capsys, "--dry-run") == (0, f"Looked only: 1 Apps, 0 failed.\n  {without_addresses.slug}: unsure\n")
    assert not NightlyCheck.objects.exists()


def test_an_app_that_fails_ends_it_with_1(without_addresses: App, capsys):
    AppVersion.objects.filter(pk=without_addresses.live_version_id).update(
        manifest={"components": [], "listing": {"website": "http://127.0.0.1:1/"}}
    )
    code, text = run(capsys)
    assert (code, "failed (The website http://127.0.0.1:1/" in text) == (1, True)


def test_an_unknown_app_is_a_mistake_of_whoever_types(db):
    with pytest.raises(CommandError, match="No App in the catalog"):
        call_command("nightly_check", "--app", "nobody")


def test_the_page_costs_the_same_however_many_nights_there_are(listed: App, alice, client_for):
    client, costs = client_for(alice), []
    page_of(listed, client)
    for back in range(14):
        make_night(listed, back, Found.FAILED, DOWN)
        with CaptureQueriesContext(connection) as queries:
            page_of(listed, client)
        costs.append(len(queries))
    assert costs == [costs[0]] * 14

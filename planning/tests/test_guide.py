import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from audit.models import Record
from planning import guide
from planning.models import GuideTick
from planning.states import GuideItem

pytestmark = pytest.mark.django_db


def test_the_guide_is_done_when_every_item_is_ticked(app, alice, bob):
    assert not guide.done(app)
    for number, item in enumerate(GuideItem):
        assert guide.tick(bob if number else alice, app, item.value)
    assert guide.done(app)
    assert guide.progress(app).last.by == bob
    guide.untick(alice, app, GuideItem.TESTED)
    assert not guide.done(app)
    assert guide.progress(app).open_items == [GuideItem.TESTED]


def test_ticking_twice_has_one_effect_and_one_record(app, alice, bob):
    assert guide.tick(alice, app, "node")
    assert not guide.tick(bob, app, "node")
    assert GuideTick.objects.get().by == alice
    assert guide.untick(bob, app, "node")
    assert not guide.untick(bob, app, "node")
    told = Record.objects.filter(action__startswith="guide.").order_by("pk")
    assert [(each.action, each.data) for each in told] == [
        ("guide.ticked", {"item": "node"}),
        ("guide.unticked", {"item": "node"}),
    ]


@pytest.mark.parametrize("verb", [guide.tick, guide.untick])
def test_only_editors_tick_and_only_what_the_guide_has(verb, app, alice, viv, charlie, rita):
    for stranger in (viv, charlie, rita):
        with pytest.raises(PermissionDenied):
            verb(stranger, app, "node")
    with pytest.raises(ValidationError):
        verb(alice, app, "\x00")
    assert not GuideTick.objects.exists()


def test_reading_it_costs_one_query(app, alice, django_assert_num_queries):
    for item in GuideItem:
        guide.tick(alice, app, item.value)
    with django_assert_num_queries(1):
        assert [row.tick.by for row in guide.progress(app).rows] == [alice] * len(GuideItem)

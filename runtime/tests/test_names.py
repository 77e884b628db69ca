import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.names import RESERVED_WORDS, check_name, is_reserved, is_slug, skeleton, slugify_name


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Acme", "acme"),
        ("1Flow Mobile Plugin", "1flow-mobile-plugin"),
        ("A/B Smartly", "a-b-smartly"),
        ("Aggregations.io (Actions)", "aggregations-io-actions"),
        ("Blackbaud Raiser's Edge NXT", "blackbaud-raisers-edge-nxt"),
        ("Raiser’s Edge", "raisers-edge"),
        ("Heatmaps & Recordings", "heatmaps-and-recordings"),
        ("  --Größe  Ærø-- ", "grosse-aero"),
        ("Crème Brûlée", "creme-brulee"),
        ("İstanbul Łódź", "istanbul-lodz"),
        ("Ｆｕｌｌ", "full"),
        ("Битрикс", ""),
        ("!!!", ""),
    ],
)
def test_slugs(name, slug):
    assert slugify_name(name) == slug


@given(st.text(max_size=200))
def test_a_slug_is_empty_or_well_formed_and_stable(name):
    slug = slugify_name(name)

    assert slug == "" or is_slug(slug)
    assert slugify_name(slug) == slug


LOOK_ALIKES = [
    ("paypal", "раураl"),  # Cyrillic
    ("paypal", "pаypal"),
    ("paypal", "PayPal"),
    ("paypal", "pay-pal"),
    ("paypal", "pay_pal"),
    ("paypal", "pay pal"),
    ("paypal", "pay--pal"),
    ("paypal", "paypa1"),
    ("paypal", "paypai"),
    ("paypal", "pay\u200bpal"),
    ("paypal", "pay\u00adpal"),
    ("paypal", "pay\u2060pal"),
    ("paypal", "\u202epaypal"),
    ("paypal", "ｐａｙｐａｌ"),
    ("paypal", "𝐩𝐚𝐲𝐩𝐚𝐥"),
    ("paypal", "páypäl"),
    ("google", "g00gle"),
    ("google", "gοοgle"),  # Greek
    ("google", "ɡoogle"),
    ("amazon", "arnazon"),
    ("twilio", "tvvilio"),
    ("twilio", "tw1li0"),
    ("twilio", "twіlіo"),
    ("segment", "5egment"),
    ("segment", "ѕegment"),
    ("mixpanel", "rnixpanel"),
    ("mixpanel", "mixраnel"),
    ("slack", "s‐lack"),
    ("slack", "ⓢlack"),
    ("office", "oﬃce"),
    ("hotjar", "һotjar"),
    ("zendesk", "ΖΕΝdesk"),
]


@pytest.mark.parametrize(("known", "look_alike"), LOOK_ALIKES, ids=ascii)
def test_look_alikes_share_a_skeleton(known, look_alike):
    assert skeleton(known) == skeleton(look_alike)


@pytest.mark.parametrize(
    ("a", "b"),
    [("mixpanel", "mixpanels"), ("acme", "acne"), ("koala", "koala-cloud"), ("braze", "blaze"), ("s3", "s3x")],
)
def test_different_names_keep_different_skeletons(a, b):
    assert skeleton(a) != skeleton(b)


@given(st.text(max_size=60))
def test_a_skeleton_is_its_own(text):
    assert skeleton(skeleton(text)) == skeleton(text)


@pytest.mark.parametrize("slug", ["admin", "Admin", "adrnin", "l0gin", "log-in", "new", "segment", "5egrnent", "v1"])
def test_reserved_words_and_their_look_alikes(slug):
    assert is_reserved(slug)


def test_reserved_words_are_slugs():
    assert all(is_slug(word) for word in RESERVED_WORDS)


@pytest.mark.parametrize(
    "name",
    ["Acme", "1Flow", "Customer.io", "Größe GmbH", "A/B Smartly", "  Acme  ", "Segmentify"],
)
def test_ordinary_names_are_fine(name):
    assert check_name(name) == []


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("", "Enter"),
        ("   ", "Enter"),
        ("x" * 61, "Shorten"),
        ("Acme\u200b", "invisible"),
        ("Ac\x00me", "invisible"),
        ("\u202eemca", "invisible"),
        ("Aсme", "alphabets"),  # Cyrillic с
        ("Αcme", "alphabets"),  # Greek Α
        ("Битрикс", "Latin"),
        ("!", "Latin"),
        ("Admin", "reserved"),
        ("Log in", "reserved"),
        ("Segment", "reserved"),
        ("Segment Analytics", "Leave out “Segment”"),
        ("Acme for Twi1io", "Leave out “Twilio”"),
    ],
)
def test_says_what_is_wrong_with_a_name(name, word):
    (problem,) = check_name(name)

    assert word in problem
    assert problem.endswith(".")

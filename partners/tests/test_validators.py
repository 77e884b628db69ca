import pytest
from django.core.exceptions import ValidationError

from partners.models import domain_key, name_key
from partners.validators import read_website, validate_one_line


@pytest.mark.parametrize(
    "typed, address",
    [
        ("acme.example", "https://acme.example"),
        (" www.acme.example/about ", "https://www.acme.example/about"),
        ("//acme.example", "https://acme.example"),
        ("http://acme.example:8080/x?y=1", "http://acme.example:8080/x?y=1"),
        ("acme.example:8080", "https://acme.example:8080"),
        ("https://bücher.example", "https://bücher.example"),
    ],
)
def test_a_website_gets_its_scheme(typed, address):
    assert read_website(typed) == address


@pytest.mark.parametrize(
    "typed",
    [
        "acme", "javascript:alert(1)", "ftp://acme.example", "https://user:secret@acme.example", "https://", "http://[::1",
        "https://acme.example/ space", "mailto:a@acme.example", "<script>", "https://localhost", "data:text/html,x", "",
    ],
)  # fmt: skip
def test_what_is_no_website_is_refused(typed):
    with pytest.raises(ValidationError):
        read_website(typed)


def test_an_address_that_only_fits_without_its_scheme_is_refused():
    """The column holds 300 characters; on PostgreSQL one more is an error of the database."""
    assert len(read_website("acme.example/" + "a" * 279)) == 300
    with pytest.raises(ValidationError, match="300"):
        read_website("acme.example/" + "a" * 280)


@pytest.mark.parametrize("text", ["a\nb", "a\rb", "a\x00b", "a\u200bb", "a\u202eb", "a\u2028b"])
def test_names_stay_on_one_line(text):
    with pytest.raises(ValidationError):
        validate_one_line(text)


def test_names_with_accents_and_signs_are_fine():
    validate_one_line("Müller & Söhne <GmbH>, 東京")


@pytest.mark.parametrize("other", ["ACME", "Acme, Inc.", "acme ltd", "Аcme", "Ac-me", "ACME GmbH"])
def test_spellings_of_one_company_share_a_key(other):
    assert name_key(other) == name_key("Acme")


def test_other_companies_have_other_keys():
    assert len({name_key(name) for name in ("Acme", "Acme Analytics", "Apex", "Inc")}) == 4


def test_a_domain_key_is_what_somebody_registered():
    assert domain_key("https://app.shop.acme.co.uk/x") == "acme.co.uk"
    assert domain_key("nonsense") == ""

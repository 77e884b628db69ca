"""From the name of an App to its slug and skeleton, or a sentence that says why not (D1, T31)."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError

from apps_catalog.models import App
from runtime.names import check_name, skeleton, slugify_name

TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class AppName:
    """A name that may be used: `slug` is the address, `skeleton` what its look-alikes have in common."""

    name: str
    slug: str
    skeleton: str


def read_name(text: str, *, ours: App | None = None) -> AppName:
    """The name, slug and skeleton for what was typed. Raises ValidationError with one sentence per problem.

    `ours` is the App that is being renamed: it does not collide with itself.
    """
    problems = check_name(text)
    if problems:
        raise ValidationError(problems)
    name = " ".join(text.split())
    found = AppName(name, slugify_name(name), skeleton(slugify_name(name)))
    _refuse_look_alike(found, ours)
    return found


def kept_name(name: str, slug: str) -> AppName:
    """An imported name and slug as they are (CONTRACT, `import_catalog`)."""
    shape = skeleton(slug)
    if App.objects.filter(skeleton=shape).exists():
        shape = f"{slug}~"  # two real entries look alike; both stay
    return AppName(name, slug, shape)


def taken_error(slug: str) -> ValidationError:
    """What a person reads when the database says that somebody was faster."""
    return ValidationError(
        f"An App with the address “{slug}” exists already. Choose a name that tells yours apart.", code=TAKEN
    )


def _refuse_look_alike(found: AppName, ours: App | None) -> None:
    others = App.objects.exclude(pk=ours.pk) if ours else App.objects.all()
    slug = others.filter(skeleton=found.skeleton).values_list("slug", flat=True).first()
    if slug == found.slug:
        raise taken_error(slug)
    if slug is not None:
        # Which App it is stays unsaid: it may be somebody's secret (T21).
        raise ValidationError(
            "This name looks too much like one that exists. Choose a name that tells yours apart.", code=TAKEN
        )

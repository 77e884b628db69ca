"""Partner companies, their members, and the way in: access requests, vetting, waitlist."""

import re
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.offers import Offer
from partners.claimable import Claimable
from partners.promises import Promised
from partners.states import OPEN, Criterion, CriterionOutcome, Document, RequestState, Role
from runtime.company_address import registrable_domain, website_host
from runtime.names import skeleton

ANSWER_LIMIT = 5_000
KEY_LENGTH = 120
_LEGAL_FORM = re.compile(
    r"[\s,]+(?:inc|incorporated|ltd|limited|llc|llp|plc|corp|corporation|co|gmbh|ag|sa|sas|bv|nv|oy|ab|aps|srl|spa)\.?$",
    re.IGNORECASE,
)


def name_key(name: str) -> str:
    """What a company name has in common with its look-alikes; “Acme, Inc.” and “ACME” share one (T31)."""
    return skeleton(_LEGAL_FORM.sub("", name.strip()))[:KEY_LENGTH]


def domain_key(website: str) -> str:
    """The registered domain of a website, or ""."""
    return registrable_domain(website_host(website))[:KEY_LENGTH]


class CompanyQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """Companies that exist for `user`: their own; for staff, all."""
        if not user.is_authenticated:
            return self.none()
        return self if user.is_staff else self.filter(memberships__user=user)


class Company(models.Model):
    """A partner company. It comes into being when an access request is approved."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=80, unique=True)
    website = models.URLField(max_length=300, blank=True)
    # Derived from the two above, to find the same company under another spelling.
    name_key = models.CharField(max_length=KEY_LENGTH, blank=True, db_index=True, editable=False)
    domain = models.CharField(max_length=KEY_LENGTH, blank=True, db_index=True, editable=False)
    is_house = models.BooleanField(default=False, help_text="Segment itself: owns the imported catalog.")
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    delete_after = models.DateTimeField(null=True, blank=True)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, through="Membership", related_name="companies")

    objects = CompanyQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "companies"

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_key, self.domain = name_key(self.name), domain_key(self.website)
        super().save(*args, **kwargs)

    @property
    def chain(self) -> str:
        """The audit chain of everything this company does."""
        return f"company:{self.pk}"

    @property
    def is_active(self) -> bool:
        """Neither archived nor about to be deleted: its Apps and people may be changed."""
        return self.archived_at is None and self.delete_after is None


class Membership(models.Model):
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.DEVELOPER)
    joined_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["joined_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["company", "user"], name="partners_one_membership"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="partners_known_role"),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"

    @property
    def dialog_id(self) -> str:
        """The id of the question before removing this member."""
        return f"remove-member-{self.pk}"


class RemovedMember(models.Model):
    """Who was taken out of a company a while ago, so that a slip can be undone (accounts.undo.UNDO_FOR)."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="removed_members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=10, choices=Role)
    joined_at = models.DateTimeField()
    removed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-removed_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["company", "user"], name="partners_removed_once")]

    def __str__(self) -> str:
        return f"{self.user}, removed from {self.company}"


class Invitation(Offer):
    """An offer to join a company."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=10, choices=Role, default=Role.DEVELOPER)

    class Meta(Offer.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["company", "email"],
                condition=Q(accepted_at__isnull=True, revoked_at__isnull=True),
                name="partners_one_open_invitation",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.company}"


class AccessRequestQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        if not user.is_authenticated:
            return self.none()
        return self if user.is_staff else self.filter(applicant=user)

    def open(self) -> Self:
        return self.filter(state__in=OPEN)


class AccessRequest(Promised, Claimable):
    """One try of one person to become a partner: the survey of S3 and what became of it."""

    # Empty once the account is deleted: the request of a company stays, with what was accepted for it (S4).
    applicant = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="access_requests"
    )
    state = models.CharField(max_length=12, choices=RequestState, default=RequestState.DRAFT)
    # The six answers (S3). All may be empty in a draft.
    company_name = models.CharField("company name", max_length=120, blank=True)
    company_website = models.CharField("company website", max_length=300, blank=True)
    data_today = models.TextField("how customers’ data gets into your tool today", max_length=ANSWER_LIMIT, blank=True)
    data_from_segment = models.TextField(
        "where data sent by Segment will land and how it will show", max_length=ANSWER_LIMIT, blank=True
    )
    use_cases = models.TextField("what customers use your tool for", max_length=ANSWER_LIMIT, blank=True)
    heard_from = models.CharField("how you heard of Segment", max_length=300, blank=True)
    name_key = models.CharField(max_length=KEY_LENGTH, blank=True, db_index=True, editable=False)
    domain = models.CharField(max_length=KEY_LENGTH, blank=True, db_index=True, editable=False)
    # Counts saved changes; a form that carries an older number is a second tab.
    revision = models.PositiveIntegerField(default=0)
    # What the signals of the company address said at submission: [{kind, level, text}].
    signals = models.JSONField(default=list, blank=True)
    # When a task asked the DNS whether the applicant's domain takes mail; null asks for it.
    mail_checked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # Where the last decision moved it from, so that undoing it can put it back.
    former_state = models.CharField(max_length=12, choices=RequestState, blank=True)
    # Counts saved verdicts: two reviewers who judge at once must not overwrite each other unseen.
    judged_revision = models.PositiveIntegerField(default=0)
    # What the applicant reads: the reason of a decline, or what is asked for.
    message = models.TextField(blank=True)
    company = models.OneToOneField(
        Company, null=True, blank=True, on_delete=models.SET_NULL, related_name="access_request"
    )

    objects = AccessRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["state", "due_at"], name="access_request_queue")]
        constraints = [
            models.UniqueConstraint(
                fields=["applicant"], condition=Q(state__in=sorted(OPEN)), name="partners_one_open_request"
            ),
            models.CheckConstraint(condition=Q(state__in=RequestState.values), name="partners_known_state"),
        ]

    def __str__(self) -> str:
        return self.company_name or f"request {self.pk}"

    @property
    def chain(self) -> str:
        """The audit chain: the applicant's until there is a company; its own when there is neither."""
        if self.company:
            return self.company.chain
        return f"applicant:{self.applicant_id}" if self.applicant_id else f"access:{self.pk}"

    @property
    def applicant_address(self) -> str:
        """The applicant's address, or words for somebody whose account is deleted."""
        return self.applicant.email if self.applicant else "deleted account"

    @property
    def answers(self) -> dict[str, str]:
        return {field: getattr(self, field) for field in ANSWERS}

    @property
    def unanswered(self) -> list[str]:
        """Labels of the questions left open: complete answers speed approval (S2)."""
        return [label_of(field) for field, value in self.answers.items() if not value.strip()]

    @property
    def is_complete(self) -> bool:
        return not self.unanswered


# The six answers of S3, in the order in which they are asked.
ANSWERS = ("company_name", "company_website", "data_today", "data_from_segment", "use_cases", "heard_from")


def label_of(field: str) -> str:
    return str(AccessRequest._meta.get_field(field).verbose_name)  # type: ignore[union-attr]


class CriterionVerdict(models.Model):
    """What a reviewer found on one of the four criteria, and on what evidence."""

    request = models.ForeignKey(AccessRequest, on_delete=models.CASCADE, related_name="verdicts")
    criterion = models.CharField(max_length=20, choices=Criterion)
    outcome = models.CharField(max_length=10, choices=CriterionOutcome)
    evidence = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "criterion"], name="partners_one_verdict")]


class AgreementQuerySet(models.QuerySet["AgreementVersion"]):
    def in_force(self, now: datetime | None = None) -> "list[AgreementVersion]":
        """The newest effective version of each document, in the order of `Document`."""
        newest: dict[str, AgreementVersion] = {}
        for version in self.filter(effective_at__lte=now or timezone.now()).order_by("-effective_at", "-pk"):
            newest.setdefault(version.document, version)
        return [newest[document] for document in Document.values if document in newest]


class AgreementVersion(models.Model):
    """One version of one of the two documents; the newest in force is the one to accept."""

    document = models.CharField(max_length=20, choices=Document)
    version = models.CharField(max_length=20)
    url = models.URLField(max_length=300)
    effective_at = models.DateTimeField(default=timezone.now)

    objects = AgreementQuerySet.as_manager()

    class Meta:
        ordering = ["document", "-effective_at"]
        constraints = [models.UniqueConstraint(fields=["document", "version"], name="partners_one_version")]

    def __str__(self) -> str:
        return f"{self.get_document_display()} {self.version}"


class Acceptance(models.Model):
    """Who accepted which version, and when (S4)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="acceptances")
    request = models.ForeignKey(AccessRequest, on_delete=models.CASCADE, related_name="acceptances")
    agreement = models.ForeignKey(AgreementVersion, on_delete=models.PROTECT, related_name="acceptances")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "agreement"], name="partners_one_acceptance")]


class Intake(models.Model):
    """The switch of S7: while it is closed, requests go to the waitlist. One row."""

    accepting = models.BooleanField(default=True, help_text="Off: the request form becomes the waitlist.")
    notice = models.TextField(blank=True, help_text="Shown on the request page while it is closed.")

    class Meta:
        verbose_name_plural = "intake"

    def __str__(self) -> str:
        return "open" if self.accepting else "closed: waitlist"

    @classmethod
    def current(cls) -> "Intake":
        return cls.objects.order_by("pk").first() or cls()


class Policy(models.Model):
    """The numbers the product runs by, versioned: a change is a new row, never an edit (D48, S28, S31).

    An App is judged by the version in force when it was submitted.
    """

    class Weekday(models.IntegerChoices):
        MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = range(5)

    customers_to_verify = models.PositiveSmallIntegerField(default=1)
    public_beta_days = models.PositiveSmallIntegerField(default=14)
    access_days = models.PositiveSmallIntegerField(default=1, validators=[MinValueValidator(1)])
    review_days = models.PositiveSmallIntegerField(default=3, validators=[MinValueValidator(1)])
    late_days = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1)],
        help_text="Business days until the new date of an answer that is late.",
    )  # fmt: skip
    invite_days = models.PositiveSmallIntegerField(
        default=30, validators=[MinValueValidator(1), MaxValueValidator(365)],
        help_text="Days for which a personal link into a beta can be opened.",
    )  # fmt: skip
    secondary_categories = models.PositiveSmallIntegerField(default=1, validators=[MaxValueValidator(9)])
    description_warn = models.PositiveSmallIntegerField(default=500)
    description_limit = models.PositiveSmallIntegerField(default=1_000)
    oauth_required = models.BooleanField(default=False)
    # For destinations by pull request, whose rules were others (D48).
    pull_customers_to_verify = models.PositiveSmallIntegerField(default=1)
    pull_public_beta_days = models.PositiveSmallIntegerField(default=14)
    pull_configured_customers = models.PositiveSmallIntegerField(
        default=2, help_text="Customers whose destination is on before the beta badge comes off."
    )
    # After launch: failed nights in a row until an App is at risk, and days until it is delisted then.
    risk_nights = models.PositiveSmallIntegerField(default=3, validators=[MinValueValidator(1)])
    risk_days = models.PositiveSmallIntegerField(default=14, validators=[MinValueValidator(1)])
    release_weekday = models.PositiveSmallIntegerField(choices=Weekday, default=Weekday.WEDNESDAY)
    cutoff_weekday = models.PositiveSmallIntegerField(choices=Weekday, default=Weekday.TUESDAY)
    cutoff_time = models.TimeField(default="17:00")
    note = models.CharField(max_length=200, blank=True, help_text="Why it changed.")
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-pk"]
        verbose_name_plural = "policies"

    def __str__(self) -> str:
        return f"policy {self.pk}"

    @classmethod
    def current(cls) -> "Policy":
        """The version in force; the first one is made by a migration."""
        policy = cls.objects.order_by("-pk").first()
        return policy or cls.objects.create(note="The first version.")

    @classmethod
    def in_force(cls, at: datetime) -> "Policy":
        """The version that was in force at that moment; what came before the first version is judged by it."""
        made = cls.objects.filter(created_at__lte=at).order_by("-pk").first()
        return made or cls.objects.order_by("pk").first() or cls.current()

    def clean(self) -> None:
        if self.description_warn > self.description_limit:
            raise ValidationError({"description_warn": "Warn at or below the limit."})


class ClosedDay(models.Model):
    """A day on which the office is closed, beside the US federal holidays."""

    day = models.DateField(unique=True)
    reason = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day} {self.reason}".strip()

"""Submissions, the published steps of review (S29), and the nine steps of the checklist."""

from django.db.models import TextChoices


class SubmissionState(TextChoices):
    WAITING = "waiting", "waiting for review"
    APPROVED = "approved", "approved"
    CHANGES_REQUESTED = "changes_requested", "changes requested"
    REJECTED = "rejected", "rejected"
    WITHDRAWN = "withdrawn", "withdrawn"


# verb → (from, to). The only writers of Submission.state: `submissions` (withdraw), `appeals` (overturn),
# `github_verdicts` (reopen, roll_back, and request_changes where it was done in GitHub), `decisions` (the rest).
MOVES: dict[str, tuple[frozenset[str], str]] = {
    "approve": (frozenset({SubmissionState.WAITING}), SubmissionState.APPROVED),
    "request_changes": (frozenset({SubmissionState.WAITING}), SubmissionState.CHANGES_REQUESTED),
    "reject": (frozenset({SubmissionState.WAITING}), SubmissionState.REJECTED),
    "withdraw": (frozenset({SubmissionState.WAITING}), SubmissionState.WITHDRAWN),
    "overturn": (
        frozenset({SubmissionState.CHANGES_REQUESTED, SubmissionState.REJECTED}),
        SubmissionState.WAITING,
    ),
    "undo": (
        frozenset({SubmissionState.APPROVED, SubmissionState.CHANGES_REQUESTED, SubmissionState.REJECTED}),
        SubmissionState.WAITING,
    ),
    # GitHub's reviews moved on, so the decision does not stand any more (`reviews.ties`).
    "reopen": (frozenset({SubmissionState.APPROVED, SubmissionState.CHANGES_REQUESTED}), SubmissionState.WAITING),
    # What was approved was released and taken back.
    "roll_back": (frozenset({SubmissionState.APPROVED}), SubmissionState.CHANGES_REQUESTED),
}

# What an appeal can be about.
APPEALABLE = frozenset({SubmissionState.CHANGES_REQUESTED, SubmissionState.REJECTED})

# What a reviewer decided, as opposed to what the partner did.
DECIDED = frozenset(MOVES["undo"][0])


class ReviewStep(TextChoices):
    """The published steps of S29, in order."""

    LOG_IN = "log_in", "Log in with the supplied test account"
    API_KEY = "api_key", "Get an API key by following the catalog instructions"
    TEST_SUITE = "test_suite", "Run the Test Suite with it: all green or yellow"
    DATA_ARRIVES = "data_arrives", "Data arrives, and the docs say where each type shows"
    DOCS_MATCH = "docs_match", "The docs match what the test showed"
    CATALOG_INFO = "catalog_info", "The catalog information is correct"
    ENTRY_RENDERS = "entry_renders", "The catalog entry renders: categories, logos, description"

    def words(self, *, by_pull: bool) -> str:
        """The step for people; `by_pull`: there is nothing but a pull request, which the Test Suite cannot run."""
        is_other = by_pull and self == ReviewStep.TEST_SUITE
        return "Its checks at GitHub passed, and its tests are ticked" if is_other else str(self.label)


class StepOutcome(TextChoices):
    PASS = "pass", "pass"
    FAIL = "fail", "fail"


class EnquiryKind(TextChoices):
    """What a reviewer may ask a partner by mail (S8)."""

    REPLAY = "replay", "replay compatibility"
    OAUTH = "oauth", "Enable with Segment"


class ChecklistStep(TextChoices):
    """The nine steps; ids are stable (PRODUCT)."""

    ACCESS = "access", "Partner access"
    APPROVAL = "approval", "Segment access approval"
    COMMUNICATIONS = "communications", "Segment to partner"
    BUILD = "build", "Partner build"
    TEST = "test", "Partner test"
    DOCS = "docs", "Partner docs"
    METADATA = "metadata", "Partner metadata"
    SUBMISSION = "submission", "Partner submission"
    PUBLIC = "public", "Segment public beta approval"


class Attested(TextChoices):
    """Items that only the partner can see; who said so and when is kept."""

    EVENT_TESTER_USED = "event_tester_used", "Component added to a workspace and event tester used"
    DATA_SEEN = "data_seen", "Data seen in your own service"
    SDK_TESTED = "sdk_tested", "Tested with a Segment SDK"
    DATA_SEEN_AGAIN = "data_seen_again", "Data seen again after the SDK test"
    ENTRY_LOOKED_AT = "entry_looked_at", "Catalog entry looked at, and it renders right"


class Side(TextChoices):
    """The two ends of an App's thread."""

    PARTNER = "partner", "the partner"
    SEGMENT = "segment", "Segment"


class EntryKind(TextChoices):
    """What people write into a thread."""

    MESSAGE = "message", "message"
    NOTE = "note", "private note"  # for reviewers only


class RubricState(TextChoices):
    """A version of the rubric: edited, in force, or history."""

    DRAFT = "draft", "draft"
    IN_FORCE = "in_force", "in force"
    RETIRED = "retired", "retired"


class Severity(TextChoices):
    """What a broken rule means for a submission."""

    BLOCKING = "blocking", "blocking"
    ADVICE = "advice", "advice"


class Machine(TextChoices):
    """What a machine can say about a rule."""

    PASS = "pass", "pass"
    WARN = "warn", "warning"
    FAIL = "fail", "fail"
    PERSON = "person", "needs a person"
    NONE = "none", "not looked at"


class ProbeReason(TextChoices):
    """Why the addresses of an App are looked at."""

    PREFLIGHT = "preflight", "before submitting"
    PICK_UP = "pick_up", "at pick-up"


class AppealState(TextChoices):
    WAITING = "waiting", "waiting for another reviewer"
    UPHELD = "upheld", "decision upheld"
    OVERTURNED = "overturned", "decision overturned"
    WITHDRAWN = "withdrawn", "taken back"  # by submitting again


# verb → (from, to). `appeals` is the only writer of Appeal.state.
APPEAL_MOVES: dict[str, tuple[frozenset[str], str]] = {
    "uphold": (frozenset({AppealState.WAITING}), AppealState.UPHELD),
    "overturn": (frozenset({AppealState.WAITING}), AppealState.OVERTURNED),
    "withdraw": (frozenset({AppealState.WAITING}), AppealState.WITHDRAWN),
    "undo": (frozenset({AppealState.UPHELD, AppealState.OVERTURNED}), AppealState.WAITING),
}


class LiveChangeState(TextChoices):
    """What became of a change that went live on save."""

    INSTANT = "instant", "live, needs no review"
    WAITING = "waiting", "live, to be looked at"
    KEPT = "kept", "looked at and kept"
    TAKEN_BACK = "taken_back", "taken back"


# verb → (from, to). `live_changes` is the only writer of LiveChange.state.
LIVE_CHANGE_MOVES: dict[str, tuple[frozenset[str], str]] = {
    "keep": (frozenset({LiveChangeState.WAITING}), LiveChangeState.KEPT),
    "take_back": (frozenset({LiveChangeState.WAITING}), LiveChangeState.TAKEN_BACK),
    "undo": (frozenset({LiveChangeState.KEPT, LiveChangeState.TAKEN_BACK}), LiveChangeState.WAITING),
}

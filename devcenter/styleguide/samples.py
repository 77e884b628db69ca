"""Invented content for the style guide, in the shapes that the real pages use."""

import datetime as dt
from dataclasses import dataclass, field

from django import forms
from django.utils import timezone


@dataclass(frozen=True)
class SampleApp:
    name: str
    slug: str
    stage: str
    next_action: str
    owner: str = "Demo Company"

    def get_stage_display(self) -> str:
        return self.stage.replace("_", " ").capitalize()


@dataclass(frozen=True)
class SampleItem:
    text: str
    state: str
    reason: str = ""
    url: str = ""
    optional: bool = False
    attested_by: str = ""
    attested_at: dt.datetime | None = None


@dataclass(frozen=True)
class SampleStep:
    id: str
    number: int
    title: str
    state: str
    items: list[SampleItem] = field(default_factory=list)
    url: str = ""

    @property
    def done_count(self) -> int:
        return sum(item.state == "done" for item in self.items if not item.optional)

    @property
    def total_count(self) -> int:
        return sum(not item.optional for item in self.items)


@dataclass(frozen=True)
class SampleRail:
    steps: list[SampleStep]
    next_item: SampleItem | None

    @property
    def done_count(self) -> int:
        return sum(step.done_count for step in self.steps)

    @property
    def total_count(self) -> int:
        return sum(step.total_count for step in self.steps)


APPS = [
    SampleApp("Ledger Lens", "ledger-lens", "building", "Run the Test Suite"),
    SampleApp("Harbor Mail", "harbor-mail", "in_review", "Waiting for the review, due tomorrow"),
    SampleApp("Quiet Surveys", "quiet-surveys", "private_beta", "Invite a customer"),
    SampleApp("Northlight", "northlight", "public", "Nothing to do"),
]


def now() -> dt.datetime:
    return timezone.now()


def rail() -> SampleRail:
    run = SampleItem(
        "Run the Test Suite",
        "open",
        "The endpoint changed after the last run, so its result no longer counts.",
        "#suite",
    )
    seen = SampleItem("Data seen in your own service", "done", "", "", False, "bob", now())
    steps = [
        _done("access", 1, "Partner access", "Survey complete", "Both agreements accepted"),
        _done("approval", 2, "Segment access approval", "Four criteria judged, approved"),
        SampleStep(
            "communications", 3, "Segment to partner", "waiting",
            [SampleItem("Welcome sent", "done"), SampleItem("OAuth request answered", "waiting", "Segment will ask.")],
        ),
        SampleStep(
            "build", 4, "Partner build", "current",
            [
                SampleItem("App created", "done"),
                SampleItem("Collection and processing chosen", "done"),
                SampleItem("At least one component", "done"),
                run,
                SampleItem("Enable with Segment", "open", "", "#oauth", optional=True),
            ],
            "#build",
        ),
        SampleStep("test", 5, "Partner test", "open", [seen, SampleItem("Tested with a Segment SDK", "open", url="#")]),
        SampleStep("docs", 6, "Partner docs", "open", [SampleItem("Link to your own docs", "open", url="#")]),
        SampleStep("metadata", 7, "Partner metadata", "open", [SampleItem("Logo and mark", "open", url="#")]),
        SampleStep("submission", 8, "Partner submission", "open", [SampleItem("Submitted", "open", url="#")]),
        SampleStep("public", 9, "Segment public beta approval", "open", [SampleItem("A customer verified", "open")]),
    ]  # fmt: skip
    return SampleRail(steps, run)


def _done(step_id: str, number: int, title: str, *texts: str) -> SampleStep:
    return SampleStep(step_id, number, title, "done", [SampleItem(text, "done") for text in texts])


CASES = [
    {"type": "page", "name": "Anonymous visitor on the home page", "verdict": "green", "status": 200, "ms": 84.0},
    {"type": "identify", "name": "Visitor is identified", "verdict": "green", "status": 202, "ms": 112.0},
    {"type": "track", "name": "Signs up", "verdict": "red", "status": 500, "ms": 1240.0},
    {"type": "screen", "name": "Opens the mobile app", "verdict": "yellow", "status": 501, "ms": 41.0},
    {"type": "delete", "name": "Asks to be deleted", "verdict": "not_run", "status": None, "ms": None},
]

EVENT = (
    '{"type":"track","event":"Signed up","userId":"u_1024","timestamp":"2026-11-20T09:12:44.120Z",'
    '"properties":{"referrer":"https://www.example.com/","seats":3,"trial":true,"coupon":null,"tags":["new",1.0],'
    '"note":"Grüße <b>&amp;</b>"},"context":{}}'
)
EXCHANGE = {
    "request": {
        "method": "POST",
        "url": "https://hooks.demo.example/segment",
        "headers": [
            ("Authorization", "Basic ••••••••"),
            ("Content-Type", "application/json"),
            ("User-Agent", "Segment.io/1.0"),
            ("X-Segment-Settings", "eyJyZWdpb24iOiJldSJ9"),
        ],
        "body": EVENT,
    },
    "response": {
        "status": 200,
        "reason": "OK",
        "headers": {"Content-Type": "application/json", "X-Request-Id": "7f0c1d"},
        "body": '{"accepted":1,"id":"evt_00012345678901234567890"}',
    },
    "timings": {"dns": 4.2, "connect": 11.8, "tls": 23.1, "first_byte": 71.4, "body": 1.3},
    "duration_ms": 111.8,
}
NO_ANSWER = {
    "request": {"method": "POST", "url": "https://slow.demo.example/", "headers": {}, "body": "plain text, no JSON"},
    "response": None,
    "error": "The endpoint accepted the connection and then said nothing for 15 seconds.",
    "duration_ms": 15000.0,
}

FORM_VALUES = {"name": "Ledger Lens", "description": "Turns events into a ledger that finance can read."}


class SampleForm(forms.Form):
    name = forms.CharField(help_text="As customers will read it in the catalog.")
    website = forms.URLField(required=False, assume_scheme="https")
    description = forms.CharField(widget=forms.Textarea, max_length=500, help_text="What it does, for whom.")
    category = forms.ChoiceField(choices=[("", "Choose one"), ("analytics", "Analytics"), ("crm", "CRM")])
    region = forms.ChoiceField(widget=forms.RadioSelect, choices=[("us", "United States"), ("eu", "Europe")])
    logo = forms.FileField(required=False, help_text="SVG, at most 200 kB.")
    replay = forms.BooleanField(required=False, label="Honours the timestamp of old events")


def wrong_form() -> SampleForm:
    """A bound form with mistakes of several kinds."""
    return SampleForm({"website": "no scheme here", "description": "", "region": ""}, auto_id="wrong_%s")


class LoginForm(forms.Form):
    email = forms.EmailField(widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    password = forms.CharField(widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}))

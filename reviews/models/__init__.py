"""Submissions, what reviewers find and decide, and the proof that a beta gathers."""

from reviews.models.appeals import Appeal
from reviews.models.betas import BetaInvite, Problem, Verification
from reviews.models.desk import DeskChoice
from reviews.models.endings import Ending
from reviews.models.enquiries import Attestation, Enquiry
from reviews.models.live_changes import LiveChange
from reviews.models.releases import Release, ServiceLevels
from reviews.models.rubric import Probe, Rubric, Rule
from reviews.models.submissions import Evidence, Finding, StepVerdict, Submission, SubmissionQuerySet
from reviews.models.threads import Thread, ThreadEntry, ThreadReader

__all__ = [
    "Appeal",
    "Attestation",
    "BetaInvite",
    "DeskChoice",
    "Ending",
    "Enquiry",
    "Evidence",
    "Finding",
    "Probe",
    "LiveChange",
    "Problem",
    "Release",
    "Rubric",
    "Rule",
    "ServiceLevels",
    "StepVerdict",
    "Submission",
    "SubmissionQuerySet",
    "Thread",
    "ThreadEntry",
    "ThreadReader",
    "Verification",
]

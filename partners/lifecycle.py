"""The verbs of this package in one place: what dashboard, admin, commands and other packages call.

- `applying`: the applicant's (start, save_answers, submit, amend, withdraw, apply_again)
- `decisions`: the reviewer's (judge, approve, decline, ask_more, waitlist, admit, undo)
- `membership`: a company's people (invite … hand_over, and what takes a removal back)
- `leaving`: a company's rest and end (export_company, archive … purge_companies)
"""

from partners.applying import StaleRevision, amend, apply_again, save_answers, start, submit, withdraw
from partners.decisions import StaleVerdicts, admit, approve, ask_more, decline, judge, undo, waitlist
from partners.leaving import archive, export_company, keep, purge_companies, request_deletion, restore
from partners.membership import (
    accept_invitation,
    change_role,
    hand_over,
    invite,
    leave,
    remove_member,
    resend_invitation,
    restore_invitation,
    restore_member,
    revoke_invitation,
)

__all__ = [
    "StaleRevision",
    "StaleVerdicts",
    "accept_invitation",
    "admit",
    "amend",
    "apply_again",
    "approve",
    "archive",
    "ask_more",
    "change_role",
    "decline",
    "export_company",
    "hand_over",
    "invite",
    "judge",
    "keep",
    "leave",
    "purge_companies",
    "remove_member",
    "request_deletion",
    "resend_invitation",
    "restore",
    "restore_invitation",
    "restore_member",
    "revoke_invitation",
    "save_answers",
    "start",
    "submit",
    "undo",
    "waitlist",
    "withdraw",
]

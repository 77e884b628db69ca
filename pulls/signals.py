"""Tells whoever lives above this package that something about a linked pull request changed.

Sent inside the transaction that applies the change, so that what it causes is kept or lost together with it.
"""

from django.dispatch import Signal

# sender: PullRequest (the class); pull: PullRequest as it stands now, linked to an App; before: `standing.Snapshot`
# of what was known. Sent when verdict, checks, head, base, draft, open or merged differ, when there is news of a
# review, and when it was just linked.
pull_changed = Signal()

# sender: PullRequest (the class); pull: PullRequest, of no App any more; app: App that had it, locked; actor: User.
# Sent when staff took the claim away: whatever stands on what GitHub says about `pull` does not stand any more.
claim_released = Signal()

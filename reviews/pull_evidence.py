"""A pull request as it stood when it was handed in: what `Submission.pull` and the sealed evidence keep of it.

Nobody's name is among it, and no word of a review: who said what stays with the pull request.
"""

from typing import Any

from pulls.models import CheckSuite, PullRequest

# The newest of each; a pull request with more is no easier to judge.
MOST = 50


def frozen(pull: PullRequest) -> dict[str, Any]:
    """Plain values, in two queries: state, newest commit, reviews and checks."""
    suites = CheckSuite.objects.filter(repository=pull.repository_id, head_sha=pull.head_sha)
    return {
        "url": pull.url,
        "title": pull.title[:300],
        "base": pull.base,
        "head_sha": pull.head_sha,
        "is_open": pull.is_open,
        "is_draft": pull.is_draft,
        "merged_at": pull.merged_at.isoformat() if pull.merged_at else "",
        "verdict": str(pull.verdict),
        "checks": str(pull.checks),
        "as_of": pull.at.isoformat() if pull.at else "",
        "reviews": [
            {"id": one.github_id, "state": one.state, "commit": one.commit_sha, "at": one.submitted_at.isoformat()}
            for one in pull.reviews.all()[:MOST]
        ],
        "suites": [
            {"id": one.github_id, "program": one.program, "status": one.status, "conclusion": one.conclusion}
            for one in suites[:MOST]
        ],
    }

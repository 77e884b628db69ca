"""What is measured. Add a line here for a page that must stay fast."""

from dataclasses import dataclass

# How much slower than the floor's list a signed-in list may be at the median.
LIST_LIMIT = 2.0
# The page of a submission is a form of sixty controls beside a listing and a conversation, and no list. What is asked
# of it is LIST_LIMIT as well; this is what it holds so far (docs/performance.md).
SUBMISSION_LIMIT = 2.4
# A page is flat when its median with many Apps is at most this many times that with few.
FLAT_LIMIT = 1.3


@dataclass(frozen=True)
class Page:
    """`path` may name what the filling made: {app}, {submission}, {entry}.

    `who` is nobody, owner or reviewer. `limit` is the allowed ratio to the floor's list asked by the same
    person (None: only shown).
    """

    name: str
    path: str
    who: str
    limit: float | None = None
    is_flat: bool = True


EMPTY = Page("floor: empty view", "/bench/empty/", "nobody", is_flat=False)
# The same 20 rows for each of the people whose lists are measured: who is staff passes one more check.
FLOORS = {who: Page(f"floor: 20-row list, {who}", "/bench/list/", who, is_flat=False) for who in ("owner", "reviewer")}

PAGES = (
    EMPTY,
    *FLOORS.values(),
    Page("catalog, signed in", "/catalog/", "owner", LIST_LIMIT),
    Page("dashboard", "/apps/", "owner", LIST_LIMIT),
    Page("notices", "/notices/", "owner", LIST_LIMIT),
    Page("review queue", "/admin/review/", "reviewer", LIST_LIMIT),
    Page("catalog", "/catalog/", "nobody"),
    Page("catalog search", "/catalog/?q=analytics", "nobody"),
    Page("catalog entry", "/catalog/{entry}/", "nobody"),
    Page("App page", "/apps/{app}/", "owner"),
    Page("one submission", "/admin/review/{submission}/", "reviewer", SUBMISSION_LIMIT),
)


def floor_of(page: Page) -> Page:
    """The list that `page` is compared with; pages without log-in are held against the owner's."""
    return FLOORS.get(page.who, FLOORS["owner"])

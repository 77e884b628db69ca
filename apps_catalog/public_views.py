"""What everybody may see: the catalog, an entry's page, New & Noteworthy, pictures."""

from csp.decorators import csp_exempt
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from apps_catalog.models import Asset, CatalogEntry, Category
from apps_catalog.search import MAX_QUERY, filled_categories, give_categories, on_cards, search

PAGE_SIZE = 24
NOTEWORTHY = 12
# A picture opened by itself may do nothing at all (T11).
ASSET_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "Cache-Control": "public, max-age=31536000, immutable",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@require_safe
def catalog(request: HttpRequest) -> HttpResponse:
    """Search, category filter and pages, all in the query string."""
    query = request.GET.get("q", "").strip()[:MAX_QUERY]
    categories = list(filled_categories())
    category = _category(request.GET.get("category", ""), categories)
    found = search(query, category.slug if category else "")
    is_front = not query and category is None
    page = Paginator(on_cards(found), PAGE_SIZE).get_page(request.GET.get("page"))
    new = list(_new(4)) if is_front and not request.GET.get("page") else []
    give_categories([*page, *new])
    context = {
        "query": query,
        "category": category,
        "page_obj": page,
        "categories": categories,
        "new_entries": new,
    }
    return render(request, "apps_catalog/catalog/index.html", context)


@require_safe
def new_and_noteworthy(request: HttpRequest) -> HttpResponse:
    """What was released last (S34)."""
    entries = list(_new(NOTEWORTHY))
    give_categories(entries)
    return render(request, "apps_catalog/catalog/new.html", {"entries": entries})


def _category(slug: str, filled: list[Category]) -> Category | None:
    """The chosen category, which may be empty; None for none and for an unknown one."""
    if not slug:
        return None
    return next((one for one in filled if one.slug == slug), None) or Category.objects.filter(slug=slug).first()


def _new(number: int) -> QuerySet[CatalogEntry]:
    return on_cards(CatalogEntry.objects.listed().filter(is_noteworthy=True)).order_by("-listed_at")[:number]


@require_safe
def entry(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(
        CatalogEntry.objects.reachable()
        .select_related("version", "app__company")
        .prefetch_related("entry_categories__category"),
        slug=slug,
    )
    return render(request, "apps_catalog/catalog/entry.html", {"entry": found, "manifest": found.version.manifest})


@csp_exempt()  # type: ignore[arg-type]  # its hints know views without arguments only
@require_safe
def asset(request: HttpRequest, sha256: str) -> HttpResponse:
    """A cleaned picture; its address is the hash of its bytes, so it never changes."""
    found = get_object_or_404(Asset, pk=sha256)
    try:
        with found.file.open("rb") as file:
            data = file.read()
    except FileNotFoundError:
        raise Http404 from None
    return HttpResponse(data, content_type=found.content_type, headers=ASSET_HEADERS)

"""The product's addresses and, on the same server, the floor that they are compared with."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.urls import path
from django.utils.functional import SimpleLazyObject

from apps_catalog.models import App
from devcenter.urls import urlpatterns as product_urls

PAGE_SIZE = 20
ROWS = """<!doctype html><title>Floor</title><table>{% for app in apps %}
<tr><td><a href="/apps/{{ app.slug }}/">{{ app.name }}</a></td><td>{{ app.company.name }}</td>
<td>{{ app.get_stage_display }}</td><td>{{ app.created_at|date:"c" }}</td></tr>
{% endfor %}</table>"""
# Compiled once, and not before the template engine is set up.
_list_page = SimpleLazyObject(lambda: Template(ROWS))


def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


@login_required
def short_list(request: HttpRequest) -> HttpResponse:
    """20 rows from one query, as little around them as a page can have."""
    apps = App.objects.select_related("company").order_by("pk")[:PAGE_SIZE]
    return HttpResponse(_list_page.render(Context({"apps": apps})))


urlpatterns = [
    path("bench/empty/", empty),
    path("bench/list/", short_list),
    *product_urls,
]

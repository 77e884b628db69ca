"""The floor of the Tracking API: the least that a Django project can be which stores what is posted to it.

No middleware, one table with one index, nothing looked at: `/one/` inserts the body as a row, `/many/` inserts each
item of `batch` in bulk.
"""

import json
import os
from typing import Any

import dj_database_url
import django
from django.conf import settings

settings.configure(
    SECRET_KEY="bare",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF="bench.bare",
    MIDDLEWARE=[],
    DATABASES={"default": dj_database_url.parse(os.environ["DATABASE_URL"], conn_max_age=600)},
    USE_TZ=True,
)
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402  they need the settings
from django.db import models  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402
from django.views.decorators.csrf import csrf_exempt  # noqa: E402


class Row(models.Model):
    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(auto_now_add=True)
    payload = models.TextField()

    objects: models.Manager["Row"] = models.Manager()

    class Meta:
        app_label, db_table, managed = "bench", "bench_row", False


@csrf_exempt
def one(request: HttpRequest) -> HttpResponse:
    Row.objects.create(payload=request.body.decode())
    return HttpResponse(b'{"success":true}')


@csrf_exempt
def many(request: HttpRequest) -> HttpResponse:
    items: list[Any] = json.loads(request.body)["batch"]
    Row.objects.bulk_create(Row(payload=json.dumps(item)) for item in items)
    return HttpResponse(b'{"success":true}')


urlpatterns = [path("one/", one), path("many/", many)]
application = get_wsgi_application()

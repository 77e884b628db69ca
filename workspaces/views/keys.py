"""…/sources/<source>/keys/: write keys are made, rotated and disabled."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from accounts.visitor import person
from workspaces import lifecycle
from workspaces.forms import RotateForm
from workspaces.models import Source, WriteKey
from workspaces.page import source_page
from workspaces.rules import can_write
from workspaces.views.answers import refused, see_source, source_path


@require_POST
@source_page(can_write)
def rotate(request: HttpRequest, source: Source) -> HttpResponse:
    form = RotateForm(request.POST)
    if not form.is_valid():
        return refused(request, source_path(source), ValidationError("Choose how long the older key works."))
    seen = WriteKey.objects.filter(source=source, pk=form.cleaned_data["key"] or 0).first()
    try:
        lifecycle.rotate_key(person(request), source, overlap=form.time, instead_of=seen)
    except ValidationError as error:
        return refused(request, source_path(source), error)
    return see_source(request, source, "There is a new write key. Put it where the older one is.")


@require_POST
@source_page(can_write)
def disable(request: HttpRequest, source: Source, pk: int) -> HttpResponse:
    key = get_object_or_404(WriteKey.objects.filter(source=source), pk=pk)
    key.source = source
    changed = lifecycle.disable_key(person(request), key)
    if not changed:
        return see_source(request, source, "The key was disabled already.")
    return see_source(request, source, "The key is disabled: events with it are refused from now on.")

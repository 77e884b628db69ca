"""Mail templates in the admin: look at each, change its words, go back to the original.

The list is the table of kinds, not the rows: a template that nobody has changed has none.
"""

from typing import Any, cast

from csp.decorators import csp_replace
from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_safe

from accounts.visitor import person
from notifications import placeholders, rendering, templates
from notifications.dev_views import FRAME_POLICY
from notifications.kinds import KINDS, Kind, by_group, sample_context
from notifications.looking import ReadOnlyAdmin
from notifications.models import TemplateOverride
from notifications.rendering import Words
from notifications.templates import TEXT_LIMIT, Outdated
from notifications.validators import SUBJECT_LIMIT


class TemplateForm(forms.Form):
    """Checked against what the kind knows; `revision` is the number it was opened with."""

    subject = forms.CharField(max_length=SUBJECT_LIMIT, label="Subject", widget=forms.TextInput(attrs={"size": 80}))
    text = forms.CharField(
        max_length=TEXT_LIMIT, label="Text", widget=forms.Textarea(attrs={"rows": 16, "cols": 80}),
        help_text="Plain text; an empty line begins a paragraph. The frame, the button and the footer are added.",
    )  # fmt: skip
    revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, kind: Kind, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.kind = kind

    def clean_subject(self) -> str:
        return self._checked("subject")

    def clean_text(self) -> str:
        return self._checked("text", needs=self.kind.needs)

    def _checked(self, name: str, **options: Any) -> str:
        text = str(self.cleaned_data[name]).replace("\r\n", "\n")
        if problems := placeholders.faults(text, self.kind, **options):
            raise ValidationError([ValidationError(problem) for problem in problems])
        return text

    def replace_revision(self, revision: int) -> None:
        """Let the same words be saved now that their writer knows of the others."""
        sent = cast(QueryDict, self.data).copy()
        sent["revision"] = str(revision)
        self.data = sent

    def override(self) -> TemplateOverride:
        """What would be saved, after `is_valid`."""
        data = self.cleaned_data
        return TemplateOverride(template=self.kind.name, subject=data["subject"], text=data["text"])


class TemplateOverrideAdmin(ReadOnlyAdmin):
    list_display = ("template", "subject", "revision", "changed_by", "changed_at")
    list_select_related = ("changed_by",)
    fields = readonly_fields = ("template", "subject", "text", "revision", "changed_by", "changed_at")
    change_list_template = "admin/notifications/changed_templates.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("all/", view(self.templates_view), name="notifications_templates"),
            path("all/<str:name>/", view(self.template_view), name="notifications_template"),
            path("all/<str:name>/preview/", view(self.preview_view), name="notifications_template_preview"),
            *super().get_urls(),
        ]

    @method_decorator(require_safe)
    def templates_view(self, request: HttpRequest) -> HttpResponse:
        """Every template, by group, and whether it was changed."""
        self._refuse_strangers(request)
        changed = dict(TemplateOverride.objects.values_list("template", "changed_at"))
        groups = [
            (group.value, [(kind, changed.get(kind.name)) for kind in kinds])
            for group, kinds in by_group(is_staff=True)
        ]
        return self._show(request, "templates.html", {"title": "Mail templates", "groups": groups})

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def template_view(self, request: HttpRequest, name: str) -> HttpResponse:
        """One template: its form, the placeholders it knows, and what it says with sample values."""
        self._refuse_strangers(request)
        kind = _kind(name)
        if request.method != "POST":
            return self._form_page(request, kind, _form(kind))
        if not self._may_write(request):
            raise PermissionDenied
        if request.POST.get("act") == "restore":
            done = templates.restore(name, person(request))
            messages.success(request, "The original is back." if done else "It is the original already.")
            return _see(name)
        return self._save(request, kind, TemplateForm(kind, request.POST))

    def _save(self, request: HttpRequest, kind: Kind, form: TemplateForm) -> HttpResponse:
        if not form.is_valid():
            return self._form_page(request, kind, form, status=422)
        data = form.cleaned_data
        try:
            templates.change(kind.name, data["subject"], data["text"], data["revision"], person(request))
        except Outdated as late:
            form.replace_revision(late.revision)
            form.add_error(None, str(late))
            return self._form_page(request, kind, form, status=409)
        messages.success(request, "Saved. The next message of this kind uses it.")
        return _see(kind.name)

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    @method_decorator(xframe_options_sameorigin)
    @method_decorator(csp_replace(FRAME_POLICY))
    def preview_view(self, request: HttpRequest, name: str) -> HttpResponse:
        """The mail with sample values, in a frame: what is saved, or what the form would save."""
        self._refuse_strangers(request)
        kind, form = _kind(name), None
        if request.method == "POST":
            form = TemplateForm(kind, request.POST)
            if not form.is_valid():
                return self._show(request, "preview_faults.html", {"form": form}, status=422)
        words = preview(kind, request, form.override() if form else None)
        if "text" in request.GET or request.POST.get("part") == "text":
            return HttpResponse(f"{words.subject}\n\n{words.text}", content_type="text/plain; charset=utf-8")
        return HttpResponse('<!doctype html><base target="_blank">' + words.html)

    def _form_page(self, request: HttpRequest, kind: Kind, form: TemplateForm, *, status: int = 200) -> HttpResponse:
        context = {
            "title": kind.title,
            "kind": kind,
            "form": form,
            "may_write": self._may_write(request),
            "current": rendering.changed(kind.name),
            "names": [
                (name, placeholders.fill(f"{{{{ {name} }}}}", kind, sample_context(kind))) for name in kind.names
            ],
            "words": preview(kind, request),
        }
        return self._show(request, "template.html", context, status=status)

    def _refuse_strangers(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _may_write(self, request: HttpRequest) -> bool:
        """The stock permission: administrators have it, and whoever they give it to."""
        return bool(request.user.has_perm("notifications.change_templateoverride"))

    def _show(self, request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        context |= {**self.admin_site.each_context(request), "title": context.get("title", ""), "opts": self.opts}
        return TemplateResponse(request, f"admin/notifications/{template}", context, status=status)


def preview(kind: Kind, request: HttpRequest, override: TemplateOverride | None = None) -> Words:
    """The message of this kind with sample values, to whoever looks."""
    return rendering.render(kind.name, sample_context(kind), to=person(request), url="/sample/", override=override)


def _sample(kind: Kind, name: str) -> str:
    return placeholders.fill(f"{{{{ {name} }}}}", kind, sample_context(kind))


def _kind(name: str) -> Kind:
    if name not in KINDS:
        raise Http404("There is no such template.")
    return KINDS[name]


def _form(kind: Kind) -> TemplateForm:
    current = rendering.changed(kind.name)
    subject, text = (current.subject, current.text) if current else placeholders.starting_words(kind)
    initial = {"subject": subject, "text": text, "revision": current.revision if current else 0}
    return TemplateForm(kind, initial=initial)


def _see(name: str) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:notifications_template", args=[name]), status=303)

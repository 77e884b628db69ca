"""The installs of a workspace as its people see them: “Apps with access”."""

from dataclasses import dataclass

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from installs.models import Install
from installs.states import EndReason, InstallState
from workspaces.models import Destination, Workspace

_LOADED = ("client__app__listing", "client__app__company", "source", "consented_by", "ended_by")


def of(workspace: Workspace) -> QuerySet[Install]:
    """Every install of `workspace`, those that work first, then the newest."""
    order = Case(
        When(state=InstallState.ACTIVE, then=Value(0)),
        When(state=InstallState.PENDING, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return Install.objects.filter(workspace=workspace).select_related(*_LOADED).order_by(order, "-consented_at", "-pk")


@dataclass(frozen=True, slots=True)
class Row:
    """One install with what its App has on the source, whoever set that up."""

    install: Install
    destination: Destination | None

    @property
    def is_open(self) -> bool:
        return self.install.state != InstallState.ENDED

    @property
    def tone(self) -> str:
        if self.install.is_usable:
            return "success"
        return "progress" if self.install.state == InstallState.PENDING else "neutral"

    @property
    def word(self) -> str:
        """Its state in a word or two. What is still called active, but without effect, is not called so here."""
        is_over = self.install.state == InstallState.ACTIVE and not self.install.is_usable
        return "Without effect" if is_over else self.install.get_state_display()

    @property
    def reason(self) -> str:
        """Why it ended; empty as long as it has not."""
        return EndReason(self.install.end_reason).label if self.install.end_reason else ""

    @property
    def dialog_id(self) -> str:
        return f"end-access-{self.install.pk}"

    @property
    def question(self) -> str:
        """What ending it means, asked before."""
        name = self.install.client.app.name
        text = f"{name} can change nothing in this workspace from then on. To let it in again, start on its site."
        if self.destination is not None and self.destination.is_enabled:
            text += f" It goes on getting the events of {self.destination.source.name} until you switch it off."
        return text


def rows_of(installs: list[Install]) -> list[Row]:
    """The rows of a page, in one more query."""
    there: dict[tuple[int | None, int], Destination] = {
        (each.source_id, each.app_id): each
        for each in Destination.objects.filter(
            source__in=[install.source_id for install in installs if install.source_id],
            app__in=[install.client.app_id for install in installs],
        ).select_related("source", "app")
    }
    return [Row(install, there.get((install.source_id, install.client.app_id))) for install in installs]


def set_up_by(destination: Destination) -> Install | None:
    """The install whose App set up `destination` by itself; None where a person did.

    `destination.source` is loaded. An App with a wide scope may set up others too, but these it is not named for.
    """
    if destination.created_by_id is not None:
        return None
    source = destination.source
    there = Q(source=source) | Q(source__isnull=True, workspace=source.workspace_id)
    of_app = Install.objects.real().filter(there, client__app=destination.app_id)
    before = of_app.filter(activated_at__lte=destination.created_at)
    return before.select_related("client__app", "source").order_by("-activated_at").first()

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class DevcenterConfig(AppConfig):
    name = "devcenter"
    verbose_name = "Developer Center"

    def ready(self) -> None:
        from apps_catalog import code_trying, row_facts
        from apps_catalog import proven_types as proven
        from devcenter import app_rows, checks, login, proven_types, roles  # noqa: F401  (checks registers itself)
        from testbench.views import trying

        login.guard_admin()
        row_facts.provide(app_rows.last_runs, newest_run=app_rows.NEWEST_RUN)
        proven.provide(proven_types.of_app)
        code_trying.provide(trying.form_of)
        # The signal is sent for apps with models only, in the order of INSTALLED_APPS: this is the last of them.
        post_migrate.connect(roles.sync_reviewers, sender=apps.get_app_config("reviews"))

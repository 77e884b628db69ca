from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "audit"
    verbose_name = "Audit record"

    def ready(self) -> None:
        from accounts import leaving
        from audit import recording

        leaving.listen(recording.account_event)

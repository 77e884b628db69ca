from django.apps import AppConfig


class TrainsConfig(AppConfig):
    name = "trains"
    verbose_name = "Release train"

    def ready(self) -> None:
        # Models exist only once the registry is ready.
        from partners.export import register
        from pulls.models import PullRequest
        from pulls.signals import pull_changed
        from trains.boarding import on_pull_changed
        from trains.leaving import company_data

        register("releases", company_data)
        pull_changed.connect(on_pull_changed, sender=PullRequest, dispatch_uid="trains.merged")

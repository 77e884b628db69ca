from django.apps import AppConfig


class PullsConfig(AppConfig):
    name = "pulls"
    verbose_name = "Pull requests"

    def ready(self) -> None:
        # Models exist only once the registry is ready.
        from partners.export import register
        from pulls.leaving import company_data, erase

        register("pull_requests", company_data, erase=erase)

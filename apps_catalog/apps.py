from django.apps import AppConfig


class AppsCatalogConfig(AppConfig):
    name = "apps_catalog"
    verbose_name = "Apps and catalog"

    def ready(self) -> None:
        # Models exist only once the registry is ready.
        from apps_catalog.leaving import company_data, erase
        from partners.export import register

        register("apps", company_data, erase=erase)

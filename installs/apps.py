from django.apps import AppConfig


class InstallsConfig(AppConfig):
    name = "installs"
    verbose_name = "Enable with Segment"

    def ready(self) -> None:
        # Models exist only once the registry is ready.
        from accounts.leaving import Part
        from accounts.leaving import register as register_for_people
        from installs.client_leaving import company_data, erase
        from installs.leaving import data_of, forget
        from partners.export import register

        register("oauth_clients", company_data, erase=erase)
        register_for_people(Part("apps_with_access", export=data_of, erase=forget))

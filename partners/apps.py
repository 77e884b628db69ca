from django.apps import AppConfig


class PartnersConfig(AppConfig):
    name = "partners"
    verbose_name = "Partners"

    def ready(self) -> None:
        # Models exist only once the registry is ready.
        from accounts.leaving import Part, register
        from notifications import watch
        from partners import company_slack
        from partners.leaving import data_of, forget, obstacles_of

        watch.register("company", company_slack.watch)
        register(Part("partners", export=data_of, obstacles=obstacles_of, erase=forget))

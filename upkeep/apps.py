from django.apps import AppConfig


class UpkeepConfig(AppConfig):
    name = "upkeep"
    verbose_name = "Life after launch"

    def ready(self) -> None:
        # Models exist only once the registry is ready.
        from accounts.leaving import Part
        from accounts.leaving import register as register_for_people
        from partners.export import register as register_for_companies
        from upkeep.leaving import company_data, data_of, forget

        register_for_people(Part("upkeep", export=data_of, erase=forget))
        register_for_companies("upkeep", company_data)

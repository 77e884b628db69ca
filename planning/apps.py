from django.apps import AppConfig


class PlanningConfig(AppConfig):
    name = "planning"
    verbose_name = "Plans"

    def ready(self) -> None:
        # Models exist only once the registry is ready.
        from accounts.leaving import Part
        from accounts.leaving import register as register_for_people
        from partners.export import register
        from planning import slack_seats
        from planning.leaving import company_data, data_of

        register("plans", company_data)
        register_for_people(Part("plan_comments", export=data_of))
        register_for_people(Part("slack_seats", export=slack_seats.data_of))

from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "reviews"
    verbose_name = "Reviews"

    def ready(self) -> None:
        # Models exist only once the registry is ready.
        from accounts.leaving import Part
        from accounts.leaving import register as register_for_people
        from apps_catalog.going_live import register as register_road
        from partners.export import register as register_for_companies
        from pulls.signals import claim_released, pull_changed
        from reviews.github_verdicts import on_claim_released, on_departed, on_pull_changed, on_rolled_back
        from reviews.leaving import company_data, data_of, forget, tell_customers, withdraw_waiting
        from reviews.live_changes import carried, on_save
        from reviews.rules import is_invited
        from trains.carrying import register as register_carrier
        from trains.signals import departed, rolled_back
        from workspaces.installing import register_door

        register_for_people(Part("reviews", export=data_of, erase=forget))
        register_for_companies("reviews", company_data, erase=tell_customers, close=withdraw_waiting)
        register_road(on_save)
        register_door(is_invited)
        register_carrier(carried)
        pull_changed.connect(on_pull_changed, dispatch_uid="reviews")
        claim_released.connect(on_claim_released, dispatch_uid="reviews")
        departed.connect(on_departed, dispatch_uid="reviews")
        rolled_back.connect(on_rolled_back, dispatch_uid="reviews")

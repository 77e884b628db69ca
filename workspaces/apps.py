from django.apps import AppConfig


class WorkspacesConfig(AppConfig):
    name = "workspaces"
    verbose_name = "Workspaces"

    def ready(self) -> None:
        # Models exist only once the registry is ready.
        from accounts.leaving import Part, register
        from workspaces.leaving import data_of, forget, obstacles_of

        register(Part("workspaces", export=data_of, obstacles=obstacles_of, erase=forget))

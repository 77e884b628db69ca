from django.apps import AppConfig


class MetadataConfig(AppConfig):
    name = "metadata"
    verbose_name = "Catalog metadata by template"

    def ready(self) -> None:
        # Models exist only once the registry is ready.
        from accounts.leaving import Part, register
        from metadata.leaving import data_of

        register(Part("catalog_templates", export=data_of))

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = "Messages"

    def ready(self) -> None:
        from accounts import leaving
        from notifications import notices, outbox, preferences

        leaving.register(leaving.Part("notices", export=notices.export, erase=lambda user: outbox.forget(user.email)))
        leaving.register(leaving.Part("switched_off_mails", export=preferences.export))

from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    name = "conversations"

    def ready(self) -> None:
        from conversations.desk.live import shutting_out  # noqa: F401 - importing connects it

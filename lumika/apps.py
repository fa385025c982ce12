from django.apps import AppConfig


class LumikaConfig(AppConfig):
    name = "lumika"

    def ready(self) -> None:
        from lumika import checks  # noqa: F401 - importing registers them

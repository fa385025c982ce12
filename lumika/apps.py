from django.apps import AppConfig


class LumikaConfig(AppConfig):
    name = "lumika"

    def ready(self) -> None:
        from django.conf import settings

        from lumika import checks, data_directory

        checks.left_open = data_directory.close(settings.LUMIKA_DATA_DIR)

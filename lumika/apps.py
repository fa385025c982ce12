from django.apps import AppConfig
from django.contrib.admin import apps as admin


class LumikaConfig(AppConfig):
    name = "lumika"

    def ready(self) -> None:
        from django.conf import settings

        from lumika import checks, data_directory

        checks.left_open = data_directory.close(settings.LUMIKA_DATA_DIR)


class LumikaAdminConfig(admin.AdminConfig):
    default = False
    default_site = "lumika.admin_site.LumikaAdminSite"

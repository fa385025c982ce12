from django.apps import AppConfig
from django.contrib.admin import apps as admin


class LumikaConfig(AppConfig):
    name = "lumika"

    def ready(self) -> None:
        from lumika import checks  # noqa: F401 - importing registers them


class LumikaAdminConfig(admin.AdminConfig):
    default = False
    default_site = "lumika.admin_site.LumikaAdminSite"

"""The site map."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from lumika import pages

urlpatterns: list[URLPattern | URLResolver] = [
    path("", pages.start, name="start"),
    path("conversation/", include("conversations.urls")),
    path("accounts/", include("allauth.urls")),
    path("", include("workspaces.urls")),
    path("w/<slug:slug>/", include("integrations.urls")),
    path("admin/", admin.site.urls),
]

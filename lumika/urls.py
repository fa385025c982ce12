"""The site map."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from conversations.desk.home.pages import home
from lumika import account_pages, pages, unavailable

urlpatterns: list[URLPattern | URLResolver] = [
    path("", pages.start, name="start"),
    path("docs/", pages.docs_index, name="docs"),
    path("docs/<slug:page_slug>/", pages.docs_page, name="docs-page"),
    path("conversation/", include("conversations.urls")),
    path("accounts/email/", account_pages.email, name="account_email"),
    path("accounts/confirm-email/<str:key>/", account_pages.confirm_by_link, name="account_confirm_email"),
    path("accounts/", include("allauth.urls")),
    path("", include("workspaces.urls")),
    path("w/<slug:slug>/", home, name="home"),
    path("w/<slug:slug>/", include("conversations.desk.urls")),
    path("w/<slug:slug>/", include("integrations.urls")),
    path("admin/", admin.site.urls),
]

handler429 = pages.too_many_requests  # django-allauth calls it
handler500 = unavailable.server_error

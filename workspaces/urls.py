from django.urls import path

from workspaces.pages import home, landing, members, settings

app_name = "workspaces"
urlpatterns = [
    path("workspaces/", landing.landing, name="landing"),
    path("workspaces/new/", landing.create, name="create"),
    path("w/<slug:slug>/", home.home, name="home"),
    path("w/<slug:slug>/members/", members.index, name="members"),
    path("w/<slug:slug>/settings/", settings.index, name="settings"),
]

from django.urls import path

from integrations.pages import accounts, knowledge, responders

app_name = "integrations"
urlpatterns = [
    path("integrations/", accounts.index, name="accounts"),
    path("responders/", responders.index, name="responders"),
    path("knowledge/", knowledge.index, name="knowledge"),
]

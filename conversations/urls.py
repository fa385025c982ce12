from django.urls import path

from conversations import api

app_name = "conversations"
urlpatterns = [
    path("sse", api.sse, name="sse"),
    path("history", api.history, name="history"),
    path("cancel", api.cancel, name="cancel"),
]

from django.urls import path

from conversations.api import endpoints

app_name = "conversations"
urlpatterns = [
    path("sse", endpoints.sse, name="sse"),
    path("history", endpoints.history, name="history"),
    path("cancel", endpoints.cancel, name="cancel"),
]

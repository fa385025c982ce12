from django.urls import path

from conversations.consumers import DeskConsumer

websocket_urlpatterns = [path("w/<slug:slug>/live/", DeskConsumer.as_asgi())]

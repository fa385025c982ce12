from channels.security.websocket import WebsocketDenier
from django.urls import path, re_path

from conversations.desk.live.consumers import DeskConsumer

websocket_urlpatterns = [
    path("w/<slug:slug>/live/", DeskConsumer.as_asgi()),
    re_path("", WebsocketDenier.as_asgi()),
]

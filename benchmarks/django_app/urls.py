"""The two endpoints."""

from django.urls import path

from . import views

urlpatterns = [
    path("conversation/sse", views.send, name="send"),
    path("conversation/history", views.history, name="history"),
]

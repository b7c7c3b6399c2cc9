"""The sockets of the desk."""

from django.urls import URLPattern, path

from .consumers import DeskConsumer

websocket_urlpatterns: list[URLPattern] = [path("ws/desk/", DeskConsumer.as_asgi())]

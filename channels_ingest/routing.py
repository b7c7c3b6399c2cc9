"""The sockets of our own doors."""

from django.urls import URLPattern, path

from .web.chat.consumers import ChatConsumer

websocket_urlpatterns: list[URLPattern] = [path("ws/chat/", ChatConsumer.as_asgi())]

"""The addresses of the chat, below /support/chat/; the script tag itself is at /chat.js."""

from django.urls import path

from . import pages, views

urlpatterns = [
    path("<slug:slug>/", pages.frame, name="chat"),
    path("<slug:slug>/session/", views.session, name="chat_session"),
    path("<slug:slug>/messages/", views.messages, name="chat_messages"),
    path("<slug:slug>/read/", views.read, name="chat_read"),
    path("<slug:slug>/files/", views.receive_file, name="chat_files"),
    path("<slug:slug>/files/<uuid:pk>/", views.give_file, name="chat_file"),
]

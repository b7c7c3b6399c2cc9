"""The addresses of the REST API, mounted under /api/v1/."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView

from . import views

app_name = "api"
urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("tickets/", views.TicketList.as_view(), name="tickets"),
    path("tickets/<str:number>/", views.TicketDetail.as_view(), name="ticket"),
    path("tickets/<str:number>/messages/", views.MessageList.as_view(), name="messages"),
    path("tickets/<str:number>/replies/", views.ReplyList.as_view(), name="replies"),
    path("tickets/<str:number>/notes/", views.NoteList.as_view(), name="notes"),
]

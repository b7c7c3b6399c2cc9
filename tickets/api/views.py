"""Tickets, their messages, replies and notes for programs; everything found through `access`."""

from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, status
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from .. import access
from ..actions.notes import add_note
from ..actions.replies import reply
from ..actor import Actor
from ..case_numbers import parse_one
from ..models import Alias, Conversation, Message, Ticket, User
from ..queries.triage import latest_triage
from .serializers import (
    ConversationSerializer,
    FilterSerializer,
    MessageSerializer,
    NoteSerializer,
    ReplySerializer,
    TicketDetailSerializer,
    TicketSerializer,
    TriageSerializer,
)

_NUMBER = OpenApiParameter("number", str, OpenApiParameter.PATH)
_KEY = OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)


class NewestFirst(CursorPagination):
    ordering = ("-last_activity_at", "-id")
    page_size = 50


class OldestFirst(CursorPagination):
    ordering = ("created_at", "id")
    page_size = 100


class TicketList(generics.ListAPIView[Ticket]):
    """The visible tickets, last activity first; merged ones are left out."""

    serializer_class = TicketSerializer
    pagination_class = NewestFirst

    @extend_schema(parameters=[FilterSerializer])
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Ticket]:
        asked = FilterSerializer(data=self.request.query_params)
        asked.is_valid(raise_exception=True)
        tickets = access.visible_tickets(_user(self.request)).filter(merged_into__isnull=True)
        wanted = asked.validated_data
        if "state" in wanted:
            tickets = tickets.filter(state=wanted["state"])
        if "team" in wanted:
            tickets = tickets.filter(team__slug=wanted["team"])
        if "channel" in wanted:
            through = Conversation.objects.filter(channel__slug=wanted["channel"])
            tickets = tickets.filter(pk__in=through.values("ticket"))
        return tickets.select_related("team", "assignee", "contact", "merged_into")


class TicketDetail(APIView):
    """One ticket by any number that leads to it, in any writing."""

    @extend_schema(parameters=[_NUMBER], responses=TicketDetailSerializer)
    def get(self, request: Request, number: str) -> Response:
        ticket = _ticket(request, number)
        user = _user(request)
        conversations = access.visible_conversations(user, ticket)
        shown = conversations.select_related("channel", "identity").order_by("pk")
        body = {
            **TicketSerializer(ticket).data,
            "conversations": ConversationSerializer(shown, many=True).data,
        }
        if access.may_change(user):
            latest = latest_triage(ticket)
            body["triage"] = TriageSerializer(latest).data if latest else None
            body["escalated_at"] = ticket.escalated_at
            body["escalation"] = ticket.escalation
        return Response(body)


class MessageList(generics.ListAPIView[Message]):
    """The messages and notes of a ticket, oldest first, each with its decision."""

    serializer_class = MessageSerializer
    pagination_class = OldestFirst
    queryset = Message.objects.none()

    def get_queryset(self) -> QuerySet[Message]:
        ticket = _ticket(self.request, self.kwargs["number"])
        readable = access.readable_messages(_user(self.request))
        return (
            readable.filter(Q(conversation__ticket=ticket) | Q(ticket=ticket))
            .select_related("channel", "author")
            .prefetch_related("attachments", "deliveries")
        )


class ReplyList(APIView):
    """Answer a customer in one of the ticket's conversations."""

    @extend_schema(
        parameters=[_NUMBER, _KEY], request=ReplySerializer, responses={201: MessageSerializer}
    )
    def post(self, request: Request, number: str) -> Response:
        asked = ReplySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        user = _user(request)
        wanted = access.visible_conversations(user, _ticket(request, number))
        conversation = (
            wanted.select_related("channel").filter(pk=asked.validated_data["conversation"]).first()
        )
        if conversation is None:
            raise Http404
        if not access.may_reply(user, conversation):
            raise access.NotAllowed
        message = reply(
            conversation=conversation,
            text=asked.validated_data["text"],
            by=Actor.of(user),
            now=timezone.now(),
            client_key=_key(request),
            seen_version=asked.validated_data.get("seen_version"),
        )
        return Response(MessageSerializer(message).data, status=status.HTTP_201_CREATED)


class NoteList(APIView):
    """Write an internal note."""

    @extend_schema(
        parameters=[_NUMBER, _KEY], request=NoteSerializer, responses={201: MessageSerializer}
    )
    def post(self, request: Request, number: str) -> Response:
        asked = NoteSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        user = _user(request)
        if not access.may_read_notes(user):
            raise access.NotAllowed
        note = add_note(
            ticket=_ticket(request, number),
            text=asked.validated_data["text"],
            by=Actor.of(user),
            now=timezone.now(),
            client_key=_key(request),
        )
        return Response(MessageSerializer(note).data, status=status.HTTP_201_CREATED)


def _user(request: Request) -> User:
    """The caller; the permission classes let nobody else get this far."""
    user = request.user
    assert isinstance(user, User)
    return user


def _key(request: Request) -> str:
    return request.headers.get("Idempotency-Key", "")[:64]


def _ticket(request: Request, number: str) -> Ticket:
    """The visible ticket that a number leads to. Raises Http404 alike for all that is not."""
    digits = parse_one(number)
    alias = Alias.objects.select_related("ticket").filter(number=digits or "").first()
    ticket = alias.ticket if alias else None
    visible = access.visible_tickets(_user(request)).select_related(
        "team", "assignee", "contact", "merged_into"
    )
    found = visible.filter(pk=ticket.pk).first() if ticket else None
    if found is None:
        raise Http404
    return found

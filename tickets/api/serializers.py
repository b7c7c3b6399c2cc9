"""How tickets, conversations and messages look as JSON. Tickets go by number, files by uuid."""

from typing import Any

from django.conf import settings
from rest_framework import serializers

from ..case_numbers import format_number
from ..masking import masked, without_code
from ..models import Attachment, Conversation, Delivery, Message, Role, State, Ticket, Triage


class NumberField(serializers.CharField):
    """A case number as people quote it."""

    def to_representation(self, value: Any) -> str:
        return format_number(str(value), prefix=settings.CASE_NUMBER_PREFIX)


class TicketSerializer(serializers.ModelSerializer[Ticket]):
    number = NumberField(read_only=True)
    merged_into = NumberField(source="merged_into.number", read_only=True, default=None)
    team = serializers.CharField(source="team.slug", read_only=True, default=None)
    assignee = serializers.CharField(source="assignee.email", read_only=True, default=None)
    contact = serializers.CharField(source="contact.name", read_only=True)

    class Meta:
        model = Ticket
        fields: tuple[str, ...] = (
            "number",
            "subject",
            "state",
            "priority",
            "category",
            "tags",
            "language",
            "contact",
            "team",
            "assignee",
            "merged_into",
            "review",
            "version",
            "created_at",
            "last_activity_at",
            "waiting_since",
            "snoozed_until",
            "closed_at",
            "due_at",
        )
        read_only_fields = fields


class ConversationSerializer(serializers.ModelSerializer[Conversation]):
    channel = serializers.CharField(source="channel.slug", read_only=True, default=None)
    identity = serializers.CharField(source="identity.display_name", read_only=True)
    identity_status = serializers.CharField(source="identity.status", read_only=True)

    class Meta:
        model = Conversation
        fields = (
            "id",
            "channel",
            "identity",
            "identity_status",
            "is_current",
            "is_public",
            "claim",
            "reply_until",
            "replies_left",
        )
        read_only_fields = fields


class TriageSerializer(serializers.ModelSerializer[Triage]):
    """What triage made of a case, and what an agent made of that."""

    corrected_by = serializers.CharField(source="corrected_by.email", read_only=True, default=None)

    class Meta:
        model = Triage
        fields = (
            "model",
            "category",
            "confidence",
            "abstained",
            "urgency",
            "urgency_confidence",
            "missing",
            "signs",
            "articles",
            "at",
            "corrected_category",
            "corrected_urgency",
            "corrected_by",
            "corrected_at",
        )
        read_only_fields = fields


class TicketDetailSerializer(TicketSerializer):
    """One case with its conversations; how it was assessed and escalated is not for helpers."""

    conversations = ConversationSerializer(many=True, read_only=True)
    triage = TriageSerializer(read_only=True, allow_null=True)
    escalated_at = serializers.DateTimeField(read_only=True, allow_null=True)
    escalation = serializers.JSONField(read_only=True)

    class Meta(TicketSerializer.Meta):
        fields = (
            *TicketSerializer.Meta.fields,
            "conversations",
            "triage",
            "escalated_at",
            "escalation",
        )
        read_only_fields = fields


class AttachmentSerializer(serializers.ModelSerializer[Attachment]):
    class Meta:
        model = Attachment
        fields = ("id", "name", "content_type", "size", "sha256", "problem")
        read_only_fields = fields


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    class Meta:
        model = Delivery
        fields = ("part", "state", "attempts", "error", "changed_at")
        read_only_fields = fields


class MessageSerializer(serializers.ModelSerializer[Message]):
    """One entry of the timeline; `decision` says why an inbound message stands here.

    A recalled message says nothing, and to helpers a public post shows no personal data.
    """

    channel = serializers.CharField(source="channel.slug", read_only=True, default=None)
    author = serializers.CharField(source="author.email", read_only=True, default=None)
    attachments = AttachmentSerializer(many=True, read_only=True)
    deliveries = DeliverySerializer(many=True, read_only=True)

    class Meta:
        model = Message
        fields = (
            "id",
            "conversation",
            "channel",
            "direction",
            "author",
            "text",
            "transcript",
            "automatic",
            "is_public",
            "exposes",
            "hidden_at",
            "decision",
            "version",
            "sent_at",
            "created_at",
            "edited_at",
            "recalled_at",
            "attachments",
            "deliveries",
        )
        read_only_fields = fields

    def to_representation(self, instance: Message) -> dict[str, Any]:
        data: dict[str, Any] = super().to_representation(instance)
        if instance.recalled_at is not None:
            kept = {"decision": _without_evidence(instance)}
            return data | kept | {"text": "", "transcript": "", "attachments": []}
        reader = getattr(self.context.get("request"), "user", None)
        if instance.exposes and getattr(reader, "role", "") == Role.HELPER:
            kept = {"decision": _without_evidence(instance)}
            return data | kept | {"text": masked(instance.text)}
        if instance.automatic == "proof":
            return data | {"text": without_code(instance.text)}
        return data


def _without_evidence(message: Message) -> dict[str, Any]:
    """Why a message stands where it does, without the words that say so."""
    return {**message.decision, "evidence": []}


class FilterSerializer(serializers.Serializer[dict[str, Any]]):
    """What a list of tickets may be narrowed by."""

    state = serializers.ChoiceField(State.choices, required=False)
    team = serializers.SlugField(required=False)
    channel = serializers.SlugField(required=False)


class ReplySerializer(serializers.Serializer[dict[str, Any]]):
    conversation = serializers.IntegerField()
    text = serializers.CharField(max_length=100_000)
    seen_version = serializers.IntegerField(required=False, min_value=0)


class NoteSerializer(serializers.Serializer[dict[str, Any]]):
    text = serializers.CharField(max_length=100_000)

"""A channel with customers who wrote, and an agent who answers; the clock obeys."""

from datetime import datetime, timedelta

from channels_ingest import outbox
from channels_ingest.store import store
from tests.channels_ingest.doors import NOON, Obedient, drain, obedient_channel, raw
from tickets.actions.replies import reply
from tickets.actor import Actor
from tickets.interchange import OutgoingFile
from tickets.models import Conversation, Delivery, Role, User


class Desk:
    """The channel, its conversations, and Ada who answers them."""

    def __init__(
        self,
        resend: str = "never",
        customers: int = 1,
        *,
        window: tuple[timedelta, int] | None = None,
        slug: str = "obedient",
        **capabilities: object,
    ) -> None:
        self.channel = obedient_channel(slug, resend=resend)
        self.channel.capabilities |= capabilities
        self.channel.save()
        Obedient.window += [window] if window else []
        written = [raw(f"m-{n}", "help me", lane=f"kim-{n}") for n in range(customers)]
        store(channel=self.channel, envelopes=written, now=NOON)
        drain(NOON)
        self.conversations = list(Conversation.objects.order_by("pk"))
        self.ada = User.objects.create_user("ada@example.test", name="Ada", role=Role.MANAGER)
        self.now = NOON

    @property
    def by(self) -> Actor:
        return Actor.of(self.ada)

    def clock(self) -> datetime:
        return self.now

    def answers(
        self,
        text: str = "Good day",
        customer: int = 0,
        *,
        files: tuple[OutgoingFile, ...] = (),
        automatic: bool = False,
    ) -> Delivery:
        message = reply(
            conversation=self.conversations[customer],
            text=text,
            by=self.by,
            now=self.now,
            files=files,
            automatic=automatic,
        )
        return message.deliveries.get()

    def hears(self, text: str, customer: int = 0, **later: float) -> None:
        """A customer writes again, some time later."""
        self.now += timedelta(**later)
        key = f"m-{customer}-{self.now.isoformat()}"
        written = raw(key, text, lane=f"kim-{customer}")
        store(channel=self.channel, envelopes=[written], now=self.now)
        drain(self.now)

    def delivers(self, **later: float) -> int:
        self.now += timedelta(**later)
        return outbox.deliver(clock=self.clock)


def again(delivery: Delivery) -> Delivery:
    return Delivery.objects.get(pk=delivery.pk)


def outcomes(delivery: Delivery) -> list[str]:
    return list(delivery.attempt_log.order_by("number").values_list("outcome", flat=True))

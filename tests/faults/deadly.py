"""A kind of channel for fault tests, one of whose messages kills the process that reads it."""

import os
import signal

from channels_ingest.connectors.base import Connector, StoredEnvelope
from tickets.interchange import IncomingMessage, Parsed, Sender

POISON = b"poison"


class Deadly(Connector):
    """Every text is a message, except the one that its reader does not survive."""

    kind = "deadly"
    label = "Deadly"

    def parse(self, envelope: StoredEnvelope) -> list[Parsed]:
        if envelope.body == POISON:
            os.kill(os.getpid(), signal.SIGKILL)
        return [
            IncomingMessage(
                external_id=envelope.key,
                sender=Sender(external_id=envelope.lane),
                text=envelope.body.decode(),
                sent_at=envelope.received_at,
                thread=envelope.lane,
            )
        ]

"""Who wrote: find the identity of a sender, or make one, for the right contact."""

from ...interchange import Sender
from ...models import Channel, Contact, Identity, IdentityStatus
from .batch import Batch


def identity_of(
    batch: Batch, channel: Channel, sender: Sender, language: str
) -> tuple[Identity, bool]:
    """The sender's identity, and whether we knew them: by it, or by a contact a vendor vouches for.

    An address is remembered only where its control was shown; what somebody merely typed as
    their address must never lead to another's cases.
    """
    known = batch.identities.get((channel.pk, sender.external_id))
    identity = known or _new_identity(batch, channel, sender, language)
    if (
        known
        and sender.vouched
        and sender.vouched[:128] != known.vouched
        and not known.is_compromised
    ):
        batch.vouched_since.append((known, sender))
    if not identity.is_compromised:
        identity.address = verified_address(sender) or identity.address
        _take_facts(batch, identity, sender)
    return identity, known is not None or identity.contact.pk is not None


def _take_facts(batch: Batch, identity: Identity, sender: Sender) -> None:
    """Note what a site says about the account that it signed in: agents see it beside the case."""
    identity.facts = dict(sender.facts) or identity.facts
    plan = sender.plan[:40]
    if plan and plan != identity.contact.plan:
        identity.contact.plan = plan
        batch.change(identity.contact)


def verified_address(sender: Sender) -> str:
    """The sender's address in lower case if its control was shown, else ""."""
    return sender.address.lower()[:254] if sender.address_verified else ""


def _new_identity(batch: Batch, channel: Channel, sender: Sender, language: str) -> Identity:
    contact = batch.proved.get(sender.stands_for)
    if contact is None and sender.vouched:
        contact = batch.vouched.get(sender.vouched)
    if contact is None:
        contact = batch.addresses.get(verified_address(sender))
    if contact is None:
        name = (sender.name or sender.address)[:120]
        contact = Contact(name=name, language=language, created_at=batch.now)
        batch.new[Contact].append(contact)
    identity = Identity(
        contact=contact,
        channel=channel,
        external_id=sender.external_id,
        name=sender.name[:120],
        address=verified_address(sender),
        phone=sender.phone[:40],
        vouched=sender.vouched[:128],
        status=IdentityStatus.VERIFIED if sender.proven else IdentityStatus.UNVERIFIED,
        created_at=batch.now,
    )
    batch.new[Identity].append(identity)
    batch.identities[channel.pk, sender.external_id] = identity
    return identity

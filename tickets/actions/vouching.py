"""Take a vendor's word for who somebody is: it alone links accounts by itself."""

from datetime import datetime

from ..actor import SYSTEM
from ..models import Contact, Identity, IdentityStatus
from .linking import VOUCHED, holding, join


def vouch(
    *,
    identity: Identity,
    now: datetime,
    vouched: str = "",
    name: str = "",
    address: str = "",
    phone: str = "",
) -> Identity:
    """Note what the vendor says of an account: its key for the person, an address that it proved.

    Where another account, not taken over, has the same key or the same proven address, this one
    becomes that contact's, with its cases and its claims there; `linking.unlink_identity` takes it
    back. The same word said again links nothing again. Of a compromised account nothing is taken.
    """
    with holding(identity, SYSTEM, now) as (change, fresh):
        fresh.profiled_at = now
        if fresh.is_compromised:
            fresh.save(update_fields=["profiled_at"])
            return fresh
        is_news = (vouched and vouched != fresh.vouched) or (
            address and address.lower() != fresh.address
        )
        fresh.vouched = vouched[:128] or fresh.vouched
        fresh.address = address.lower()[:254] or fresh.address
        fresh.name = name[:120] or fresh.name
        fresh.phone = phone[:40] or fresh.phone
        fresh.save(update_fields=["profiled_at", "vouched", "address", "name", "phone"])
        _name_contact(fresh)
        contact = _known_as(fresh, vouched, address) if is_news else None
        if contact is not None:
            join(change, fresh, contact, code=VOUCHED, how="vendor")
        return fresh


def _name_contact(identity: Identity) -> None:
    if identity.name and not identity.contact.name:
        identity.contact.name = identity.name
        identity.contact.save(update_fields=["name"])


def _known_as(identity: Identity, vouched: str, address: str) -> Contact | None:
    """The contact who has another account with the same key, or else the same proven address."""
    others = Identity.objects.exclude(contact=identity.contact_id).select_related("contact")
    trusted = others.exclude(status=IdentityStatus.COMPROMISED).order_by("pk")
    by_key = trusted.filter(vouched=vouched).first() if vouched else None
    proven = trusted.filter(status=IdentityStatus.VERIFIED)
    by_address = proven.filter(address=address.lower()).first() if address else None
    found = by_key or by_address
    return found.contact if found else None

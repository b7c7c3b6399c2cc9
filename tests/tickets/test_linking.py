"""Two accounts of one person: linked by an agent, taken back exactly."""

import pytest

from tests.tickets.cast import (
    account,
    ada,
    case,
    claim_on,
    codes,
    conversation_of,
    later,
    only_conversation,
    says,
    standing,
)
from tickets.actions.identities import mark_compromised
from tickets.actions.linking import link_identity, unlink_identity
from tickets.actions.refusals import Refused
from tickets.actions.splitting import split
from tickets.models import Contact, History, Identity, IdentityStatus, Ticket

pytestmark = pytest.mark.django_db


def link(who: str, contact: Contact, *, on: Ticket | None = None, **at: float) -> Identity:
    at = at or {"hours": 1}
    return link_identity(identity=account(who), contact=contact, by=ada(), now=later(**at), on=on)


def the_link(ticket: Ticket) -> History:
    return History.objects.filter(ticket=ticket, code="identity_linked").latest("pk")


def undo(row: History, **at: float) -> Identity:
    return unlink_identity(link=row, by=ada(), now=later(**(at or {"hours": 2})))


def test_account_and_its_case_become_the_other_contacts() -> None:
    kim, lin = case("kim"), case("lin", "附件上传失败", by="mail")

    link("lin", kim.contact, on=kim)

    assert account("lin").contact == kim.contact
    assert account("lin").is_verified
    assert standing(lin).contact == kim.contact
    assert codes(kim)[-1] == codes(lin)[-1] == "identity_linked"


def test_linked_account_is_known_by_the_others_number() -> None:
    kim = case("kim")
    case("lin", "附件上传失败", by="mail")
    link("lin", kim.contact)

    landing = says("lin", f"案号 QM-{kim.number}", by="mail", at=later(hours=3))

    assert landing.ticket == kim
    assert not conversation_of(landing).is_pending_claim


def test_taking_it_back_leaves_everything_as_it_was() -> None:
    kim, lin = case("kim"), case("lin", "附件上传失败", by="mail")
    Identity.objects.filter(external_id="lin").update(status=IdentityStatus.UNVERIFIED)
    before = account("lin").contact
    link("lin", kim.contact, on=kim)

    undo(the_link(kim))

    assert account("lin").contact == before
    assert account("lin").status == IdentityStatus.UNVERIFIED
    assert standing(lin).contact == before
    assert standing(kim).contact == account("kim").contact
    assert codes(kim)[-1] == codes(lin)[-1] == "identity_unlinked"


@pytest.mark.parametrize("place", ["kim", "lin"])
def test_it_is_taken_back_once_from_whichever_case(place: str) -> None:
    tickets = {"kim": case("kim"), "lin": case("lin", "附件上传失败", by="mail")}
    link("lin", tickets["kim"].contact, on=tickets["kim"])
    rows = {who: the_link(ticket) for who, ticket in tickets.items()}
    undo(rows[place])

    for row in rows.values():
        with pytest.raises(Refused, match="not_linked"):
            undo(row, hours=3)

    link("lin", tickets["kim"].contact, hours=4)
    with pytest.raises(Refused, match="not_linked"):
        undo(rows["kim"], hours=5)


def test_case_in_which_another_account_speaks_stays() -> None:
    kim = case("kim")
    mail = case("lin", "附件上传失败", by="mail")
    phone = case("lin2", "登录失败", by="chat")
    link("lin2", mail.contact)
    shared = says("lin2", f"案号 QM-{mail.number}", by="chat", at=later(hours=30)).ticket
    assert shared == mail

    link("lin2", kim.contact, hours=31)

    assert standing(phone).contact == kim.contact
    assert standing(mail).contact == account("lin").contact != kim.contact


def test_split_off_case_moves_by_who_speaks_in_it() -> None:
    kim, lin = case("kim"), case("lin", "附件上传失败", by="mail")
    link("kim", lin.contact)
    says("kim", f"案号 QM-{lin.number}", at=later(hours=30))
    own = split(conversation=only_conversation(lin, "kim"), by=ada(), now=later(hours=31))
    other = case("max", "登录失败")

    link("kim", other.contact, hours=32)

    assert standing(own).contact == standing(kim).contact == other.contact
    assert standing(lin).contact == account("lin").contact


def test_pending_claim_on_the_contacts_case_is_verified_and_doubted_again() -> None:
    kim = case("kim")
    claim = claim_on(kim, "lin")

    link("lin", kim.contact)
    claim.refresh_from_db()
    assert claim.claim == "verified"

    undo(the_link(kim))
    claim.refresh_from_db()
    assert claim.is_pending_claim
    assert claim.claim_waiting_since is not None
    assert account("lin").contact != kim.contact


def test_claim_on_somebody_elses_case_is_left_alone() -> None:
    kim, max_ = case("kim"), case("max", "登录失败")
    claim = claim_on(max_, "lin")

    link("lin", kim.contact)

    claim.refresh_from_db()
    assert claim.is_pending_claim


def test_what_the_account_opened_since_goes_with_it() -> None:
    kim = case("kim")
    case("lin", "附件上传失败", by="mail")
    before = account("lin").contact
    link("lin", kim.contact)
    fresh = says("lin", "发票怎么开，抬头写错了", by="mail", at=later(days=3)).ticket
    assert fresh is not None
    assert standing(fresh).contact == kim.contact

    undo(History.objects.filter(code="identity_linked").latest("pk"), days=4)

    assert standing(fresh).contact == before


def test_account_taken_over_meanwhile_stays_marked() -> None:
    kim = case("kim")
    case("lin", "附件上传失败", by="mail")
    link("lin", kim.contact, on=kim)
    mark_compromised(identity=account("lin"), by=ada(), now=later(hours=1, minutes=5))

    undo(the_link(kim))

    assert account("lin").is_compromised


def test_stolen_account_is_not_linked() -> None:
    kim = case("kim")
    case("lin", "附件上传失败", by="mail")
    mark_compromised(identity=account("lin"), by=ada(), now=later(minutes=5))

    with pytest.raises(Refused, match="compromised"):
        link("lin", kim.contact)


def test_account_is_not_linked_to_who_has_it() -> None:
    kim = case("kim")

    with pytest.raises(Refused, match="same_contact"):
        link("kim", kim.contact)

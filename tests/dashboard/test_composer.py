"""The composer on the desk: places, drafts, files, remedies, replies for later, macros."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests import factories
from tests.dashboard.conftest import Desk
from tests.tickets.articles import published
from tickets.actions import drafts
from tickets.actions.replies import reply
from tickets.actor import Actor
from tickets.case_numbers import format_number
from tickets.interchange import OutgoingFile
from tickets.models import (
    Channel,
    Delivery,
    Draft,
    LaterReply,
    Macro,
    Message,
    Ticket,
    Triage,
    User,
)

pytestmark = pytest.mark.django_db


def at(case: Ticket, what: str = "") -> str:
    return f"/tickets/{format_number(case.number)}/{what}"


def shown(desk: Desk, case: Ticket) -> str:
    return desk.get(at(case)).content.decode()


def written(case: Ticket, text: str = "Try again", **more: Any) -> dict[str, Any]:
    place = case.conversations.earliest("pk").pk
    return {"conversation": place, "text": text, "seen_version": case.version, **more}


def begun(case: Ticket, user: User, text: str) -> Draft:
    return drafts.keep(
        ticket=case,
        user=user,
        mode="reply",
        text=text,
        conversation=None,
        seen=None,
        now=timezone.now(),
    )


def public_case(*, by_mail: bool = True) -> Ticket:
    """Kim wrote in a forum and, as the same verified customer, by mail."""
    forum = factories.channel("discourse", "Forum", is_public=True)
    kim = factories.kim(forum, "blue_pine")
    case = factories.ticket(kim)
    if by_mail:
        mail = factories.kim(factories.channel("email", "Mail"))
        mail.contact = kim.contact
        mail.save()
        factories.conversation(case, mail)
    return case


# Places


def test_warning_stands_while_another_place_than_the_last_is_chosen(desk: Desk) -> None:
    case = factories.ticket()
    mail = case.conversations.get()
    chat = factories.conversation(
        case, factories.kim(factories.channel("qq", "QQ")), at=factories.NOW + timedelta(hours=1)
    )
    begun_in_mail = desk.send(at(case, "draft/"), {**written(case), "mode": "reply", "seen": 0})

    page = desk.get(at(case))

    assert begun_in_mail.status_code == 200
    assert page.context["compose"].conversation_id == mail.pk
    assert page.context["composer"].elsewhere == chat
    assert f'data-elsewhere-than="{chat.pk}">' in page.content.decode()


def test_each_place_tells_its_window_its_limit_and_why_it_cannot_be_used(desk: Desk) -> None:
    case = factories.ticket()
    limits = {"text_limit": 600, "text_unit": "bytes", "splits": True}
    chat = factories.kim(factories.channel("qq", "QQ", capabilities=limits))
    soon = timezone.now() + timedelta(minutes=20)
    factories.conversation(case, chat, reply_until=soon, replies_left=2)
    stolen = factories.kim(factories.channel("weibo"), "Lo")
    stolen.status = "compromised"
    stolen.save()
    factories.conversation(case, stolen)

    menu = shown(desk, case).split('id="composer-to"')[1].split("</details>")[0]

    assert 'data-limit="600" data-bytes data-splits' in menu
    assert "closes in" in menu
    assert "2 replies left" in menu
    assert "to--gone" in menu
    assert "account taken over" in menu


# Drafts


def test_draft_is_there_again_on_another_device(
    desk: Desk, sign_in: Callable[[User], Desk], ada: User
) -> None:
    case = factories.ticket()

    answer = desk.send(at(case, "draft/"), {**written(case, "Half"), "mode": "reply", "seen": 0})

    assert answer.json() == {"version": 1, "parts": 1}
    assert sign_in(ada).get(at(case)).context["compose"].text == "Half"
    assert sign_in(factories.lea()).get(at(case)).context["compose"].text == ""


def test_note_that_is_saved_drops_its_own_draft_and_no_other(desk: Desk, ada: User) -> None:
    case = factories.ticket()
    begun(case, ada, "Half a reply")
    desk.send(at(case, "draft/"), {"mode": "note", "text": "Half a note", "seen": 0})
    assert desk.get(at(case)).context["composer"].note.text == "Half a note"

    desk.send(at(case, "notes/"), {"text": "A note"})

    assert [each.mode for each in Draft.objects.all()] == ["reply"]


def test_newer_draft_is_shown_beside_and_not_overwritten(desk: Desk, ada: User) -> None:
    case = factories.ticket()
    begun(case, ada, "Written on the phone")

    answer = desk.send(at(case, "draft/"), {**written(case, "Here"), "mode": "reply", "seen": 0})

    assert answer.status_code == 409
    assert "Written on the phone" in answer.content.decode()
    assert Draft.objects.get().text == "Written on the phone"


def test_send_drops_the_draft_and_takes_its_files_along(desk: Desk, ada: User) -> None:
    case = factories.ticket()
    begun(case, ada, "Half")
    file = SimpleUploadedFile("log.txt", b"log")
    desk.send(at(case, "draft/files/"), {"file": file})
    kept = Draft.objects.get().files.get()
    other = drafts.attach(
        ticket=case,
        user=ada,
        file=OutgoingFile("unseen.txt", "text/plain", b"x"),
        now=timezone.now(),
    )

    desk.send(at(case, "replies/"), written(case, draft_file=[str(kept.pk)]))

    message = Message.objects.get(text="Try again")
    assert [each.name for each in message.attachments.all()] == ["log.txt"]
    assert other.name == "unseen.txt"
    assert not Draft.objects.exists()


def test_file_is_taken_away_before_it_is_sent(desk: Desk) -> None:
    case = factories.ticket()
    desk.send(at(case, "draft/files/"), {"file": SimpleUploadedFile("a.txt", b"a")})
    file = Draft.objects.get().files.get()

    answer = desk.send(at(case, f"draft/files/{file.pk}/removal/"))

    assert "a.txt" not in answer.content.decode()
    assert not Draft.objects.get().files.exists()


# Sends that can be taken back


def test_reply_is_held_as_long_as_its_author_wants_and_offers_to_take_it_back(
    desk: Desk, ada: User
) -> None:
    case = factories.ticket()
    desk.send("/hold/", {"seconds": "20"})

    page = desk.send(at(case, "replies/"), written(case), follow=True)

    message = Message.objects.get(text="Try again")
    assert page.context["toast"].take_back == message.pk
    assert 18 <= page.context["toast"].seconds <= 20
    again = desk.send(at(case, f"messages/{message.pk}/taking-back/"), follow=True)
    assert again.context["compose"].text == "Try again"
    assert not Delivery.objects.exists()


def test_what_has_left_cannot_be_taken_back(desk: Desk, ada: User) -> None:
    case = factories.ticket()
    message = factories.answer(case.conversations.get(), "Gone", ada)

    page = desk.send(at(case, f"messages/{message.pk}/taking-back/"), follow=True)

    assert "It has left already" in page.content.decode()


def test_way_to_send_that_was_chosen_last_is_offered_first(desk: Desk, ada: User) -> None:
    case = factories.ticket()

    desk.send(at(case, "replies/"), written(case, then="closed"))

    assert desk.get(at(case)).context["composer"].then == "closed"


# Later


def test_reply_for_later_stands_on_the_case_until_it_is_taken_back(desk: Desk) -> None:
    case = factories.ticket()

    page = desk.send(at(case, "replies/"), written(case, later="tomorrow"), follow=True)

    row = LaterReply.objects.get()
    assert "Leaves on" in page.content.decode()
    assert not Message.objects.filter(text="Try again").exists()
    again = desk.send(at(case, f"later/{row.pk}/"), {"decision": "cancel"}, follow=True)
    assert again.context["compose"].text == "Try again"


def test_moment_of_ones_own_is_in_ones_own_time(desk: Desk, ada: User) -> None:
    ada.time_zone = "Asia/Tokyo"
    ada.save()
    case = factories.ticket()

    desk.send(at(case, "replies/"), written(case, later="at", send_at="2036-11-23T09:00"))

    assert LaterReply.objects.get().send_at.isoformat() == "2036-11-23T00:00:00+00:00"


# Remedies


def test_faster_colleague_stops_the_send_and_what_is_new_may_stay(desk: Desk) -> None:
    case = factories.ticket()
    by = Actor.of(factories.lea())
    place = case.conversations.get()
    reply(conversation=place, text="Please sign in once more.", by=by, now=timezone.now())
    text = "Please sign in once more. Also turn the alarm on."

    stopped = desk.send(at(case, "replies/"), written(case, text))

    assert stopped.status_code == 409
    assert stopped.context["compose"].stop.rest == "Also turn the alarm on."
    rest = written(case, text, instead="new", rest="Also turn the alarm on.")
    assert desk.send(at(case, "replies/"), rest).context["compose"].text == (
        "Also turn the alarm on."
    )
    desk.send(at(case, "replies/"), written(case, text, instead="note"))
    assert Message.objects.get(direction="note").text == text


def test_answer_that_exposes_is_sent_as_two(desk: Desk) -> None:
    case = public_case()
    text = "Update your browser. We call 13812340192 today."

    held = desk.send(at(case, "replies/"), written(case, text))

    guard = held.context["compose"].guard
    assert held.status_code == 422
    assert (guard.kept, guard.taken) == ("Update your browser.", "We call 13812340192 today.")
    desk.send(at(case, "replies/"), written(case, text, instead="two", client_key="k"))
    sent = Message.objects.filter(direction="outbound").order_by("is_public")
    assert [(m.text, m.is_public) for m in sent] == [
        ("We call 13812340192 today.", False),
        ("Update your browser.", True),
    ]


def test_answer_that_exposes_is_only_cut_where_there_is_no_private_place(desk: Desk) -> None:
    case = public_case(by_mail=False)

    held = desk.send(at(case, "replies/"), written(case, "Hello. Call 13812340192."))

    assert held.context["compose"].guard.private is None
    assert "Send as these two" not in held.content.decode()


# Macros, articles, format, suggestion


def macro(**fields: Any) -> Macro:
    values = {"name": "Ask for steps", "texts": {"en": "Dear {{customer.name}}: which steps?"}}
    now = {"created_at": timezone.now(), "changed_at": timezone.now()}
    return Macro.objects.create(**{**values, "audience": "everyone", **now, **fields})


def test_macro_is_offered_filled_and_done_with_the_send(desk: Desk) -> None:
    case = factories.ticket(language="en")
    made = macro(shortcut="bz", actions={"tags": ["asked"], "then": "pending"})
    macro(name="Not here", kinds=["wechat"])
    macro(name="Not mine", audience="private", owner=factories.lea())

    place = case.conversations.get().pk
    offered = desk.get(at(case, f"macros/?q=b&conversation={place}")).content.decode()

    assert "Dear Kim: which steps?" in offered
    assert "tag asked, wait for the customer" in offered
    assert "Not here" not in offered
    assert "Not mine" not in offered
    desk.send(at(case, "replies/"), written(case, macro=made.pk, then=""))
    after = Ticket.objects.get(pk=case.pk)
    assert (after.tags, after.state) == (["asked"], "pending")


def test_macro_tells_a_claimer_nothing_of_the_case(desk: Desk) -> None:
    case = factories.ticket(subject="secret", language="en")
    claim = factories.claim(case, factories.kim(factories.channel("qq"), "Lo"))
    macro(texts={"en": "{{customer.name}} {{case.number}} {{case.subject|-}}"})

    offered = desk.get(at(case, f"macros/?conversation={claim.pk}")).content.decode()

    assert f"Lo {format_number(claim.claim_number)} -" in offered


def test_article_goes_in_with_its_address_in_the_language_of_the_customer(desk: Desk) -> None:
    published()
    case = factories.ticket(language="en")

    offered = desk.get(at(case, "articles/?q=554")).content.decode()

    assert "What to do about 554 bounces\nhttp" in offered
    assert "/support/en/articles/bounce-554/" in offered


def test_preview_shows_the_format_that_the_channel_carries(desk: Desk) -> None:
    case = factories.ticket()
    plain = desk.send(at(case, "preview/"), written(case, "**Now** <script>")).content.decode()
    Channel.objects.update(capabilities={"html": True})
    rich = desk.send(at(case, "preview/"), written(case, "**Now** <script>")).content.decode()

    assert "**Now** &lt;script&gt;" in plain
    assert "<strong>Now</strong> &lt;script&gt;" in rich


def test_suggested_draft_is_shown_until_it_is_dismissed(desk: Desk) -> None:
    case = factories.ticket()
    article = {"slug": "bounce-554", "title": "Mail that bounces", "steps": ["Wait"], "score": 1}
    Triage.objects.create(
        ticket=case, model="m", category="spam_blocking", confidence=0.9, abstained=False,
        urgency="normal", urgency_confidence=0.9, articles=[article], at=factories.NOW,
    )  # fmt: skip

    assert "Suggested draft" in shown(desk, case)
    desk.send(at(case, "draft/dismissal/"), {"suggestion": "article-bounce-554"})
    assert "Suggested draft" not in shown(desk, case)


def test_macros_are_written_seen_and_put_away(
    sign_in: Callable[[User], Desk], desk: Desk, ada: User
) -> None:
    said = {"name": "Logs", "text_en": "Dear {{customer.name}}", "audience": "private"}

    assert desk.send("/macros/new/", {**said, "text_en": "{{customer.secret}}"}).status_code == 422
    assert desk.send("/macros/new/", {**said, "audience": "everyone"}).status_code == 422
    assert desk.send("/macros/new/", {**said, "then": "closed"}).status_code == 302
    made = Macro.objects.get()
    assert (made.owner, made.actions) == (ada, {"then": "closed"})
    assert "Dear Kim" in desk.send("/macros/preview/", said).content.decode()
    assert sign_in(factories.lea()).get(f"/macros/{made.pk}/").status_code == 404
    assert sign_in(factories.hal()).get("/macros/").status_code == 403
    desk.send(f"/macros/{made.pk}/archiving/")
    assert "archived" in desk.get("/macros/").content.decode()

"""The public form and the private page, as a browser without JavaScript uses them."""

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from channels_ingest import api, outbox
from channels_ingest.models import Envelope
from channels_ingest.web import limits, signed, tokens, uploads
from tests.channels_ingest.doors import drain
from tests.own_cache import empty_cache
from tickets import case_numbers, files
from tickets.actions import acknowledgements, claims, lifecycle, notes, replies
from tickets.actor import Actor
from tickets.interchange import OutgoingFile
from tickets.models import (
    Attachment,
    Channel,
    ClaimState,
    Contact,
    Conversation,
    Delivery,
    DeliveryState,
    Message,
    Role,
    Ticket,
    User,
)

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
FORM = "/support/new/"


@pytest.fixture(autouse=True)
def surroundings(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    empty_cache()


@pytest.fixture
def door() -> Channel:
    made = api.create_channel(
        kind="web_form", slug="web", values={"brand": "Blue Plane Mail"}, now=timezone.now()
    )
    return made.channel


class Visitor:
    """Somebody with a browser in English, who takes time to fill in a form."""

    def __init__(self, address: str = "203.0.113.7") -> None:
        self.client = Client(
            enforce_csrf_checks=True, headers={"accept-language": "en"}, REMOTE_ADDR=address
        )
        self.page: Any = None

    def opens(self, url: str = FORM) -> "Visitor":
        self.page = self.client.get(url)
        assert self.page.status_code == 200
        return self

    @property
    def html(self) -> str:
        return unescape(self.page.content.decode())

    def hidden(self, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', self.html)
        assert found, name
        return found[1]

    def fields(self, *, after: timedelta = timedelta(minutes=2), **typed: Any) -> dict[str, Any]:
        """What the browser would send `after` some time on the page."""
        return {
            "csrfmiddlewaretoken": self.hidden("csrfmiddlewaretoken"),
            "form": aged(self.hidden("form"), after),
            "phenomenon": "Mail with attachments comes back.",
            "email": "kim@mail.example",
            **typed,
        }

    def posts(self, fields: dict[str, Any], url: str = FORM) -> Any:
        return self.client.post(url, fields)

    def sends(self, **typed: Any) -> str:
        """Fill in the form, send it and follow to the private page, whose address is returned."""
        self.opens()
        return self.follows(self.posts(self.fields(**typed)))

    def follows(self, answer: Any) -> str:
        assert answer.status_code == 302, unescape(answer.content.decode())
        address = answer["Location"]
        self.opens(address)
        return str(address)

    def adds(self, address: str, message: str = "", **typed: Any) -> Any:
        self.opens(address)
        return self.posts(self.fields(message=message, **typed), address)

    def number(self) -> str:
        found = re.search(r'data-copy="([^"]+)"', self.html)
        assert found
        return found[1]


def aged(form: str, by: timedelta) -> str:
    """The same form token as if it had been shown earlier."""
    values, shown_at = signed.read("form", form)
    return signed.sign("form", values, now=shown_at - by)


@pytest.fixture
def kim(door: Channel) -> Visitor:
    return Visitor()


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada@example.test", name="Ada Lin", role=Role.MANAGER)


def answers(ada: User, text: str = "Please try again now.", **options: Any) -> Delivery:
    """Ada answers the newest conversation; the reply is queued."""
    conversation = Conversation.objects.order_by("-pk").select_related("ticket")[0]
    message = replies.reply(
        conversation=conversation, text=text, by=Actor.of(ada), now=timezone.now(), **options
    )
    return message.deliveries.get()


def in_a_minute() -> datetime:
    return timezone.now() + timedelta(minutes=1)


def upload(name: str, data: bytes, content_type: str = "image/png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type)


class TestNewCase:
    def test_form_gives_a_number_at_once_while_no_worker_runs(self, kim: Visitor) -> None:
        kim.sends()

        envelope = Envelope.objects.get()
        assert kim.number() == case_numbers.format_number(envelope.reserved_number)
        assert envelope.state == "new"
        assert "Mail with attachments comes back." in kim.html
        assert Ticket.objects.count() == 0

    def test_promised_number_becomes_the_number_of_the_case(self, kim: Visitor) -> None:
        kim.sends(steps="Write a mail", error_message="554 DT:SPM", name="Kim")

        drain()

        ticket = Ticket.objects.get()
        message = Message.objects.get()
        assert case_numbers.format_number(ticket.number) == kim.number()
        assert "Steps: Write a mail" in message.text
        assert "Error message: 554 DT:SPM" in message.text
        assert ticket.contact.name == "Kim"
        assert ticket.language == "en"

    def test_second_press_of_the_button_gives_the_same_number_and_one_case(
        self, kim: Visitor
    ) -> None:
        fields = kim.opens().fields()

        first = kim.follows(kim.posts(fields))
        number = kim.number()
        drain()
        kim.follows(kim.posts(fields))

        assert kim.number() == number
        assert Envelope.objects.count() == 1
        assert Ticket.objects.count() == 1
        assert first

    def test_form_gone_back_to_and_changed_is_a_second_message_of_the_same_case(
        self, kim: Visitor
    ) -> None:
        fields = kim.opens().fields()
        kim.posts(fields)

        kim.follows(kim.posts({**fields, "phenomenon": "It happens with every mail."}))
        drain()

        assert Ticket.objects.count() == 1
        assert Message.objects.count() == 2
        assert "Mail with attachments comes back." in kim.opens(kim.page.request["PATH_INFO"]).html

    def test_same_words_in_two_forms_are_two_cases(self, kim: Visitor) -> None:
        kim.sends()
        kim.sends()
        drain()

        assert Ticket.objects.count() == 2

    def test_form_without_a_csrf_token_is_refused(self, kim: Visitor) -> None:
        fields = kim.opens().fields()
        fields.pop("csrfmiddlewaretoken")

        assert kim.posts(fields).status_code == 403
        assert Envelope.objects.count() == 0

    def test_what_is_missing_is_said_and_what_was_typed_is_kept(self, kim: Visitor) -> None:
        fields = kim.opens().fields(phenomenon="", email="kim@mail", steps="I <b>clicked</b>")

        answer = kim.posts(fields)

        html = answer.content.decode()
        assert answer.status_code == 422
        assert html.count('aria-invalid="true"') == 2
        assert 'id="id_email_error"' in html
        assert "I &lt;b&gt;clicked&lt;/b&gt;" in html
        assert Envelope.objects.count() == 0

    def test_known_number_in_any_writing_leads_to_the_case_as_a_claim(
        self, kim: Visitor, door: Channel
    ) -> None:
        kim.sends()
        drain()
        number = Ticket.objects.get().number

        other = Visitor()
        other.sends(known_number=f"我的案号{number}")
        drain()

        conversation = Conversation.objects.order_by("-pk")[0]
        assert conversation.claim == ClaimState.PENDING
        assert conversation.ticket.number == number

    def test_number_that_cannot_be_one_is_told_before_sending(self, kim: Visitor) -> None:
        answer = kim.posts(kim.opens().fields(known_number="QM-1234-5678-90"))

        assert answer.status_code == 422
        assert 'id="id_known_number_error"' in answer.content.decode()

    def test_existing_and_unknown_numbers_get_the_same_answer(self, kim: Visitor) -> None:
        kim.sends()
        drain()
        existing = Ticket.objects.get().number
        unknown = case_numbers.issue(77, key=b"k" * 32)
        pages = []

        for number in (existing, unknown):
            visitor = Visitor()
            address = visitor.sends(known_number=number)
            drain()
            acknowledgements.send_due(now=in_a_minute())
            outbox.deliver(clock=in_a_minute)
            shown = re.sub(r"</?b>", "", visitor.opens(address).html)
            shown = shown.replace(visitor.number(), "OWN")
            shown = shown.replace(case_numbers.format_number(number), "QUOTED")
            pages.append(re.sub(r'(value|href|action|src|datetime|d|data-live)="[^"]*"', "", shown))

        assert "confirm it from the message that we send to its contact" in pages[0]
        assert pages[0] == pages[1]

    def test_typed_address_makes_nobody_the_customer_of_that_address(self, kim: Visitor) -> None:
        kim.sends(email="ada@example.test", name="")
        Visitor().sends(email="ada@example.test", name="")
        drain()

        assert Contact.objects.count() == 2
        assert set(Conversation.objects.values_list("identity__address", flat=True)) == {""}

    def test_further_form_stands_under_its_own_name(self, door: Channel) -> None:
        made = api.create_channel(kind="web_form", slug="shop", values={}, now=timezone.now())
        visitor = Visitor()

        visitor.opens("/support/shop/new/")
        visitor.posts(visitor.fields(), "/support/shop/new/")

        assert Envelope.objects.get().channel == made.channel

    def test_form_of_one_door_is_not_taken_by_another(self, kim: Visitor) -> None:
        api.create_channel(kind="web_form", slug="shop", values={}, now=timezone.now())

        answer = kim.posts(kim.opens().fields(), "/support/shop/new/")

        assert answer.status_code == 422
        assert Envelope.objects.count() == 0

    def test_door_that_is_not_a_form_is_not_found(self) -> None:
        client = Client()
        api.create_channel(kind="http", slug="web", values={"secret": "s"}, now=timezone.now())

        assert client.get(FORM).status_code == 404
        assert client.get("/support/web/new/").status_code == 404

    def test_language_is_chosen_on_the_page_and_kept(self, kim: Visitor) -> None:
        token = kim.opens().hidden("csrfmiddlewaretoken")

        kim.posts(
            {"csrfmiddlewaretoken": token, "language": "ja", "next": FORM}, "/support/language/"
        )

        assert '<html lang="ja">' in kim.opens().html
        assert re.findall(
            r'lang="([^"]+)"(?: aria-current="true")?>([^<]+)</button>', kim.html
        ) == [
            ("zh-hans", "简体中文"),
            ("en", "English"),
            ("ja", "日本語"),
        ]


class TestMachines:
    def test_form_filled_in_too_fast_asks_to_look_again(self, kim: Visitor) -> None:
        fields = kim.opens().fields(after=timedelta(0))

        assert kim.posts(fields).status_code == 422
        assert Envelope.objects.count() == 0

    def test_field_that_people_do_not_see_stops_the_form_and_shows_itself(
        self, kim: Visitor
    ) -> None:
        answer = kim.posts(kim.opens().fields(website="https://spam.example"))

        assert answer.status_code == 422
        assert 'id="id_website_error"' in answer.content.decode()
        assert Envelope.objects.count() == 0

    @pytest.mark.parametrize("form", ["", "x", "x:y", "é"])
    def test_form_that_we_never_showed_is_refused_and_a_fresh_one_given(
        self, kim: Visitor, form: str
    ) -> None:
        fields = {**kim.opens().fields(), "form": form}

        kim.page = kim.posts(fields)

        assert kim.page.status_code == 422
        assert Envelope.objects.count() == 0
        again = {**fields, "form": kim.hidden("form")}  # without waiting once more
        assert kim.posts(again).status_code == 302

    def test_form_older_than_a_day_is_refused(self, kim: Visitor) -> None:
        assert kim.posts(kim.opens().fields(after=timedelta(hours=25))).status_code == 422

    def test_network_that_sends_too_much_is_told_when_to_come_back(self, kim: Visitor) -> None:
        fields = kim.opens().fields()
        for _ in range(limits.NETWORK_LIMIT):
            assert kim.posts(fields).status_code == 302

        answer = kim.posts({**fields, "phenomenon": "one more"})

        assert answer.status_code == 429
        assert 0 < int(answer["Retry-After"]) <= limits.WINDOW
        assert "one more" in answer.content.decode()
        assert Envelope.objects.count() == 1

    def test_another_network_is_not_stopped_with_it(self, kim: Visitor) -> None:
        fields = kim.opens().fields()
        for _ in range(limits.NETWORK_LIMIT + 1):
            kim.posts(fields)

        Visitor("198.51.100.9").sends()

        assert Envelope.objects.count() == 2

    def test_addresses_of_one_home_count_as_one_network(self) -> None:
        assert limits.network_of("2001:db8:1:2::5") == limits.network_of("2001:db8:1:2:ffff::1")
        assert limits.network_of("2001:db8:1:2::5") != limits.network_of("2001:db8:1:3::5")
        assert limits.network_of("::ffff:203.0.113.7") == limits.network_of("203.0.113.7")

    def test_without_redis_the_form_works_within_a_lower_limit(
        self, kim: Visitor, settings: Any
    ) -> None:
        nowhere = {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
        settings.CACHES = {"default": nowhere}
        fields = kim.opens().fields()

        codes = [
            kim.posts({**fields, "steps": str(n)}).status_code
            for n in range(limits.NETWORK_LIMIT // limits.SHARE_WITHOUT_REDIS + 1)
        ]

        assert codes == [302, 302, 302, 429]


class TestFiles:
    def test_files_are_stored_before_the_envelope_and_arrive_with_the_message(
        self, kim: Visitor
    ) -> None:
        kim.sends(files=[upload("error.png", PNG), upload("mail.log", b"line", "text/plain")])
        drain()

        kept = {each.name: each for each in Attachment.objects.all()}
        assert files.read(kept["error.png"].sha256) == PNG
        assert (kept["error.png"].content_type, kept["error.png"].size) == ("image/png", len(PNG))
        assert files.read(kept["mail.log"].sha256) == b"line"

    def test_file_is_given_back_only_as_a_download(self, kim: Visitor) -> None:
        kim.sends(files=upload("error.png", PNG))
        drain()
        kim.opens(kim.page.request["PATH_INFO"])

        answer = kim.client.get(file_links(kim)[0])

        assert content_of(answer) == PNG
        assert answer["Content-Disposition"] == 'attachment; filename="error.png"'
        assert answer["Content-Type"] == "image/png"
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in answer["Cache-Control"]

    def test_page_dressed_as_a_picture_is_kept_as_plain_bytes(self, kim: Visitor) -> None:
        kim.sends(files=upload("error.png", b"<html><script>alert(1)</script>"))
        drain()

        assert Attachment.objects.get().content_type == "application/octet-stream"

    @pytest.mark.parametrize(
        ("name", "data"),
        [
            ("setup.exe", b"MZ..."),
            ("photo.png", b"MZ..."),
            ("page.html", b"<html>"),
            ("drawing.svg", b"<svg>"),
            ("noextension", b"text"),
            ("empty.txt", b""),
        ],
    )
    def test_file_that_is_not_taken_is_named_with_the_reason(
        self, kim: Visitor, name: str, data: bytes
    ) -> None:
        answer = kim.posts(kim.opens().fields(files=upload(name, data)))

        assert answer.status_code == 422
        assert f"{name}: " in answer.content.decode()
        assert Envelope.objects.count() == 0

    def test_file_above_the_limit_and_a_sixth_file_are_refused(self, kim: Visitor) -> None:
        big = upload("big.zip", b"\0" * (uploads.LARGEST + 1), "application/zip")
        six = [upload(f"{n}.txt", f"{n}".encode(), "text/plain") for n in range(6)]

        for sent in ([big], six):
            answer = kim.posts(kim.opens().fields(files=sent))
            assert answer.status_code == 422
        assert Envelope.objects.count() == 0

    def test_files_survive_a_mistake_elsewhere_in_the_form(self, kim: Visitor) -> None:
        fields = kim.opens().fields(email="no address", files=upload("error.png", PNG))
        kim.page = kim.posts(fields)
        kept = kim.hidden("kept")

        kim.posts({**fields, "email": "kim@mail.example", "files": [], "kept": kept})
        drain()

        assert Attachment.objects.get().name == "error.png"

    def test_file_kept_for_one_form_is_not_taken_by_another(self, kim: Visitor) -> None:
        fields = kim.opens().fields(email="no address", files=upload("error.png", PNG))
        kim.page = kim.posts(fields)
        kept = kim.hidden("kept")

        Visitor().sends(kept=kept)
        drain()

        assert Attachment.objects.count() == 0

    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("../../etc/passwd.txt", "passwd.txt"),
            ("C:\\temp\\mail.log", "mail.log"),
            ("photo\u202egnp.exe", "photognp.exe"),
            ("a\x00b\n.png", "ab.png"),
            (".htaccess", "htaccess"),
            ("", "file"),
            ("退信提示 1004.png", "退信提示 1004.png"),
        ],
    )
    def test_name_of_a_file_loses_its_tricks(self, given: str, kept: str) -> None:
        assert uploads.clean_name(given) == kept

    def test_long_name_keeps_its_ending(self) -> None:
        cleaned = uploads.clean_name("x" * 500 + ".png")

        assert len(cleaned) == uploads.LONGEST_NAME
        assert cleaned.endswith(".png")


def content_of(answer: Any) -> bytes:
    content = b"".join(answer.streaming_content)
    answer.close()
    return content


def file_links(visitor: Visitor) -> list[str]:
    return re.findall(r'href="(/support/case/[^"]+/files/[^"]+)"', visitor.html)


class TestCasePage:
    @pytest.fixture
    def address(self, kim: Visitor) -> str:
        """The private page of a case that a worker has taken in."""
        address = kim.sends()
        drain()
        return address

    @pytest.mark.parametrize("token", ["x", "x:y", "W10:abc"])
    def test_address_that_we_did_not_give_is_not_found(self, kim: Visitor, token: str) -> None:
        assert kim.client.get(f"/support/case/{token}/").status_code == 404
        assert kim.client.post(f"/support/case/{token}/").status_code == 403

    def test_address_with_one_letter_changed_is_not_found(self, kim: Visitor, address: str) -> None:
        changed = address[:-3] + ("a" if address[-3] != "a" else "b") + address[-2:]

        assert kim.client.get(changed).status_code == 404

    def test_address_is_too_old_after_half_a_year(self, kim: Visitor, address: str) -> None:
        key = tokens.read_case(address.split("/")[-2], now=timezone.now())

        old = tokens.case_token(key, now=timezone.now() - timedelta(days=181))

        assert kim.client.get(f"/support/case/{old}/").status_code == 404

    def test_page_is_neither_kept_nor_indexed(self, kim: Visitor, address: str) -> None:
        answer = kim.client.get(address)

        assert "no-store" in answer["Cache-Control"]
        assert '<meta name="robots" content="noindex">' in answer.content.decode()

    def test_reply_appears_once_it_is_delivered_and_not_before(
        self, kim: Visitor, address: str, ada: User
    ) -> None:
        answers(ada)

        before = kim.opens(address).html
        outbox.deliver()
        after = kim.opens(address).html

        assert "Please try again now." not in before
        assert "Please try again now." in after
        assert "Ada Lin" in after

    def test_reply_with_a_file_gives_the_file(self, kim: Visitor, address: str, ada: User) -> None:
        answers(ada, files=[OutgoingFile("guide.txt", "text/plain", b"step one")])
        outbox.deliver()

        (link,) = file_links(kim.opens(address))

        assert content_of(kim.client.get(link)) == b"step one"

    def test_opened_page_marks_the_reply_as_read_once(
        self, kim: Visitor, address: str, ada: User
    ) -> None:
        delivery = answers(ada)
        outbox.deliver()
        assert Delivery.objects.get(pk=delivery.pk).state == DeliveryState.DELIVERED
        stored = Envelope.objects.count()

        kim.opens(address)
        kim.opens(address)
        drain()

        assert Delivery.objects.get(pk=delivery.pk).state == DeliveryState.READ
        assert Envelope.objects.count() == stored + 1

    def test_head_request_reads_nothing(self, kim: Visitor, address: str, ada: User) -> None:
        answers(ada)
        outbox.deliver()
        stored = Envelope.objects.count()

        kim.client.head(address)

        assert Envelope.objects.count() == stored

    def test_added_message_joins_the_case_even_after_days(self, kim: Visitor, address: str) -> None:
        Conversation.objects.update(last_message_at=timezone.now() - timedelta(days=5))

        kim.follows(kim.adds(address, "It happens again."))
        drain()

        assert Ticket.objects.count() == 1
        assert (
            list(Message.objects.order_by("pk").values_list("conversation", flat=True))
            == [Conversation.objects.get().pk] * 2
        )

    def test_added_message_is_shown_before_any_worker_reads_it(
        self, kim: Visitor, address: str
    ) -> None:
        kim.follows(kim.adds(address, "One more thing.", files=upload("b.png", PNG)))

        assert "One more thing." in kim.html
        assert "b.png" in kim.html
        assert file_links(kim) == []

    def test_file_alone_is_a_message_and_nothing_at_all_is_none(
        self, kim: Visitor, address: str
    ) -> None:
        assert kim.adds(address).status_code == 302
        assert Envelope.objects.filter(state="new").count() == 0

        assert kim.adds(address, files=upload("b.png", PNG)).status_code == 302
        assert Envelope.objects.filter(state="new").count() == 1

    def test_form_of_one_page_is_not_taken_by_another(self, kim: Visitor, address: str) -> None:
        other = Visitor()
        other_address = other.sends()

        answer = other.posts(
            {**other.opens(other_address).fields(message="mine"), "form": kim.hidden("form")},
            other_address,
        )

        assert answer.status_code == 422

    def test_page_shows_nothing_of_other_threads_and_nothing_internal(
        self, kim: Visitor, address: str, ada: User
    ) -> None:
        Visitor().sends(phenomenon="Somebody else's secret.")
        drain()
        ticket = Ticket.objects.order_by("pk")[0]
        notes.add_note(ticket=ticket, text="Internal remark.", by=Actor.of(ada), now=timezone.now())

        html = kim.opens(address).html

        assert "secret" not in html
        assert "Internal remark" not in html

    def test_file_of_another_thread_is_not_found(self, kim: Visitor, address: str) -> None:
        other = Visitor()
        other_address = other.sends(files=upload("secret.png", PNG))
        drain()
        (link,) = file_links(other.opens(other_address))
        name = link.split("/files/")[1]

        assert kim.client.get(f"{address}files/{name}").status_code == 404
        assert content_of(other.client.get(f"{other_address}files/{name}")) == PNG

    def test_file_of_a_reply_that_was_not_delivered_is_not_found(
        self, kim: Visitor, address: str, ada: User
    ) -> None:
        answers(ada, files=[OutgoingFile("draft.txt", "text/plain", b"not yet")])
        pk = Attachment.objects.get().pk

        assert kim.client.get(f"{address}files/{pk}/").status_code == 404

    def test_markup_in_words_and_names_is_shown_as_text(self, kim: Visitor) -> None:
        kim.sends(
            phenomenon="<script>alert(1)</script>",
            files=upload("<img src=x onerror=alert(1)>.png", PNG),
        )

        raw = kim.page.content.decode()

        assert "<script>alert" not in raw
        assert "<img src=x" not in raw

    def test_page_has_no_inline_script_style_or_handler(self, kim: Visitor, address: str) -> None:
        for url in (FORM, address):
            html = kim.opens(url).page.content.decode()
            assert re.findall(r"<script(?![^>]*\bsrc=)", html) == []
            assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:", html) == []


class TestProgress:
    @pytest.fixture
    def address(self, kim: Visitor) -> str:
        address = kim.sends()
        drain()
        return address

    def current(self, kim: Visitor, address: str) -> str:
        found = re.search(r'aria-current="step"><b>([^<]*)', kim.opens(address).html)
        assert found
        return found[1]

    def test_case_is_received_then_handled_then_resolved(
        self, kim: Visitor, address: str, ada: User
    ) -> None:
        assert self.current(kim, address) == "Received"

        answers(ada)
        outbox.deliver()
        assert self.current(kim, address) == "Being handled"

        lifecycle.resolve(ticket=Ticket.objects.get(), by=Actor.of(ada), now=timezone.now())
        assert self.current(kim, address) == "Resolved"

    def test_case_that_waits_for_the_customer_says_so(
        self, kim: Visitor, address: str, ada: User
    ) -> None:
        ticket = Ticket.objects.get()
        lifecycle.wait_for_customer(ticket=ticket, by=Actor.of(ada), now=timezone.now())

        assert self.current(kim, address) == "Waiting for you"
        assert "We need something from you" in kim.html

    def test_claim_tells_nothing_of_the_case_that_it_quotes(
        self, kim: Visitor, address: str, ada: User
    ) -> None:
        other = Visitor()
        claim_address = other.sends(known_number=kim.number())
        drain()
        lifecycle.resolve(ticket=Ticket.objects.get(), by=Actor.of(ada), now=timezone.now())

        assert self.current(other, claim_address) == "Received"
        assert other.number() != kim.number()
        assert "Mail with attachments" in kim.opens(address).html

        answers(ada, "What is it about?")
        outbox.deliver()

        html = other.opens(claim_address).html
        assert "What is it about?" in html
        assert "Ada Lin" not in html

    def test_verified_claim_shows_the_whole_case_that_is_now_known_to_be_theirs(
        self, kim: Visitor, address: str, ada: User
    ) -> None:
        other = Visitor()
        claim_address = other.sends(known_number=kim.number(), phenomenon="It is me again.")
        drain()
        claim = Conversation.objects.get(claim=ClaimState.PENDING)
        claims.verify(conversation=claim, by=Actor.of(ada), now=timezone.now())

        html = other.opens(claim_address).html

        assert "It is me again." in html
        assert "Mail with attachments" in html

"""The way to a case by its number: nothing differs between numbers that exist and that do not."""

import re
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone

from channels_ingest import api
from channels_ingest.web import lookup, viewers
from tests.own_cache import empty_cache
from tests.tickets import cast
from tests.tickets.test_proofs import code_in
from tickets import case_numbers
from tickets.actions import identities, proofs
from tickets.models import CaseProof, History, Message, Ticket

pytestmark = pytest.mark.django_db

LOOKUP = "/support/case/"


@pytest.fixture(autouse=True)
def surroundings() -> None:
    empty_cache()
    api.create_channel(kind="web_form", slug="web", values={}, now=timezone.now())


@pytest.fixture
def ticket() -> Ticket:
    return cast.case("kim", at=timezone.now())


class Browser:
    """Somebody who looks for a case, in English."""

    def __init__(self, address: str = "203.0.113.7") -> None:
        self.client = Client(
            enforce_csrf_checks=True, headers={"accept-language": "en"}, REMOTE_ADDR=address
        )

    def get(self, url: str) -> Any:
        return self.client.get(url)

    def post(self, url: str, **fields: str) -> Any:
        self.client.get(LOOKUP)
        token = self.client.cookies[f"{django_settings.CSRF_COOKIE_NAME}"].value
        return self.client.post(url, {"csrfmiddlewaretoken": token, **fields})

    def asks(self, number: str) -> str:
        """Ask for a code; the address of the page that wants it."""
        answer = self.post(LOOKUP, number=number)
        assert answer.status_code == 302, answer.content.decode()
        return str(answer["Location"])

    def opens(self, ticket: Ticket) -> str:
        """Ask for a case, type the code that its owner was sent; the address of the case."""
        page = self.asks(ticket.number)
        proofs.settle_due(now=timezone.now())
        code = code_in(Message.objects.filter(automatic="proof").latest("pk"))
        answer = self.post(page, code=f" {code[:3]} {code[3:]} ")
        assert answer.status_code == 302, answer.content.decode()
        return str(answer["Location"])


def plain(answer: Any) -> tuple[int, str, list[str]]:
    """What an answer says, without the number, tokens and times that are anybody's own."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", answer.content.decode())
    text = re.sub(r"QM-[\d-]+|[0-9a-f-]{36}|\d{10}|\d+(:\d+)? [ap]\.m\.|noon|midnight", "…", text)
    told = {k: v for k, v in answer.headers.items() if k not in ("Expires", "Content-Length")}
    headers = sorted(f"{k}: {v}" for k, v in told.items())
    return answer.status_code, text, [re.sub(r"[0-9a-f-]{36}|QM-[\d-]+", "…", h) for h in headers]


def missing_number() -> str:
    return case_numbers.issue(77, key=b"k" * 32)


def test_existing_and_unknown_numbers_are_answered_alike_at_every_step(ticket: Ticket) -> None:
    answers: list[list[Any]] = []

    for number in (ticket.number, missing_number()):
        empty_cache()
        browser = Browser()
        said = [browser.post(LOOKUP, number=number)]
        page = str(said[0]["Location"])
        said.append(browser.get(page))
        proofs.settle_due(now=timezone.now())
        said.append(browser.get(page))
        said += [browser.post(page, code="000000x") for _ in range(6)]
        said.append(browser.get(page))
        said.append(browser.get(f"{LOOKUP}{viewers.printed(number)}/"))
        said += [browser.post(LOOKUP, number=number) for _ in range(3)]
        answers.append([plain(each) for each in said])

    for known, unknown in zip(*answers, strict=True):
        assert known == unknown
    assert [status for status, _text, _headers in answers[0]] == (
        [302, 200, 200, *[422] * 6, 200, 302, 302, 302, 429]
    )
    assert History.objects.filter(code="proof_sent").count() == 3


def test_code_opens_the_case_to_this_browser_alone(ticket: Ticket) -> None:
    browser, other = Browser(), Browser("198.51.100.9")

    address = browser.opens(ticket)

    page = browser.get(address)
    assert page.status_code == 200
    assert "收不到邮件" in page.content.decode()
    assert page["Cache-Control"].find("no-store") >= 0
    assert other.get(address).status_code == 302
    stolen = Browser("198.51.100.9")
    cookie = browser.client.cookies[viewers._cookie()]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    stolen.client.cookies[viewers._cookie()] = f"{cookie.value[:-3]}abc"
    assert stolen.get(address).status_code == 302


def test_page_of_the_code_is_nothing_to_another_browser(ticket: Ticket) -> None:
    page = Browser().asks(ticket.number)
    proofs.settle_due(now=timezone.now())
    code = code_in(Message.objects.filter(automatic="proof").latest("pk"))
    other = Browser()

    answer = other.post(page, code=code)

    assert (answer.status_code, answer["Location"]) == (302, LOOKUP)
    assert not CaseProof.objects.filter(granted_until__isnull=False).exists()


def test_whatever_hangs_on_a_case_is_closed_to_who_has_shown_nothing(ticket: Ticket) -> None:
    browser = Browser()
    words = (viewers.printed(ticket.number), viewers.printed(missing_number()))

    for below in ("", "live/", f"files/{CaseProof().pk}/"):
        given = [plain(browser.get(f"{LOOKUP}{word}/{below}")) for word in words]
        assert given[0] == given[1]
        assert given[0][0] == 302
    for below in ("", "resolution/", "reopening/", "rating/", "answers/", "review/"):
        given = [plain(browser.post(f"{LOOKUP}{word}/{below}", score="5")) for word in words]
        assert given[0] == given[1]
        assert given[0][0] == 302
    assert cast.codes(ticket) == ["opened"]


def test_case_closes_to_the_browser_when_the_account_is_taken_over(ticket: Ticket) -> None:
    browser = Browser()
    address = browser.opens(ticket)

    kim = cast.account("kim")
    identities.mark_compromised(identity=kim, by=cast.ada(), now=timezone.now())

    assert browser.get(address).status_code == 302
    assert browser.post(f"{address}resolution/").status_code == 302
    assert not cast.standing(ticket).is_closed


def test_one_network_asks_and_tries_only_so_often() -> None:
    browser = Browser()
    numbers = [case_numbers.issue(n, key=b"k" * 32) for n in range(lookup.ASKS + 1)]

    asked = [browser.post(LOOKUP, number=number).status_code for number in numbers]

    assert asked == [302] * lookup.ASKS + [429]
    page = Browser("198.51.100.9")
    where = page.asks(missing_number())
    tries = [page.post(where, code="1").status_code for _ in range(lookup.TRIES + 1)]
    assert tries[-1] == 429


@pytest.mark.parametrize(
    "written", ["QM-{a}-{b}-{c}", "qm{a}{b}{c}", "案号：ＱＭ－{a}－{b}－{c}", "{a}{b}{c}"]
)
def test_number_may_be_written_in_any_way(ticket: Ticket, written: str) -> None:
    n = ticket.number

    Browser().asks(written.format(a=n[:4], b=n[4:8], c=n[8:]))

    assert CaseProof.objects.get().number == n


def test_what_is_no_number_is_told_before_anything_is_asked() -> None:
    answer = Browser().post(LOOKUP, number="QM-1234-5678-90")

    assert answer.status_code == 422
    assert "This is not a case number" in answer.content.decode()
    assert not CaseProof.objects.exists()


def test_number_in_the_address_stands_in_the_field(ticket: Ticket) -> None:
    page = Browser().get(f"{LOOKUP}?number={viewers.printed(ticket.number)}")

    assert f'value="{viewers.printed(ticket.number)}"' in page.content.decode()


def test_leaving_closes_the_case_to_this_browser(ticket: Ticket) -> None:
    browser = Browser()
    address = browser.opens(ticket)

    browser.post(f"{LOOKUP}leaving/")

    assert browser.get(address).status_code == 302


def test_form_without_its_token_is_refused(ticket: Ticket) -> None:
    answer = Client(enforce_csrf_checks=True).post(LOOKUP, {"number": ticket.number})

    assert answer.status_code == 403

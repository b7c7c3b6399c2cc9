"""Signed links from another program: who is let in, who is not, and what they then see."""

import base64
import hashlib
import hmac
import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from channels_ingest import api
from channels_ingest.connectors.web_form import Person
from channels_ingest.web import deep_link, tokens
from channels_ingest.web.deep_link import LinkRefused
from tests.channels_ingest.doors import drain
from tests.channels_ingest.test_web_pages import aged
from tests.own_cache import empty_cache
from tickets.actions import lifecycle
from tickets.actor import SYSTEM
from tickets.models import Channel, Conversation, Identity, IdentityStatus, Message, Ticket

DOC = Path(__file__).resolve().parents[2] / "docs" / "channels" / "deep_link.md"
SECRET = "link-secret-1"
AT = datetime.fromtimestamp(1795312800, tz=UTC)


def signed(head: bytes | dict[str, Any], claims: bytes | dict[str, Any], secret: str) -> str:
    def part(value: bytes | dict[str, Any]) -> str:
        raw = value if isinstance(value, bytes) else json.dumps(value).encode()
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    text = f"{part(head)}.{part(claims)}"
    return f"{text}.{part(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest())}"


def link(at: datetime = AT, *, secret: str = SECRET, alg: str = "HS256", **changes: Any) -> str:
    begun = int(at.timestamp())
    claims = {"sub": "u-9", "aud": "web", "iat": begun, "exp": begun + 300, "jti": "j-1"} | changes
    kept = {name: value for name, value in claims.items() if value is not None}
    return signed({"alg": alg, "typ": "JWT"}, kept, secret)


def read(token: str, *secrets: str, now: datetime = AT) -> deep_link.Link:
    return deep_link.read(token, secrets=secrets or (SECRET, ""), audience="web", now=now)


def refusal(token: str, *secrets: str, now: datetime = AT) -> str:
    with pytest.raises(LinkRefused) as caught:
        read(token, *secrets, now=now)
    return caught.value.code


class TestReading:
    def test_check_value_of_the_docs_is_let_in(self) -> None:
        found = re.search(r"^ {4}(eyJ\S+)$", DOC.read_text(encoding="utf-8"), re.MULTILINE)
        assert found

        assert read(found[1]).person == Person("u-9", name="Lin")

    def test_python_of_the_docs_makes_a_link_that_is_let_in(self) -> None:
        code = re.search(r"```python\n(.*?)```", DOC.read_text(encoding="utf-8"), re.DOTALL)
        assert code
        made: dict[str, Any] = {}
        exec(code[1], made)  # noqa: S102 - our own docs

        address = made["help_link"]("https://desk.example", SECRET, "u-9", name="林")
        token = address.removeprefix("https://desk.example/support/enter/?token=")

        assert read(token, now=timezone.now()).person == Person("u-9", name="林")

    def test_every_claim_reaches_the_person(self) -> None:
        token = link(
            name="Lin", email="lin@mail.example", email_verified=True, phone="138", plan="pro"
        )

        assert read(token).person == Person("u-9", "Lin", "lin@mail.example", True, "138", "pro")

    @pytest.mark.parametrize("flag", ["true", 1, None, False])
    def test_address_counts_as_checked_only_where_it_says_true(self, flag: object) -> None:
        assert read(link(email="a@b.example", email_verified=flag)).person.email_verified is False

    def test_previous_secret_is_accepted_while_it_is_known(self) -> None:
        token = link(secret="old")

        assert read(token, "new", "old").person.sub == "u-9"
        assert refusal(token, "new", "") == "wrong"

    def test_form_without_a_secret_lets_nobody_in(self) -> None:
        assert refusal(link(secret=""), "", "") == "off"

    def test_link_for_another_form_is_refused(self) -> None:
        assert refusal(link(aud="shop")) == "audience"
        assert refusal(link(aud=None)) == "audience"
        assert refusal(link(aud=["web"])) == "audience"

    def test_clocks_may_differ_by_a_minute(self) -> None:
        late, early = AT + timedelta(seconds=360), AT - timedelta(seconds=60)

        assert read(link(), now=late).person.sub
        assert refusal(link(), now=late + timedelta(seconds=1)) == "expired"
        assert read(link(), now=early).person.sub
        assert refusal(link(), now=early - timedelta(seconds=1)) == "wrong"

    def test_link_may_live_ten_minutes_and_not_longer(self) -> None:
        begun = int(AT.timestamp())

        assert read(link(exp=begun + 600)).person.sub
        assert refusal(link(exp=begun + 601)) == "wrong"
        assert refusal(link(exp=begun)) == "wrong"

    @pytest.mark.parametrize(
        "changes",
        [
            {"sub": None},
            {"sub": ""},
            {"sub": 9},
            {"sub": "x" * 129},
            {"sub": "a\0"},
            {"jti": None},
            {"jti": "x" * 129},
            {"iat": None},
            {"exp": None},
            {"iat": "1795312800"},
            {"exp": True},
            {"iat": float("nan")},
            {"exp": 2**2000},
            {"name": ["Lin"]},
            {"name": "x" * 81},
        ],
    )
    def test_claim_that_makes_no_sense_is_refused(self, changes: dict[str, Any]) -> None:
        assert refusal(link(**changes)) == "wrong"

    @pytest.mark.parametrize("alg", ["none", "HS512", "RS256", ""])
    def test_other_algorithm_is_refused(self, alg: str) -> None:
        assert refusal(link(alg=alg)) == "wrong"

    @pytest.mark.parametrize(
        "token",
        [
            "",
            "x",
            "..",
            "é.é.é",
            link()[:-1],
            link() + "x",
            link() + "=",
            link().rpartition(".")[0] + ".",
            link().rpartition(".")[0],
            signed({"alg": "none"}, {"sub": "u-9"}, "")[:-43],
            signed(b"[]", b"{}", SECRET),
            signed(b"\xff", b"{}", SECRET),
            signed({"alg": "HS256"}, b"[" * 1000, SECRET),
            signed({"alg": "HS256"}, b"x" * 9000, SECRET),
        ],
    )
    def test_what_is_no_signed_token_is_refused(self, token: str) -> None:
        assert refusal(token) == "wrong"


@pytest.fixture
def door(db: None, settings: Any, tmp_path: Any) -> Channel:
    settings.MEDIA_ROOT = tmp_path
    empty_cache()
    values = {"brand": "Blue Plane Mail", "link_secret": SECRET}
    return api.create_channel(
        kind="web_form", slug="web", values=values, now=timezone.now()
    ).channel


class Browser:
    """A browser that another program opens with a link; it speaks `language`."""

    def __init__(self, language: str = "en") -> None:
        self.client = Client(enforce_csrf_checks=True, headers={"accept-language": language})
        self.page: Any = None

    def opens(self, token: str, **query: str) -> Any:
        """Follow a link to wherever it leads; the address of the last page is returned."""
        self.page = self.client.get("/support/enter/", {"token": token, **query}, follow=True)
        return self.page.redirect_chain[-1][0] if self.page.redirect_chain else ""

    @property
    def html(self) -> str:
        return unescape(self.page.content.decode())

    def sends(self, address: str, **typed: str) -> str:
        """Fill in the form at `address` after a while; the address of the case's page."""
        answer = self.client.post(address, {**self.hidden(), **typed})
        assert answer.status_code == 302, unescape(answer.content.decode())
        self.page = self.client.get(answer["Location"])
        return str(answer["Location"])

    def hidden(self) -> dict[str, str]:
        found = dict(re.findall(r'name="(csrfmiddlewaretoken|form)" value="([^"]*)"', self.html))
        return {**found, "form": aged(found["form"], timedelta(minutes=2))}


def fresh(jti: str, **claims: Any) -> str:
    return link(timezone.now(), jti=jti, name="Lin", **claims)


class TestEntering:
    def test_form_knows_who_came_and_asks_neither_name_nor_address(self, door: Channel) -> None:
        lin = Browser()

        lin.opens(fresh("j-1"))

        assert "You are signed in as Lin." in lin.html
        assert 'name="email"' not in lin.html
        assert "no-store" in lin.page["Cache-Control"]

    def test_what_is_sent_stands_under_the_account_of_the_program(self, door: Channel) -> None:
        lin = Browser()
        form = lin.opens(fresh("j-1", email="Lin@Mail.example", email_verified=True, plan="pro"))

        lin.sends(form, phenomenon="I cannot sign in.")
        drain()

        identity = Identity.objects.get()
        assert (identity.external_id, identity.name) == ("link:u-9", "Lin")
        assert identity.status == IdentityStatus.VERIFIED
        assert identity.address == "lin@mail.example"
        assert Message.objects.get().text == "I cannot sign in.\n\nPlan: pro"

    def test_page_of_the_case_shows_the_own_message_and_takes_more(self, door: Channel) -> None:
        lin = Browser()
        case = lin.sends(lin.opens(fresh("j-1")), phenomenon="I cannot sign in.")
        drain()
        lin.page = lin.client.get(case)

        lin.sends(case, message="It works again.")
        drain()

        assert Identity.objects.count() == Conversation.objects.count() == 1
        assert [each.text for each in Message.objects.order_by("pk")] == [
            "I cannot sign in.",
            "It works again.",
        ]
        assert "It works again." in unescape(lin.client.get(case).content.decode())

    def test_open_case_is_shown_at_once(self, door: Channel) -> None:
        lin = Browser()
        lin.sends(lin.opens(fresh("j-1")), phenomenon="I cannot sign in.")
        drain()

        address = Browser().opens(fresh("j-2"))
        again = Browser()
        again.opens(fresh("j-3"))

        assert address.startswith("/support/case/")
        assert "I cannot sign in." in again.html

    def test_resolved_case_gives_way_to_the_form(self, door: Channel) -> None:
        lin = Browser()
        lin.sends(lin.opens(fresh("j-1")), phenomenon="I cannot sign in.")
        drain()
        lifecycle.resolve(ticket=Ticket.objects.get(), by=SYSTEM, now=timezone.now())

        assert lin.opens(fresh("j-2")).startswith("/support/entered/")

    def test_form_opens_for_a_second_problem_where_the_program_says_so(self, door: Channel) -> None:
        lin = Browser()
        lin.sends(lin.opens(fresh("j-1")), phenomenon="I cannot sign in.")
        drain()

        form = lin.opens(fresh("j-2"), to="new")
        lin.sends(form, phenomenon="The invoice of October is wrong.")
        drain()

        assert Ticket.objects.count() == 2
        assert Identity.objects.count() == 1

    def test_case_of_somebody_else_is_not_shown(self, door: Channel) -> None:
        lin = Browser()
        lin.sends(lin.opens(fresh("j-1")), phenomenon="I cannot sign in.")
        drain()

        kim = Browser()
        address = kim.opens(fresh("j-2", sub="u-10"))

        assert address.startswith("/support/entered/")
        assert "I cannot sign in." not in kim.html

    def test_own_number_quoted_in_the_form_leads_to_the_case_without_a_claim(
        self, door: Channel
    ) -> None:
        lin = Browser()
        lin.sends(lin.opens(fresh("j-1")), phenomenon="I cannot sign in.")
        drain()
        number = Ticket.objects.get().number

        form = lin.opens(fresh("j-2"), to="new")
        lin.sends(form, phenomenon="Once more.", known_number=f"QM-{number}")
        drain()

        assert Ticket.objects.count() == 1
        assert set(Conversation.objects.values_list("claim", flat=True)) == {""}

    def test_link_opens_once_even_if_the_cache_is_emptied(self, door: Channel) -> None:
        token = fresh("j-1")
        Browser().opens(token)
        empty_cache()
        thief = Browser()

        thief.opens(token)

        assert thief.page.status_code == 403
        assert 'data-code="used"' in thief.html

    def test_form_can_be_loaded_again_after_its_link_is_used_up(self, door: Channel) -> None:
        lin = Browser()
        form = lin.opens(fresh("j-1"))

        assert lin.client.get(form).status_code == 200

    def test_looking_whether_a_link_is_there_does_not_use_it_up(self, door: Channel) -> None:
        token, lin = fresh("j-1"), Browser()

        head = lin.client.head("/support/enter/", {"token": token})
        lin.opens(token)

        assert head.status_code == 405
        assert lin.page.status_code == 200

    def test_right_to_the_form_ends(self, door: Channel) -> None:
        yesterday = timezone.now() - timedelta(hours=12, seconds=1)
        token = tokens.person_token(Person("u-9"), door, now=yesterday)

        answer = Client().get(f"/support/entered/{token}/")

        assert answer.status_code == 403

    def test_form_of_a_person_cannot_be_made_up(self, door: Channel) -> None:
        case = tokens.case_token(tokens.CaseKey(door.pk, "t", "1", "k"), now=timezone.now())

        assert Client().get(f"/support/entered/{case}/").status_code == 403
        assert Client().get("/support/entered/made:up/").status_code == 403

    @pytest.mark.parametrize("language", ["en", "zh-hans", "ja"])
    def test_refusal_is_a_page_in_the_language_of_the_user_with_a_way_out(
        self, door: Channel, language: str
    ) -> None:
        user = Browser(language)

        user.opens(link(timezone.now() - timedelta(hours=1), jti="j-1"))

        assert user.page.status_code == 403
        assert 'data-code="expired"' in user.html
        assert f'lang="{language}"' in user.html
        assert "/support/web/new/" in user.html

    def test_each_form_takes_links_of_its_own_only(self, door: Channel) -> None:
        values = {"link_secret": "another"}
        api.create_channel(kind="web_form", slug="shop", values=values, now=timezone.now())
        client = Client()

        for token, code in (
            (fresh("j-1", aud="shop"), "wrong"),
            (fresh("j-2", secret="another"), "audience"),
        ):
            answer = client.get("/support/shop/enter/", {"token": token})
            assert f'data-code="{code}"' in answer.content.decode()
        right = client.get(
            "/support/shop/enter/", {"token": fresh("j-3", aud="shop", secret="another")}
        )
        assert right.status_code == 302

    def test_link_secret_is_made_with_the_form_and_told_once(self, db: None) -> None:
        made = api.create_channel(kind="web_form", slug="web", values={}, now=timezone.now())

        assert len(made.generated["link_secret"]) > 30
        assert "link_secret" not in made.channel.account.settings

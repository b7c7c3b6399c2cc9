"""Signing in and out, and the choices that every page keeps."""

from collections.abc import Callable
from typing import Any

import pytest

from tests import factories
from tests.dashboard.conftest import Desk
from tickets.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor() -> Desk:
    visitor = Desk(enforce_csrf_checks=True, headers={"accept-language": "en"})
    visitor.get("/login/")
    return visitor


def try_to_sign_in(visitor: Desk, email: str, password: str, **more: str) -> Any:
    return visitor.send("/login/", {"email": email, "password": password, **more})


def test_right_password_opens_the_page_that_was_asked_for(visitor: Desk, ada: User) -> None:
    answer = try_to_sign_in(visitor, ada.email, factories.PASSWORD, next="/unassigned/")

    assert (answer.status_code, answer["Location"]) == (302, "/unassigned/")


def test_address_is_read_in_any_case(visitor: Desk, ada: User) -> None:
    answer = try_to_sign_in(visitor, ada.email.upper(), factories.PASSWORD)

    assert answer.status_code == 302


def test_unknown_address_and_wrong_password_read_the_same(visitor: Desk, ada: User) -> None:
    wrong = try_to_sign_in(visitor, ada.email, "wrong")
    unknown = try_to_sign_in(visitor, "zed@desk.example", "wrong")

    assert wrong.status_code == unknown.status_code == 422
    assert wrong.context["error"] == unknown.context["error"]


def test_fifth_wrong_password_blocks_even_the_right_one(visitor: Desk, ada: User) -> None:
    for _attempt in range(5):
        try_to_sign_in(visitor, ada.email, "wrong")

    assert try_to_sign_in(visitor, ada.email, factories.PASSWORD).status_code == 429


def test_somebody_elses_failures_elsewhere_lock_nobody_out(visitor: Desk, ada: User) -> None:
    for _attempt in range(6):
        data = {"email": ada.email, "password": "wrong"}
        visitor.send("/login/", data, REMOTE_ADDR="203.0.113.9")

    assert try_to_sign_in(visitor, ada.email, factories.PASSWORD).status_code == 302


def test_sign_in_never_leads_to_another_site(visitor: Desk, ada: User) -> None:
    answer = try_to_sign_in(visitor, ada.email, factories.PASSWORD, next="//evil.example/")

    assert answer["Location"] == "/"


def test_form_without_its_token_is_refused(ada: User) -> None:
    visitor = Desk(enforce_csrf_checks=True)

    answer = visitor.post("/login/", {"email": ada.email, "password": factories.PASSWORD})

    assert answer.status_code == 403


def test_somebody_inactive_cannot_sign_in(visitor: Desk) -> None:
    gone = factories.person("Gone", is_active=False)

    assert try_to_sign_in(visitor, gone.email, factories.PASSWORD).status_code == 422


def test_signing_out_closes_the_desk(desk: Desk) -> None:
    desk.send("/logout/")

    assert desk.get("/").status_code == 302


@pytest.mark.parametrize("path", ["/", "/open/", "/search/?q=x", "/rail/", "/tickets/x/"])
def test_stranger_is_sent_to_the_sign_in_page(visitor: Desk, path: str) -> None:
    answer = visitor.get(path)

    assert answer["Location"].startswith("/login/?next=")


def test_language_is_kept_with_the_person(desk: Desk, ada: User) -> None:
    answer = desk.send("/language/", {"language": "ja", "next": "/open/"})

    ada.refresh_from_db()
    assert (answer["Location"], ada.language) == ("/open/", "ja")
    assert b'<html lang="ja"' in desk.get("/").content


def test_signing_in_brings_back_the_language(sign_in: Callable[[User], Desk], ada: User) -> None:
    User.objects.update(language="ja")

    assert b'<html lang="ja"' in sign_in(ada).get("/").content


def test_theme_is_kept_in_a_cookie(desk: Desk) -> None:
    desk.send("/theme/", {"theme": "dark"})

    assert b'data-theme="dark"' in desk.get("/").content


def test_pages_of_the_desk_are_kept_out_of_caches(desk: Desk) -> None:
    assert "no-store" in desk.get("/")["Cache-Control"]

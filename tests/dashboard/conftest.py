"""The cast, signed in through the real sign-in, with CSRF checks on."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from tests import factories
from tests.own_cache import empty_cache
from tickets.models import User


class Desk(Client):
    """A browser of somebody who has signed in; every form carries its token, as pages do."""

    def send(self, path: str, data: dict[str, Any] | None = None, **extra: Any) -> Any:
        token = self.cookies[self.csrf_cookie].value
        return self.post(path, {"csrfmiddlewaretoken": token, **(data or {})}, **extra)

    @property
    def csrf_cookie(self) -> str:
        return next(name for name in self.cookies if name.endswith("csrf"))


@pytest.fixture(autouse=True)
def own_cache() -> Iterator[None]:
    empty_cache()
    yield
    empty_cache()


@pytest.fixture
def sign_in(db: None) -> Callable[[User], Desk]:
    def sign_in(user: User) -> Desk:
        desk = Desk(enforce_csrf_checks=True, headers={"accept-language": "en"})
        desk.get("/login/")
        answer = desk.send("/login/", {"email": user.email, "password": factories.PASSWORD})
        assert answer.status_code == 302
        desk.get("/")
        return desk

    return sign_in


@pytest.fixture
def ada(db: None) -> User:
    return factories.ada()


@pytest.fixture
def desk(sign_in: Callable[[User], Desk], ada: User) -> Desk:
    """Ada's browser."""
    return sign_in(ada)

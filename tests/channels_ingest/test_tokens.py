"""Access tokens: kept sealed, renewed by one at a time, never told."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from channels_ingest import accounts
from channels_ingest.connectors.base import FetchFailure, Token
from channels_ingest.models import AccessToken, ChannelAccount
from channels_ingest.tokens import Tokens
from tests.channels_ingest.doors import NOON, obedient_channel


def account() -> ChannelAccount:
    found: ChannelAccount = obedient_channel().account
    return found


class Vendor:
    """Gives out numbered tokens and counts how often it was asked."""

    def __init__(self, seconds: float = 7200) -> None:
        self.asked = 0
        self.seconds = seconds

    def __call__(self) -> Token:
        self.asked += 1
        return Token(f"token-{self.asked}", self.seconds)


@pytest.mark.django_db
def test_token_is_asked_for_once_and_shared_until_shortly_before_its_end() -> None:
    vendor, row = Vendor(), account()

    given = [
        Tokens(row).current(vendor, refused="", now=NOON + timedelta(seconds=at))
        for at in (0, 100, 6899, 6901)
    ]

    assert given == ["token-1", "token-1", "token-1", "token-2"]


@pytest.mark.django_db
def test_refused_token_is_renewed_unless_somebody_else_did() -> None:
    vendor, row = Vendor(), account()
    first = Tokens(row).current(vendor, refused="", now=NOON)

    second = Tokens(row).current(vendor, refused=first, now=NOON)
    third = Tokens(row).current(vendor, refused=first, now=NOON)

    assert (first, second, third) == ("token-1", "token-2", "token-2")


@pytest.mark.django_db
def test_token_is_sealed_and_hidden_in_what_is_told() -> None:
    row = account()
    connector = accounts.connect(row)

    value = connector.account.token(Vendor())

    assert value.encode() not in bytes(AccessToken.objects.get().sealed or b"")
    assert connector.without_secrets(f"GET /?access_token={value}") == "GET /?access_token=…"


@pytest.mark.django_db
def test_failed_renewal_keeps_the_old_token_and_tells_why() -> None:
    row = account()
    Tokens(row).current(Vendor(), refused="", now=NOON)

    def fails() -> Token:
        raise FetchFailure("bad_credentials")

    with pytest.raises(FetchFailure):
        Tokens(row).current(fails, refused="token-1", now=NOON)

    assert Tokens(row).current(fails, refused="", now=NOON) == "token-1"


@pytest.mark.django_db(transaction=True)
def test_ten_workers_at_once_ask_the_vendor_once() -> None:
    vendor, row = Vendor(), account()
    together = threading.Barrier(10)

    def work(_number: int) -> str:
        try:
            together.wait(10)
            return Tokens(row).current(vendor, refused="", now=NOON)
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        given = set(pool.map(work, range(10)))

    assert given == {"token-1"}
    assert vendor.asked == 1

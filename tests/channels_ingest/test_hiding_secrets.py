"""Keys and tokens that developers paste are blacked out; what they need to be helped stays."""

import pytest

from channels_ingest.web.hiding_secrets import hide_secrets


@pytest.mark.parametrize(
    ("pasted", "seen"),
    [
        ("Authorization: Bearer abcdefgh12345", "Authorization: Bearer ••••(13)"),
        ("authorization: Basic dXNlcjpwYXNz", "authorization: Basic ••••(12)"),
        ("X-Sign: 0a1b2c3d4e", "X-Sign: ••••(10)"),
        ("X-Api-Key: k-123456", "X-Api-Key: ••••(8)"),
        (
            '{"access_token": "abcd1234", "errcode": 40013}',
            '{"access_token": "••••(8)", "errcode": 40013}',
        ),
        ("app_secret=s3cr3t99&app_id=app_7f20c4", "app_secret=••••(8)&app_id=app_7f20c4"),
        ("curl -H 'Cookie: sid=1; csrf=2'", "curl -H 'Cookie: ••••(13)'"),
        ("Cookie: sid=1; csrf=2", "Cookie: ••••(13)"),
        ("password: hunter2", "password: ••••(7)"),
        ("eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl", "••••(38)"),
    ],
)
def test_secret_is_replaced_by_its_length(pasted: str, seen: str) -> None:
    assert hide_secrets(pasted) == seen
    assert hide_secrets(seen) == seen


def test_private_key_is_replaced_to_its_end() -> None:
    seen = hide_secrets(
        "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc=\n-----END RSA PRIVATE KEY-----"
    )

    assert "MIIE" not in seen
    assert seen.endswith("-----END RSA PRIVATE KEY-----")


@pytest.mark.parametrize(
    "pasted",
    [
        '{"errcode": 40013, "errmsg": "invalid signature"}',
        "POST /v2/callback/verify HTTP/1.1",
        "X-Request-Id: req-20261120021407-9c1e",
        "the token is wrong",
        "design: new",
    ],
)
def test_what_is_no_secret_stays(pasted: str) -> None:
    assert hide_secrets(pasted) == pasted

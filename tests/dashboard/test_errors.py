"""What is shown where no page can be: in three languages, and without asking the database."""

import json

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import translation

from dashboard.views import errors

# No test of this module may use the database: what is asked for there fails.
PAGES = ("/support/nowhere/", "/nowhere/")


@pytest.mark.parametrize("language", ["zh-hans", "en", "ja"])
@pytest.mark.parametrize("path", PAGES)
def test_address_that_leads_nowhere_says_so_and_leads_on(path: str, language: str) -> None:
    answer = Client().get(path, headers={"accept-language": language})

    text = answer.content.decode()
    assert answer.status_code == 404
    assert f'<html lang="{language}"' in text
    assert "<script" not in text
    assert "'unsafe-inline'" not in answer["Content-Security-Policy"]
    assert 'href="/' in text


def answers(path: str) -> dict[str, HttpResponse]:
    request = RequestFactory().get(path)
    return {
        "unreadable": errors.bad_request(request, SuspiciousOperation()),
        "forbidden": errors.forbidden(request, PermissionDenied()),
        "outdated": errors.outdated(request),
        "broken": errors.broken(request),
    }


@pytest.mark.parametrize("path", PAGES)
def test_every_other_fault_has_a_page_of_its_own(path: str) -> None:
    with translation.override("en"):
        found = answers(path)

    assert [each.status_code for each in found.values()] == [400, 403, 403, 500]
    assert len({each.content for each in found.values()}) == 4
    assert b"Something broke on our side" in found["broken"].content


def test_program_is_told_in_its_own_language() -> None:
    answer = Client().get("/api/v1/nowhere/")

    assert answer["Content-Type"] == "application/problem+json"
    assert json.loads(answer.content)["status"] == 404


def test_page_that_was_open_for_too_long_says_that_nothing_was_sent() -> None:
    client = Client(enforce_csrf_checks=True)

    answer = client.post("/support/new/", headers={"accept-language": "en"})

    assert answer.status_code == 403
    assert b"Nothing was sent" in answer.content

"""What a visitor asked on the page before: it goes along in the address."""

from django.http import HttpRequest

LONGEST_QUESTION = 200


def question_of(request: HttpRequest) -> str:
    """The question in the address, on one line; empty where there is none."""
    return " ".join(request.GET.get("q", "").split())[:LONGEST_QUESTION]

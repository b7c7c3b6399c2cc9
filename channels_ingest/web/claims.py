"""The page on which a case's owner says whether it was they who quoted its number elsewhere."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tickets.actions import claims
from tickets.actions.refusals import Refused
from tickets.case_numbers import format_number
from tickets.models import ClaimQuestion


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def claim(request: HttpRequest, token: str) -> HttpResponse:
    """Ask on GET and decide on POST only: programs that look at mails open every link in them."""
    now = timezone.now()
    try:
        question = claims.question_of(token, now=now)
        if request.method == "POST":
            question = claims.answer(
                question=question, yes=request.POST.get("answer") == "yes", now=now
            )
    except Refused:
        return render(request, "channels_ingest/web/claim.html", {"is_dead": True}, status=410)
    return render(request, "channels_ingest/web/claim.html", _shown(question))


def _shown(question: ClaimQuestion) -> dict[str, object]:
    """What the owner may know: which number, by which door and when; not who, not what."""
    conversation = question.conversation
    number = format_number(conversation.via_number, prefix=settings.CASE_NUMBER_PREFIX)
    return {
        "number": number,
        "by": conversation.channel.label,
        "quoted_at": conversation.created_at,
        "answer": question.answer,
    }

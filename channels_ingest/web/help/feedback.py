"""Was this helpful: an answer of a reader whom nothing but a random cookie tells from others."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseForbidden
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from tickets.actions import knowledge
from tickets.models import ArticleVersion, VersionState

from ..asking import LONGEST_QUESTION
from ..limits import TooMany, count_vote
from . import readers
from .languages import address, help_page

ANSWERS = {"yes": True, "no": False}
FRAGMENT = "X-Fragment"


# A token in the form would make every copy of the page another one, which nobody could cache;
# where the browser says that another site sent it, it is refused below.
@csrf_exempt
@require_POST
@help_page
def feedback(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    """Keep what a reader says of an article, then show thanks and what may help further."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        return HttpResponseForbidden()
    answer = request.POST.get("helped", "")
    pk = request.POST.get("version", "")
    if answer not in ANSWERS or not (pk.isascii() and pk.isdigit() and len(pk) < 19):
        raise Http404
    published = ArticleVersion.objects.filter(article__slug=slug).exclude(state=VersionState.DRAFT)
    version = get_object_or_404(published, pk=int(pk))
    now = timezone.now()
    try:
        count_vote(request, now=now)
    except TooMany as refused:
        words = _("Too many answers came from your network. Please try again later.")
        return HttpResponse(words, status=429, headers={"Retry-After": str(refused.wait)})
    token = readers.token_of(request)
    words = request.POST.get("words", "")
    knowledge.vote(
        version=version, reader=readers.hashed(token), helped=ANSWERS[answer], words=words, now=now
    )
    said = "thanks" if words.strip() else answer
    response = _answer(request, code, slug, version, said)
    readers.remember(response, token)
    return response


def _answer(
    request: HttpRequest, code: str, slug: str, version: ArticleVersion, said: str
) -> HttpResponse:
    question = request.POST.get("q", "")[:LONGEST_QUESTION]
    if request.headers.get(FRAGMENT):
        context = {
            "said": said,
            "code": code,
            "question": question,
            "version": version,
            "slug": slug,
        }
        return render(request, "channels_ingest/web/help/_feedback.html", context)
    query = {"said": said, **({"q": question} if question else {})}
    return redirect(f"{address('help_article', code, slug)}?{urlencode(query)}#feedback")

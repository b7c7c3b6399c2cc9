"""One press of a send button: who may send, what came with it, and what is to be mended."""

from datetime import datetime

from django.http import HttpRequest
from django.utils.translation import gettext as _

from tickets.models import Channel

from ..own_page import PageFile
from . import tokens, uploads
from .forms import QUICKEST, GuardedForm
from .limits import TooMany, count_submission
from .signed import BadToken

UNREADY = 422  # what was typed is shown again, to be mended
LIMITED = 429


class Submission:
    """One press of the send button: what came with it and what is wrong with it."""

    def __init__(self, request: HttpRequest, form_class: type[GuardedForm], now: datetime) -> None:
        self.request = request
        self.form_class = form_class
        self.now = now
        self.form: GuardedForm = form_class(request.POST)
        self.token = ""
        self.key = tokens.FormKey("", now)
        self.files: list[PageFile] = []
        self.problems: list[str] = []
        self.status = UNREADY
        self.wait = 0

    def check(self, channel: Channel, *, thread: str = "") -> bool:
        """Whether all is well; if not, `files` are kept and `problems` say what is wrong."""
        try:
            self.token = self.request.POST.get("form", "")
            count_submission(self.request, channel, now=self.now)
            self.key = tokens.read_form(self.token, channel, now=self.now, thread=thread)
        except TooMany as refused:
            self.status, self.wait = LIMITED, refused.wait
            self.problems = [_many_words(refused.wait)]
        except BadToken:
            # Nobody must wait again who has already read the page.
            earlier = self.now - QUICKEST
            self.token = tokens.form_token(channel, now=earlier, thread=thread)
            self.problems = [_("This page was open for too long. Please send the form again.")]
        else:
            return self._check_content()
        return False

    def _check_content(self) -> bool:
        self.form = self.form_class(self.request.POST, shown_at=self.key.shown_at, now=self.now)
        is_valid = self.form.is_valid()
        if self.form.looks_made_by_a_machine:
            return False
        self.files, self.problems = uploads.take(
            self.request.FILES.getlist("files"),
            self.request.POST.getlist("kept"),
            self.key.form,
            now=self.now,
        )
        return is_valid and not self.problems

    def kept(self) -> list[tuple[PageFile, str]]:
        """The files already here, with the tokens by which the mended form brings them back."""
        form = self.key.form
        return [(each, tokens.file_token(each, form, now=self.now)) for each in self.files]


def _many_words(wait: int) -> str:
    minutes = -(-wait // 60)
    return _(
        "Too many messages came from your network. Please send it again in {minutes} minutes;"
        " what you wrote is kept below."
    ).format(minutes=minutes)

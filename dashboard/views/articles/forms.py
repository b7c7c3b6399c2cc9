"""What is written in articles and notices, in three languages side by side. Nothing is saved."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django import forms
from django.core.validators import validate_slug
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from tickets.actions import notices as notice_actions
from tickets.actions.knowledge import LONGEST, Texts
from tickets.models import ArticleVersion, Category, Notice, NoticeKind
from tickets.models.knowledge import LANGUAGES, ORIGINAL

from .guard import languages

MOMENT = "%Y-%m-%dT%H:%M"
RESERVED = {"new", "preview"}
LABELS = {
    "title": _("Title"),
    "symptoms": _("Symptoms, also used by the search"),
    "steps": _("Steps"),
    "body": _("More text"),
}
HINTS = {
    "title": "",
    "symptoms": _("One on each line, in the words of customers."),
    "steps": _("One on each line. With empty lines between them a step may be longer."),
    "body": _("Markdown: **bold**, `code`, [words](address), lists, tables."),
}
ROWS = {"title": 1, "symptoms": 3, "steps": 6, "body": 3}


@dataclass(frozen=True, slots=True)
class Line:
    """One part of the text in every language, so that it can be read across."""

    name: str
    label: Any
    hint: Any
    cells: list[tuple[str, forms.BoundField]]


class InLanguages(forms.Form):
    """A form with some of its fields once for each language."""

    parts: tuple[str, ...] = ()

    def add(self, part: str, label: Any, *, limit: int, rows: int) -> None:
        """Add one part in every language; each label names its language."""
        for code, name in languages():
            widget: forms.Widget = forms.Textarea(attrs={"rows": rows, "class": "input"})
            if rows == 1:
                widget = forms.TextInput(attrs={"class": "input"})
            widget.attrs["lang"] = code
            self.fields[f"{part}_{code}"] = forms.CharField(
                required=False, max_length=limit, label=f"{label} · {name}", widget=widget
            )

    def written(self, part: str) -> dict[str, str]:
        """What was written of a part, by language."""
        return {code: self.text(part, code) for code in LANGUAGES}

    def text(self, part: str, code: str) -> str:
        given = str(self.cleaned_data.get(f"{part}_{code}", ""))
        return given.replace("\r\n", "\n").strip()

    def cells(self, part: str) -> list[tuple[str, forms.BoundField]]:
        return [(code, self[f"{part}_{code}"]) for code in LANGUAGES]


class ArticleForm(InLanguages):
    """All texts of an article as they stand latest, and what their writer had seen of them."""

    category = forms.ChoiceField(
        choices=Category.choices,
        label=_("Topic"),
        widget=forms.Select(attrs={"class": "select"}),
    )

    def __init__(
        self, data: Any = None, *, category: str, latest: Mapping[str, ArticleVersion]
    ) -> None:
        self.latest = {code: Texts.of(each) for code, each in latest.items()}
        super().__init__(data, initial={"category": category, **self._initial()})
        for part, limit in LONGEST.items():
            self.add(part, LABELS[part], limit=limit, rows=ROWS[part])
        for code in LANGUAGES:
            self.fields[f"seen_{code}"] = forms.CharField(widget=forms.HiddenInput, required=False)

    def _initial(self) -> dict[str, str]:
        initial = {f"seen_{code}": self._latest(code).mark for code in LANGUAGES}
        for code in LANGUAGES:
            for part in LONGEST:
                initial[f"{part}_{code}"] = getattr(self._latest(code), part)
        return initial

    def _latest(self, code: str) -> Texts:
        return self.latest.get(code, Texts())

    def lines(self) -> Iterator[Line]:
        for part in LONGEST:
            yield Line(part, LABELS[part], HINTS[part], self.cells(part))

    def marks(self) -> list[forms.BoundField]:
        return [self[f"seen_{code}"] for code in LANGUAGES]

    def texts(self) -> dict[str, Texts]:
        """What was written in each language in which anything was."""
        written = {
            code: Texts(**{part: self.text(part, code) for part in LONGEST}) for code in LANGUAGES
        }
        return {code: each for code, each in written.items() if each or code in self.latest}

    def seen(self) -> dict[str, str]:
        """By language, what the writer had before them."""
        return {code: str(self.cleaned_data[f"seen_{code}"]) for code in LANGUAGES}

    def brought_up_to_date(self) -> "ArticleForm":
        """The same words beside what others wrote meanwhile, ready to be saved over it."""
        data = cast(QueryDict, self.data).copy()
        seen = self.seen()
        for code in LANGUAGES:
            written = Texts(**{part: self.text(part, code) for part in LONGEST})
            if written.mark == seen[code]:
                for part in LONGEST:
                    data[f"{part}_{code}"] = getattr(self._latest(code), part)
            data[f"seen_{code}"] = self._latest(code).mark
        fresh = ArticleForm(data, category=self.initial["category"], latest={})
        fresh.latest = self.latest
        return fresh


class NewArticleForm(forms.Form):
    """The short name and the topic of an article that is to be written."""

    slug = forms.CharField(
        max_length=60,
        label=_("Short name"),
        help_text=_("It stands in the address and stays: small letters, digits and hyphens."),
        validators=[validate_slug],
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )
    category = forms.ChoiceField(
        choices=Category.choices,
        label=_("Topic"),
        widget=forms.Select(attrs={"class": "select"}),
    )

    def clean_slug(self) -> str:
        slug = str(self.cleaned_data["slug"]).lower()
        if slug in RESERVED:
            raise forms.ValidationError(_("This short name cannot be used."))
        return slug


class NoticeForm(InLanguages):
    """A notice in every language; the original's title is what others fall back to."""

    kind = forms.ChoiceField(
        choices=NoticeKind.choices,
        label=_("Kind"),
        widget=forms.Select(attrs={"class": "select"}),
    )
    starts_at = forms.DateTimeField(label=_("Begins"), input_formats=[MOMENT])
    ends_at = forms.DateTimeField(
        required=False,
        label=_("Ends"),
        input_formats=[MOMENT],
        help_text=_("Left empty, it goes on until somebody says that it is over."),
    )

    def __init__(self, data: Any = None, *, notice: Notice) -> None:
        initial: dict[str, Any] = {"kind": notice.kind}
        for name in ("starts_at", "ends_at"):
            initial[name] = getattr(notice, name)
        for code in LANGUAGES:
            initial |= {
                f"title_{code}": notice.titles.get(code, ""),
                f"body_{code}": notice.bodies.get(code, ""),
            }
        super().__init__(data, initial=initial)
        for name in ("starts_at", "ends_at"):
            attrs = {"type": "datetime-local", "class": "input"}
            self.fields[name].widget = forms.DateTimeInput(attrs=attrs, format=MOMENT)
        self.add("title", _("Title"), limit=notice_actions.LONGEST_TITLE, rows=1)
        self.add("body", _("Text"), limit=notice_actions.LONGEST_BODY, rows=6)
        self.fields[f"title_{ORIGINAL}"].required = True
        self.notice = notice

    def lines(self) -> Iterator[Line]:
        yield Line("title", _("Title"), "", self.cells("title"))
        yield Line("body", _("Text"), HINTS["body"], self.cells("body"))

    def filled(self) -> Notice:
        """The notice as it was written."""
        self.notice.kind = self.cleaned_data["kind"]
        starts_at: datetime = self.cleaned_data["starts_at"]
        self.notice.starts_at = starts_at
        self.notice.ends_at = self.cleaned_data["ends_at"]
        self.notice.titles = self.written("title")
        self.notice.bodies = self.written("body")
        return self.notice


class UpdateForm(InLanguages):
    """What is known of a notice by now."""

    is_over = forms.BooleanField(required=False, label=_("It is over"))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.add("text", _("Update"), limit=notice_actions.LONGEST_BODY, rows=3)

    def lines(self) -> Iterator[Line]:
        yield Line("text", _("Update"), "", self.cells("text"))

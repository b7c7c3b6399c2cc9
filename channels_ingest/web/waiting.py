"""How long somebody waits at present, put into the words of our public pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tickets.waits import Waiting

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ROUND_FROM = 10  # minutes; longer waits are said in steps of five


@dataclass(frozen=True, slots=True)
class WaitingWords:
    """What a page may say about waiting; empty texts are left out.

    `now` is the one line to show first; `usually` names a better time or when people are back.
    """

    now: str = ""
    usually: str = ""
    is_peak: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A time before which somebody in no hurry wants no answer."""

    value: str
    label: str


def waiting_words(waiting: Waiting, *, now: datetime) -> WaitingWords:
    """Put the figures into words; where too little is known, nothing is guessed."""
    if waiting.opens_at is not None:
        back = _("People are here again %(at)s.") % {"at": moment(waiting.opens_at, now=now)}
        return WaitingWords(now=back, usually=_after_opening(waiting))
    if waiting.typical is None or waiting.most is None:
        return WaitingWords()
    said = _("Half of all answers come within %(typical)s at present, most within %(most)s.") % {
        "typical": length(waiting.typical),
        "most": length(max(waiting.most, waiting.typical)),
    }
    return WaitingWords(now=said, usually=_better(waiting), is_peak=waiting.is_peak)


def calm_choices(waiting: Waiting, *, now: datetime) -> list[Choice]:
    """The times that are offered to people in no hurry."""
    ahead = (at for at in waiting.calm if at > now)
    return [Choice(at.isoformat(), after_words(at, now=now)) for at in ahead]


def after_words(at: datetime, *, now: datetime) -> str:
    """“Today after 14:00”, as it stands in the list and on the page of the case."""
    return _("%(at)s or later") % {"at": moment(at, now=now)}


def moment(at: datetime, *, now: datetime) -> str:
    """A time of day, with the day where it is not today."""
    local, today = localtime(at), localtime(now).date()
    clock = date_format(local, "TIME_FORMAT") if local.minute else f"{local:%H:%M}"
    if local.date() == today:
        return _("today at %(time)s") % {"time": clock}
    if local.date() == today + DAY:
        return _("tomorrow at %(time)s") % {"time": clock}
    day = date_format(local, "l")
    if local.date() - today > 6 * DAY:
        day = date_format(local, "MONTH_DAY_FORMAT")
    return _("%(day)s at %(time)s") % {"day": day, "time": clock}


def length(span: timedelta) -> str:
    """How long, rounded up and in steps that do not pretend to know more."""
    minutes = max(1, -(-span // MINUTE))
    if minutes > ROUND_FROM:
        minutes = -(-minutes // 5) * 5
    if minutes < 100:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    hours = -(-minutes // 60)
    return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}


def hours_of(waiting: Waiting) -> Sequence[dict[str, object]]:
    """The bars of a day's hours on our clock: where they stand and how high, in a field 40 high."""
    here, there = localtime(waiting.at), waiting.at
    shift = round(((here.utcoffset() or HOUR * 0) - (there.utcoffset() or HOUR * 0)) / HOUR)
    bars = sorted(((each.hour + shift) % 24, each) for each in waiting.hours)
    return [
        {
            "hour": hour,
            "x": place * 12,
            "y": round(40 - each.share * 38),
            "height": max(1, round(each.share * 38)),
            "is_busy": each.is_busy,
            "is_now": hour == here.hour,
            "is_labelled": not hour % 3,
        }
        for place, (hour, each) in enumerate(bars)
    ]


def _better(waiting: Waiting) -> str:
    better = waiting.better
    if better is None:
        return ""
    return _("After %(time)s it is usually under %(span)s.") % {
        "time": f"{localtime(better.begins):%H:%M}",
        "span": length(better.within),
    }


def _after_opening(waiting: Waiting) -> str:
    if waiting.most is None:
        return ""
    return _("From then on most answers come within %(span)s.") % {"span": length(waiting.most)}

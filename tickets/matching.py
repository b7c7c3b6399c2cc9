"""Decide, purely, which case an incoming message belongs to, and say why.

The rules are tried in a fixed order and the first that decides wins: automatic mail, a reply to
one of our messages, a strong case number, an invitation to go on in private, a weak number, the
current conversation, a new case.
Cases and contacts are named by opaque keys; nothing here reads a database.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from .case_numbers import Found, Invalid, Reading
from .interchange import Evidence

Rule = Literal[
    "automatic",
    "reply_link",
    "strong_number",
    "claim",
    "stranger",
    "follow_up",
    "unknown_number",
    "invalid_number",
    "invitation",
    "weak_number",
    "current_conversation",
    "new_ticket",
]
Review = Literal[
    "",
    "unknown",
    "invalid",
    "closed",
    "merged",
    "two_numbers",
    "stranger",
    "weak_other",
    "multi_issue",
    "auto",
]
Standing = Literal["new", "fresh", "known"]


@dataclass(frozen=True, slots=True)
class Case:
    """What matching must know of a ticket that still stands (merges already followed).

    `contacts` are its own contact and whoever else takes part in it, claims left out.
    """

    key: str
    contacts: frozenset[Hashable]
    is_closed: bool = False
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Quoted:
    """A number that leads somewhere: to `case`, perhaps `via_merge`."""

    case: Case
    via_merge: bool = False


@dataclass(frozen=True, slots=True)
class Current:
    """The identity's present conversation in this thread."""

    case: Case
    last_message_at: datetime
    is_claim: bool = False
    is_uncorrected: bool = False  # its case is fresh, remembers a bad number, and nobody acted


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything that bears on the decision about one message.

    `standing` tells how well we know the sender: "new" (identity never seen), "fresh" (known
    only by a case whose number was wrong) or "known". `leads` maps each quoted number that
    exists to what it leads to; `withdrawn` are numbers that the author put right. Of a text that
    speaks of its case and of a separate problem besides, `adds_a_problem` is true. `heard` was read
    from `transcript`; no number in it is ever strong, whatever was said before it. `invited` is the
    case of a public conversation whose private link was opened, `invited_by` that case's number.
    """

    now: datetime
    contact: Hashable
    standing: Standing
    own: Reading
    quoted: Reading = field(default_factory=lambda: Reading((), ()))
    heard: Reading = field(default_factory=lambda: Reading((), ()))
    transcript: str = ""
    leads: Mapping[str, Quoted] = field(default_factory=dict)
    reply_to: Quoted | None = None
    invited: Quoted | None = None
    invited_by: str = ""
    current: Current | None = None
    automatic: str = ""
    withdrawn: frozenset[str] = frozenset()
    starts_new_problem: bool = False
    adds_a_problem: bool = False
    is_courtesy: bool = False
    is_somebody_elses: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """The installation's settings for matching."""

    reopen_for: timedelta = timedelta(days=30)
    current_for: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Decision:
    """Where the message goes. `case` None opens a new ticket.

    `links` are cases to look at; `remembers` a number that leads nowhere; `corrects` the fresh
    case whose conversation moves along. `is_quiet` opens, reopens and acknowledges nothing.
    """

    rule: Rule
    case: Case | None = None
    review: Review = ""
    confidence: float = 1.0
    evidence: tuple[Evidence, ...] = ()
    is_claim: bool = False
    is_quiet: bool = False
    reopens: bool = False
    follows: Case | None = None
    links: tuple[Case, ...] = ()
    remembers: str = ""
    corrects: Case | None = None
    via_number: str = ""


def decide(situation: Situation, text: str, policy: Policy = Policy()) -> Decision:
    """The case for one message; `text` is what `situation.own` was read from (for evidence)."""
    for rule in (
        _automatic,
        _reply_link,
        _strong_number,
        _invitation,
        _bad_number,
        _weak_number,
        _current_conversation,
    ):
        decision = rule(situation, text, policy)
        if decision is not None:
            return _noting_other_weak_numbers(decision, situation, text)
    return _noting_other_weak_numbers(Decision("new_ticket", confidence=0.9), situation, text)


def _automatic(situation: Situation, text: str, policy: Policy) -> Decision | None:
    """A machine's mail joins the thread it answers and opens nothing."""
    if situation.automatic not in {"auto_reply", "bounce"}:
        return None
    review: Review = "auto" if situation.automatic == "bounce" else ""
    lead, evidence, number = _machine_lead(situation, text)
    if lead is None:
        return Decision("automatic", review="auto", is_quiet=True, confidence=0.5)
    return Decision(
        "automatic",
        case=lead.case,
        review=review,
        evidence=evidence,
        is_quiet=True,
        via_number=number,
    )


def _machine_lead(
    situation: Situation, text: str
) -> tuple[Quoted | None, tuple[Evidence, ...], str]:
    if situation.reply_to is not None:
        return situation.reply_to, (), ""
    may_join = situation.automatic == "bounce" or situation.standing == "new"
    for found, evidence in _strong(situation, text):
        lead = situation.leads.get(found.number)
        if lead and (may_join or _is_own(situation, lead.case)):
            return lead, (evidence,), found.number
    current = situation.current
    if current is not None and (current.is_claim or _is_own(situation, current.case)):
        return Quoted(current.case), (), ""
    return None, (), ""


def _reply_link(situation: Situation, text: str, policy: Policy) -> Decision | None:
    """An answer to one of our messages, unless the author's own words name another case."""
    lead = situation.reply_to
    if lead is None or not _is_own(situation, lead.case):
        return None
    if any(found.number in situation.leads for found in _own_strong(situation)):
        return None
    return _join(situation, lead, policy, Decision("reply_link"))


def _strong_number(situation: Situation, text: str, policy: Policy) -> Decision | None:
    strong = [
        (found, evidence)
        for found, evidence in _strong(situation, text)
        if found.number in situation.leads
    ]
    if not strong:
        return None
    found, evidence = _deciding(situation, strong)
    lead = situation.leads[found.number]
    others = _others(situation, lead.case, [f.number for f, _ in strong])
    basis = Decision(
        "strong_number",
        evidence=(evidence,),
        links=others,
        via_number=found.number,
        review=_number_review(situation, others, evidence),
    )
    return _by_number(situation, lead, policy, basis)


def _deciding(situation: Situation, strong: list[tuple[Found, Evidence]]) -> tuple[Found, Evidence]:
    """The first number; but of somebody's own case and another's, the own one."""
    own = (pair for pair in strong if _is_own(situation, situation.leads[pair[0].number].case))
    return next(own, strong[0])


def _by_number(situation: Situation, lead: Quoted, policy: Policy, basis: Decision) -> Decision:
    """What a number does depends on who quotes it: the owner, a newcomer or somebody else."""
    if _is_own(situation, lead.case):
        return _join(situation, lead, policy, basis)
    current = situation.current
    if current is not None and current.is_claim and current.case.key == lead.case.key:
        return replace(basis, rule="claim", case=lead.case, is_claim=True, confidence=0.6)
    if situation.standing == "known" or situation.is_somebody_elses:
        return replace(
            basis,
            rule="stranger",
            review="stranger",
            confidence=0.8,
            links=(lead.case, *basis.links),
            via_number="",
        )
    return replace(
        basis,
        rule="claim",
        case=lead.case,
        is_claim=True,
        confidence=0.6,
        review=basis.review or _standing_review(lead),
        corrects=_corrected(situation, lead.case),
    )


def _standing_review(lead: Quoted) -> Review:
    if lead.case.is_closed:
        return "closed"
    return "merged" if lead.via_merge else ""


def _join(situation: Situation, lead: Quoted, policy: Policy, basis: Decision) -> Decision:
    """Join the sender's own case, reopening it or following it up when it was closed."""
    case = lead.case
    corrected = _corrected(situation, case)
    joined = replace(
        basis, case=case, review=basis.review or _standing_review(lead), corrects=corrected
    )
    if not case.is_closed:
        return joined
    if situation.is_courtesy:
        return replace(joined, is_quiet=True)
    if case.closed_at and situation.now - case.closed_at > policy.reopen_for:
        return replace(basis, rule="follow_up", follows=case, review=joined.review, via_number="")
    return replace(joined, reopens=True)


def _invitation(situation: Situation, text: str, policy: Policy) -> Decision | None:
    """Whoever opens a private link may be anybody who read along: a claim, until it is proved."""
    lead = situation.invited
    if lead is None:
        return None
    basis = Decision("invitation", via_number=situation.invited_by)
    if _is_own(situation, lead.case):
        return _join(situation, lead, policy, basis)
    if situation.standing != "new":
        return None
    review = _standing_review(lead)
    return replace(basis, case=lead.case, is_claim=True, confidence=0.6, review=review)


def _bad_number(situation: Situation, text: str, policy: Policy) -> Decision | None:
    """A number that leads nowhere, or whose check fails, is remembered and never guessed at."""
    unknown = _own_strong(situation)
    case = _uncorrected_case(situation)
    if unknown:
        return Decision(
            "unknown_number",
            case=case,
            review="unknown",
            remembers=unknown[0].number,
            evidence=(_evidence(text, unknown[0]),),
        )
    if situation.own.invalid:
        invalid = situation.own.invalid[0]
        return Decision(
            "invalid_number",
            case=case,
            review="invalid",
            remembers=invalid.digits,
            evidence=(_evidence(text, invalid),),
        )
    return None


def _uncorrected_case(situation: Situation) -> Case | None:
    """A second wrong number in a row stays where the first one led."""
    current = situation.current
    is_same = current is not None and current.is_uncorrected and not current.case.is_closed
    return current.case if current is not None and is_same else None


def _weak_number(situation: Situation, text: str, policy: Policy) -> Decision | None:
    for found, evidence in _weak(situation, text):
        lead = situation.leads.get(found.number)
        if lead and _is_own(situation, lead.case):
            basis = Decision(
                "weak_number",
                confidence=0.8,
                evidence=(evidence,),
                via_number=found.number,
                review="multi_issue" if situation.adds_a_problem else "",
            )
            return _join(situation, lead, policy, basis)
    return None


def _current_conversation(situation: Situation, text: str, policy: Policy) -> Decision | None:
    current = situation.current
    if current is None or not (current.is_claim or _is_own(situation, current.case)):
        return None  # what only a machine's mail opened is nobody's conversation
    here = Decision(
        "current_conversation", case=current.case, is_claim=current.is_claim, confidence=0.8
    )
    if situation.is_courtesy and situation.now - current.last_message_at < policy.reopen_for:
        return replace(here, is_quiet=current.case.is_closed)
    if situation.starts_new_problem or not _goes_on(situation, current, policy):
        return None
    return replace(here, review="multi_issue" if situation.adds_a_problem else "")


def _goes_on(situation: Situation, current: Current, policy: Policy) -> bool:
    is_recent = situation.now - current.last_message_at < policy.current_for
    return is_recent and not current.case.is_closed


def _noting_other_weak_numbers(decision: Decision, situation: Situation, text: str) -> Decision:
    """A bare number that leads to somebody else's case moves nothing, but a person should look."""
    if decision.review or decision.rule in {"automatic", "strong_number", "claim"}:
        return decision
    for found, evidence in _weak(situation, text):
        lead = situation.leads.get(found.number)
        if lead is None or _is_own(situation, lead.case):
            continue
        if decision.case is None or decision.case.key != lead.case.key:
            return replace(
                decision,
                review="weak_other",
                links=(*decision.links, lead.case),
                evidence=(*decision.evidence, evidence),
            )
    return decision


def _strong(situation: Situation, text: str) -> list[tuple[Found, Evidence]]:
    """Strong numbers, the author's own words before those they quote."""
    own = [(found, _evidence(text, found)) for found in _own_strong(situation)]
    if any(f.number in situation.leads for f, _ in own):
        return own
    quoted = [
        (f, Evidence(f.number, source="quoted"))
        for f in situation.quoted.found
        if f.strength == "strong"
    ]
    return own + quoted


def _weak(situation: Situation, text: str) -> list[tuple[Found, Evidence]]:
    """Weak numbers: those written without a word before them, then all that a machine heard."""
    written = [(f, _evidence(text, f)) for f in situation.own.found if f.strength == "weak"]
    said = situation.transcript
    heard = [
        (f, Evidence(said[f.start : f.end], f.start, f.end, "transcript"))
        for f in situation.heard.found
    ]
    return written + heard


def _own_strong(situation: Situation) -> list[Found]:
    """The strong numbers of the author's own words, those taken back left out."""
    strong = (found for found in situation.own.found if found.strength == "strong")
    return [found for found in strong if found.number not in situation.withdrawn]


def _number_review(situation: Situation, others: tuple[Case, ...], evidence: Evidence) -> Review:
    if others or any(f.number not in situation.leads for f in _own_strong(situation)):
        return "two_numbers"
    if situation.adds_a_problem and evidence.source == "own":
        return "multi_issue"
    return ""


def _others(situation: Situation, chosen: Case, numbers: list[str]) -> tuple[Case, ...]:
    cases = (situation.leads[number].case for number in numbers)
    distinct = {case.key: case for case in cases if case.key != chosen.key}
    return tuple(distinct.values())


def _corrected(situation: Situation, case: Case) -> Case | None:
    current = situation.current
    if current is None or not current.is_uncorrected or current.case.key == case.key:
        return None
    return current.case


def _is_own(situation: Situation, case: Case) -> bool:
    return situation.contact in case.contacts


def _evidence(text: str, found: Found | Invalid) -> Evidence:
    return Evidence(text[found.start : found.end], found.start, found.end)

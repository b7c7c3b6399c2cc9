"""The promises that every connector keeps; its test class inherits those that concern it.

A test class names its connector and says by its bases what the connector does:

    class TestExample(PushContract, PullContract, HttpSendContract):
        connector = Example

`test_contract_covers_all_that_the_connector_does` fails when a base is left out. The methods that
raise NotImplementedError are the hooks: how this vendor writes, signs, answers and fails.
"""

import json
import traceback
from dataclasses import fields, replace
from datetime import timedelta
from sys import modules
from typing import Any, ClassVar, Literal

import pytest
import requests
from requests.exceptions import ConnectTimeout, ReadTimeout

from channels_ingest.connectors import connector_class
from channels_ingest.connectors.base import (
    BadRequest,
    BadSignature,
    Connector,
    Cursor,
    Fetched,
    FetchFailure,
    OutcomeUnknown,
    PermanentFailure,
    RawEnvelope,
    Received,
    Request,
    SendFailure,
    StoredEnvelope,
    TemporaryFailure,
)
from tests.channels_ingest.account import NOON, LocalAccount, Reply, Script, session
from tickets.interchange import IncomingMessage, OutgoingMessage, Receipt, Sent, Unknown

GARBAGE = (
    b"",
    b"\x00\xff\xfe",
    b"null",
    b"[]",
    b'"text"',
    b"{}",
    b'{"id":',
    b"<xml><a></xml>",
    b'{"id":1e999,"post":NaN}',
    b'{"id":{"id":{"id":[]}},"post":[],"sender":"x","d":7}',
    b"[" * 50_000,
    b'{"a":' * 50_000,
    b'{"id":' + b"9" * 9_000 + b"}",
)

# What goes wrong: the address cannot be reached; the request may have arrived and no answer came
# (late, or the line broke); the vendor asks to slow down, breaks, or refuses for good.
Trouble = Literal["unreachable", "timeout", "reset", "limited", "broken", "refused"]
TROUBLES: tuple[Trouble, ...] = (
    "unreachable",
    "timeout",
    "reset",
    "limited",
    "broken",
    "refused",
)


def stored(envelope: RawEnvelope) -> StoredEnvelope:
    """The envelope as the pipeline reads it back."""
    return StoredEnvelope(
        key=envelope.key,
        lane=envelope.lane,
        body=envelope.body,
        reserved_number=envelope.reserved_number,
        received_at=NOON,
    )


def http_trouble(trouble: Trouble) -> Reply | Exception:
    """The trouble as a web API shows it; error pages echo what we sent, secrets too."""
    answers: dict[Trouble, Reply | Exception] = {
        "unreachable": ConnectTimeout("no route"),
        "timeout": ReadTimeout("read timed out"),
        "reset": requests.ConnectionError("Connection aborted."),
        "limited": Reply(429, b"slow down ", {"Retry-After": "30"}, echo=True),
        "broken": Reply(500, b"<h1>Oops</h1> ", {"Content-Type": "text/html"}, echo=True),
        "refused": Reply(400, b"not like this ", {"Content-Type": "text/plain"}, echo=True),
    }
    return answers[trouble]


class ConnectorContract:
    """What holds for every connector."""

    connector: ClassVar[type[Connector]]
    garbage: ClassVar[tuple[bytes, ...]] = GARBAGE
    limited_for: ClassVar[float | None] = 30  # the vendor's own word on when to come back

    def settings(self) -> Any:
        """The settings of a working channel, every secret filled in."""
        raise NotImplementedError

    def ordinary(self) -> StoredEnvelope:
        """An envelope that holds a customer's message."""
        raise NotImplementedError

    def unknown(self) -> StoredEnvelope:
        """A well-formed envelope that carries nothing for us."""
        raise NotImplementedError

    def connect(self, settings: Any = None, http: requests.Session | None = None) -> Connector:
        account = LocalAccount(settings or self.settings())
        if http is not None:
            account.http = http
        return self.connector(account)

    def assert_keeps_secrets(self, error: BaseException) -> None:
        told = "".join(traceback.format_exception(error)) + repr(error)
        for secret in self.secrets():
            assert secret not in told

    def secrets(self) -> list[str]:
        settings = self.settings()
        hidden = [each.name for each in fields(settings) if each.metadata.get("secret")]
        return [str(getattr(settings, name)) for name in hidden]

    def test_connector_is_found_by_its_kind(self) -> None:
        assert connector_class(self.connector.kind) is self.connector

    def test_module_tells_how_to_set_the_channel_up(self) -> None:
        told = modules[self.connector.__module__].__doc__ or ""

        assert len(told.splitlines()) >= 3

    def test_contract_covers_all_that_the_connector_does(self) -> None:
        promised = {"receive": PushContract, "fetch": PullContract, "send": SendContract}

        for method, contract in promised.items():
            does = getattr(self.connector, method) is not getattr(Connector, method)
            assert does is isinstance(self, contract), f"{method} and {contract.__name__}"

    def test_channel_says_whether_its_messages_have_addresses(self) -> None:
        tells = self.connector.link_to is not Connector.link_to

        assert self.connector.capabilities.links is tells

    def test_settings_are_frozen_and_every_field_tells_where_to_find_it(self) -> None:
        settings = self.settings()

        with pytest.raises(AttributeError):
            setattr(settings, fields(settings)[0].name, "other")
        assert isinstance(settings, self.connector.Settings)
        assert [each.name for each in fields(settings) if not each.metadata.get("help")] == []

    def test_settings_do_not_show_their_secrets(self) -> None:
        assert all(self.secrets()), "settings() must fill in every secret"

        shown = repr(self.settings())

        assert [secret for secret in self.secrets() if secret in shown] == []

    def test_ordinary_envelope_gives_a_message_with_ids_and_a_time_zone(self) -> None:
        parsed = self.connect().parse(self.ordinary())

        messages = [item for item in parsed if isinstance(item, IncomingMessage)]
        assert messages
        assert all(item.external_id and item.sender.external_id for item in messages)
        assert all(item.sent_at.tzinfo for item in messages)
        assert all(item.external_id for item in parsed if isinstance(item, Receipt))

    def test_parsing_twice_gives_the_same(self) -> None:
        connector = self.connect()

        assert connector.parse(self.ordinary()) == connector.parse(self.ordinary())

    def test_unknown_event_is_named_and_passed_over(self) -> None:
        parsed = self.connect().parse(self.unknown())

        assert parsed
        assert all(isinstance(item, Unknown) and item.reason for item in parsed)

    def test_garbage_in_an_envelope_raises_nothing_but_value_error(self) -> None:
        for body in self.garbage:
            try:
                parsed = self.connect().parse(replace(self.ordinary(), body=body))
            except ValueError:
                continue
            assert all(isinstance(item, IncomingMessage | Receipt | Unknown) for item in parsed)


class PushContract(ConnectorContract):
    """What holds for a connector that the vendor calls."""

    signature_in: ClassVar[tuple[str, ...]]  # headers or query fields that prove the sender
    body_is_signed: ClassVar[bool] = True

    def signed(self, body: bytes) -> Request:
        """A push of `body` as the vendor signs it with the secret of `settings()`."""
        raise NotImplementedError

    def push_body(self) -> bytes:
        """The body of a push that holds a customer's message."""
        raise NotImplementedError

    def rotated(self) -> Any:
        """Settings with a new secret, in which that of `settings()` is still valid."""
        raise NotImplementedError

    def retired(self) -> Any:
        """Settings in which the secret of `settings()` is no longer valid."""
        raise NotImplementedError

    def without_secret(self) -> Any:
        """Settings of a channel that was never given a secret for pushes."""
        raise NotImplementedError

    def good(self) -> Request:
        return self.signed(self.push_body())

    def forged(self, value: str) -> Request:
        """The good push with another value wherever its proof stands."""
        good = self.good()
        return replace(
            good,
            headers={k: value if k in self.signature_in else v for k, v in good.headers.items()},
            query={k: value if k in self.signature_in else v for k, v in good.query.items()},
        )

    def test_good_signature_is_accepted(self) -> None:
        received = self.connect().receive(self.good())

        assert received.envelopes
        assert all(envelope.key and envelope.lane for envelope in received.envelopes)

    def test_pushed_envelope_can_be_parsed(self) -> None:
        connector = self.connect()

        for envelope in connector.receive(self.good()).envelopes:
            assert connector.parse(stored(envelope))

    def test_bad_signature_is_refused(self) -> None:
        for value in ("", "x", "é☃\ud800", "sha256=", "t=1,v1=", "0" * 64, "sha256=" + "0" * 64):
            with pytest.raises(BadSignature) as caught:
                self.connect().receive(self.forged(value))
            self.assert_keeps_secrets(caught.value)

    def test_changed_body_is_refused_where_the_body_is_signed(self) -> None:
        good = self.good()
        changed = replace(good, body=good.body + b" ")

        if self.body_is_signed:
            with pytest.raises(BadSignature):
                self.connect().receive(changed)
        else:
            assert self.connect().receive(changed).envelopes

    def test_missing_signature_is_refused(self) -> None:
        good = self.good()
        unsigned = replace(
            good,
            headers={k: v for k, v in good.headers.items() if k not in self.signature_in},
            query={k: v for k, v in good.query.items() if k not in self.signature_in},
        )

        assert unsigned != good
        with pytest.raises(BadSignature):
            self.connect().receive(unsigned)

    def test_secret_of_another_channel_is_refused(self) -> None:
        with pytest.raises(BadSignature):
            self.connect(self.retired()).receive(self.good())

    def test_previous_secret_is_accepted_during_rotation(self) -> None:
        assert self.connect(self.rotated()).receive(self.good()).envelopes

    def test_channel_without_a_secret_accepts_nothing(self) -> None:
        for request in (self.good(), self.forged("")):
            with pytest.raises(BadSignature):
                self.connect(self.without_secret()).receive(request)

    def test_same_delivery_twice_has_the_same_keys(self) -> None:
        def keys(received: Received) -> list[str]:
            return [envelope.key for envelope in received.envelopes]

        first, second = (self.connect().receive(self.good()) for _ in range(2))

        assert keys(first) == keys(second)
        assert len(set(keys(first))) == len(first.envelopes)

    def test_oversize_body_is_refused(self) -> None:
        body = b" " * (self.connector.max_body + 1)

        with pytest.raises(BadRequest) as caught:
            self.connect().receive(self.signed(body))

        assert caught.value.status == 413

    def test_garbage_in_an_authentic_push_is_a_bad_request_or_ignored(self) -> None:
        for body in self.garbage:
            outcome = self.received_or_refused(self.signed(body))
            if isinstance(outcome, BadRequest):
                assert outcome.status in (400, 413, 422)
                assert outcome.errors
            else:
                assert all(envelope.key for envelope in outcome.envelopes)

    def received_or_refused(self, request: Request) -> Received | BadRequest:
        try:
            return self.connect().receive(request)
        except BadRequest as error:
            return error


class TimedPushContract(PushContract):
    """What holds besides where the vendor signs the time of a push."""

    window: ClassVar[timedelta] = timedelta(seconds=300)

    def received_after(self, span: timedelta) -> Received:
        account = LocalAccount(self.settings(), clock=NOON + span)
        return self.connector(account).receive(self.good())  # signed at NOON

    def test_push_at_the_edge_of_the_window_is_accepted(self) -> None:
        assert self.received_after(self.window).envelopes
        assert self.received_after(-self.window).envelopes

    def test_stale_push_is_refused(self) -> None:
        with pytest.raises(BadSignature):
            self.received_after(self.window + timedelta(seconds=1))

    def test_push_from_the_future_is_refused(self) -> None:
        with pytest.raises(BadSignature):
            self.received_after(-self.window - timedelta(seconds=1))


class PullContract(ConnectorContract):
    """What holds for a connector that asks the vendor."""

    def pull(self, cursor: Cursor, trouble: Trouble | None = None) -> list[Fetched]:
        """Fetch from a vendor with a message newer than `cursor_before()`, or in trouble."""
        raise NotImplementedError

    def cursor_before(self) -> Cursor:
        """The cursor of a channel that has pulled before and not yet seen the message."""
        raise NotImplementedError

    def test_connector_says_how_often_to_ask(self) -> None:
        assert (self.connector.poll_every or 0) > 0

    def test_pulled_envelopes_have_keys_and_lanes_and_can_be_parsed(self) -> None:
        envelopes = [each for page in self.pull(self.cursor_before()) for each in page.envelopes]

        assert envelopes
        assert all(each.key and each.lane for each in envelopes)
        assert all(self.connect().parse(stored(each)) for each in envelopes)

    def test_pull_repeated_from_the_same_cursor_has_the_same_keys_and_bodies(self) -> None:
        first, second = (
            {each.key: each.body for page in pages for each in page.envelopes}
            for pages in (self.pull(self.cursor_before()) for _ in range(2))
        )

        assert first == second

    def test_cursor_survives_being_stored_as_json(self) -> None:
        for page in self.pull(self.cursor_before()):
            assert json.loads(json.dumps(page.cursor)) == page.cursor

    def test_pull_from_the_newest_cursor_brings_no_new_key(self) -> None:
        pages = self.pull(self.cursor_before())
        known = {each.key for page in pages for each in page.envelopes}

        again = self.pull(pages[-1].cursor)

        assert {each.key for page in again for each in page.envelopes} <= known

    @pytest.mark.parametrize("trouble", TROUBLES)
    def test_trouble_while_pulling_is_a_fetch_failure_with_a_code(self, trouble: Trouble) -> None:
        with pytest.raises(FetchFailure) as caught:
            self.pull(self.cursor_before(), trouble)

        assert caught.value.code
        if trouble == "limited":
            assert caught.value.retry_after == self.limited_for
        self.assert_keeps_secrets(caught.value)


class SendContract(ConnectorContract):
    """What holds for a connector that sends."""

    def outgoing(self) -> OutgoingMessage:
        return OutgoingMessage(
            delivery_id="d-1001",
            recipient="u-9",
            thread="t-7",
            text="Your parcel is on its way.\n— Ada",
            case_number="QM-4821-0937-10",
        )

    def send(self, trouble: Trouble | None = None) -> Sent:
        """Send `outgoing()` once to a vendor that accepts it, or is in trouble."""
        raise NotImplementedError

    def unclear(self) -> tuple[type[SendFailure], ...]:
        """What may be raised when the message may have arrived: only a receiver that knows an
        idempotency key makes it safe to call that a failure and send again."""
        if self.connector.capabilities.resend == "idempotent":
            return (OutcomeUnknown, TemporaryFailure)
        return (OutcomeUnknown,)

    def failure(self, trouble: Trouble) -> SendFailure:
        with pytest.raises(SendFailure) as caught:
            self.send(trouble)
        return caught.value

    def test_accepted_message_is_sent(self) -> None:
        assert isinstance(self.send(), Sent)

    def test_unreachable_vendor_is_a_temporary_failure(self) -> None:
        assert isinstance(self.failure("unreachable"), TemporaryFailure)

    def test_answer_that_never_comes_leaves_the_outcome_unknown(self) -> None:
        assert isinstance(self.failure("timeout"), self.unclear())
        assert isinstance(self.failure("reset"), self.unclear())

    def test_broken_vendor_leaves_the_outcome_unknown(self) -> None:
        assert isinstance(self.failure("broken"), self.unclear())

    def test_vendor_that_asks_to_slow_down_is_asked_again_when_it_said(self) -> None:
        failure = self.failure("limited")

        assert isinstance(failure, TemporaryFailure)
        assert failure.retry_after == self.limited_for

    def test_refused_message_is_a_permanent_failure(self) -> None:
        assert isinstance(self.failure("refused"), PermanentFailure)

    @pytest.mark.parametrize("trouble", TROUBLES)
    def test_failure_has_a_code_and_keeps_secrets(self, trouble: Trouble) -> None:
        failure = self.failure(trouble)

        assert failure.code
        self.assert_keeps_secrets(failure)


class HttpSendContract(SendContract):
    """Sending over HTTP: the vendor's answers are a script."""

    def replies(self, outcome: Reply | Exception | None) -> list[Reply | Exception]:
        """Every answer that `send` needs; where the message itself goes out it is `outcome`,
        or the vendor's ordinary success for None."""
        raise NotImplementedError

    def send(self, trouble: Trouble | None = None) -> Sent:
        outcome = http_trouble(trouble) if trouble else None
        script = Script(*self.replies(outcome))
        return self.connect(http=session(script)).send(self.outgoing())

"""What every emulator of a vendor stands on: a small threaded web server that can be made to fail.

    with Example() as vendor:
        vendor.fail(times=2, status=503)
        ...  # let the connector talk to vendor.url
        assert vendor.calls

A test in another process does the same over HTTP: `POST /_control/fail` with the arguments as
JSON; `jump`, `release`, `inject` and `inspect` likewise. It listens on the loopback only.
"""

import argparse
import json
import signal
import socket
import struct
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, ClassVar, Self
from urllib.parse import parse_qs, urlsplit

CONTROLS = ("jump", "fail", "release", "inject", "inspect")
LONGEST_HOLD = 60.0  # a held answer whose test died must not keep a thread for ever


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it came; header names are lower case."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body or b"null")


@dataclass(frozen=True, slots=True)
class Answer:
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Fault:
    """What shall happen to the next calls, see `Emulator.fail`."""

    times: int
    path: str
    status: int
    body: bytes
    headers: Mapping[str, str]
    drop: bool
    hold: bool
    processed: bool

    def covers(self, call: Call) -> bool:
        return self.times > 0 and call.path.startswith(self.path)


def as_json(value: object, status: int = 200, **headers: str) -> Answer:
    """An answer in JSON."""
    kind = {"Content-Type": "application/json; charset=utf-8"}
    return Answer(status, json.dumps(value, ensure_ascii=False).encode(), kind | headers)


class Emulator:
    """A vendor on a port of this machine. Subclass it: `answer` holds the vendor's rules."""

    name: ClassVar[str] = "emulator"

    def __init__(self, *, port: int = 0, clock: Callable[[], datetime] | None = None) -> None:
        self.lock = threading.RLock()  # held while a call is answered: rules need no care
        self.changed = threading.Condition(self.lock)
        self.calls: list[Call] = []
        self._clock = clock or (lambda: datetime.now(UTC))
        self._jumped = timedelta()
        self._faults: list[Fault] = []
        self._released = threading.Event()
        self._server = _Server(("127.0.0.1", port), self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    # The vendor's rules

    def answer(self, call: Call) -> Answer:
        """Answer one call. Runs under the lock."""
        raise NotImplementedError

    def inject(self, **what: Any) -> Any:
        """Let something happen at the vendor, such as a customer who writes."""
        raise NotImplementedError

    def inspect(self) -> Any:
        """What the vendor holds, as plain JSON."""
        return {"calls": len(self.calls)}

    # Life

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> Self:
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop listening and wait until every call is answered."""
        self._released.set()
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    # Control

    def now(self) -> datetime:
        return self._clock() + self._jumped

    def jump(self, seconds: float) -> None:
        """Move the vendor's clock."""
        with self.lock:
            self._jumped += timedelta(seconds=seconds)

    def fail(
        self,
        times: int = 1,
        *,
        path: str = "",
        status: int = 500,
        body: bytes | str = b"",
        headers: Mapping[str, str] | None = None,
        drop: bool = False,
        hold: bool = False,
        processed: bool = False,
    ) -> None:
        """Make the next `times` calls below `path` fail.

        They get `status`, `headers` and `body`. With `drop` the connection is reset instead. With
        `processed` the vendor first does what it was asked, and only its answer is lost; with
        `hold` the answer waits for `release`, and is the ordinary one unless `drop` is set too.
        """
        raw = body.encode() if isinstance(body, str) else body
        with self.lock:
            self._released.clear()
            self._faults.append(
                Fault(times, path, status, raw, headers or {}, drop, hold, processed or hold)
            )

    def release(self) -> None:
        """Let every held call go on."""
        self._released.set()

    def wait_until(self, is_so: Callable[[], bool], seconds: float = 10) -> None:
        """Wait until something is so after some call. Raises TimeoutError."""
        with self.changed:
            if not self.changed.wait_for(is_so, seconds):
                raise TimeoutError(f"{self.name}: not so after {seconds} s")

    # One call

    def respond(self, call: Call) -> Answer | None:
        """The answer to a call as the faults leave it; None resets the connection."""
        if call.path.startswith("/_control/"):
            return self._control(call)
        with self.changed:
            fault = next((each for each in self._faults if each.covers(call)), None)
            if fault:
                fault.times -= 1
            self.calls.append(call)
            answer = self.answer(call) if fault is None or fault.processed else Answer()
            self.changed.notify_all()
        return answer if fault is None else self._failed(fault, answer)

    def _failed(self, fault: Fault, answer: Answer) -> Answer | None:
        if fault.hold:
            self._released.wait(LONGEST_HOLD)
        if fault.drop:
            return None
        return answer if fault.hold else Answer(fault.status, fault.body, fault.headers)

    def _control(self, call: Call) -> Answer:
        name = call.path.removeprefix("/_control/").strip("/")
        if name not in CONTROLS:
            return as_json({"errors": f"there are: {', '.join(CONTROLS)}"}, 404)
        try:
            result = getattr(self, name)(**(call.json() or {}))
        except (TypeError, ValueError, LookupError) as error:
            return as_json({"errors": str(error)}, 400)
        return as_json({"result": result})


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that `stop` waits for the calls under way

    def __init__(self, address: tuple[str, int], emulator: Emulator) -> None:
        super().__init__(address, _Handler)
        self.emulator = emulator


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 10  # seconds a caller may take to speak

    def _any(self) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        call = Call(
            method=self.command,
            path=parts.path,
            query=parse_qs(parts.query, keep_blank_values=True),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length),
        )
        answer = self.server.emulator.respond(call)
        if answer is None:
            self._reset()
            return
        try:
            self._write(answer)
        except ConnectionError:
            self.close_connection = True  # the caller did not wait for the answer

    do_GET = do_POST = do_PUT = do_DELETE = _any  # noqa: N815 - the names http.server calls

    def _write(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def _reset(self) -> None:
        # Lingering for zero seconds sends RST: the caller sees a broken line, not an empty answer.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.rfile.close()
        self.connection.close()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - overrides http.server
        """Say nothing: tests read `calls`."""


def serve(emulator: type[Emulator], arguments: list[str] | None = None) -> None:
    """Run an emulator until SIGTERM or Ctrl-C: `python -m channels_ingest.sandbox.… --port N`."""
    parser = argparse.ArgumentParser(description=f"Emulate {emulator.name} on the loopback.")
    parser.add_argument("--port", type=int, default=0, help="0 takes any free port")
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stopped.set())
    with emulator(port=parser.parse_args(arguments).port) as vendor:
        sys.stdout.write(f"{emulator.name} listens at {vendor.url}\n")
        sys.stdout.flush()
        stopped.wait()

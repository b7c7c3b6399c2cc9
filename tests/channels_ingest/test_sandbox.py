"""The base of the emulators: faults, the clock, and the control face for other processes."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests

from channels_ingest.sandbox.base import Answer, Call, Emulator, as_json
from channels_ingest.sandbox.discourse import DEMO_KEY
from tests.channels_ingest.account import NOON, session


class Echo(Emulator):
    """Answers with what it was sent."""

    name = "echo"

    def __init__(self) -> None:
        super().__init__(clock=lambda: NOON)
        self.done: list[str] = []

    def answer(self, call: Call) -> Answer:
        self.done.append(call.path)
        return as_json({"method": call.method, "path": call.path, "body": call.body.decode()})


@pytest.fixture
def echo() -> Iterator[Echo]:
    with Echo() as running:
        yield running


def post(url: str, **content: object) -> requests.Response:
    with session() as http:
        return http.post(url, json=content, timeout=10)


def test_emulator_answers_and_keeps_the_call(echo: Echo) -> None:
    answer = post(f"{echo.url}/a?b=1&b=2", c=3)

    assert answer.json() == {"method": "POST", "path": "/a", "body": '{"c": 3}'}
    assert echo.calls[0].query == {"b": ["1", "2"]}


def test_fault_strikes_the_chosen_calls_and_no_more(echo: Echo) -> None:
    echo.fail(2, path="/a", status=503, body="later", headers={"Retry-After": "5"})

    statuses = [post(echo.url + path).status_code for path in ("/b", "/a", "/a", "/a")]

    assert statuses == [200, 503, 503, 200]


def test_dropped_connection_is_reset_before_or_after_the_work(echo: Echo) -> None:
    echo.fail(path="/before", drop=True)
    echo.fail(path="/after", drop=True, processed=True)

    for path in ("/before", "/after"):
        with pytest.raises(requests.ConnectionError):
            post(echo.url + path)

    assert echo.done == ["/after"]


def test_held_answer_waits_for_its_release(echo: Echo) -> None:
    echo.fail(hold=True)
    answers: list[int] = []
    caller = threading.Thread(target=lambda: answers.append(post(echo.url).status_code))

    caller.start()
    echo.wait_until(lambda: len(echo.calls) == 1)
    assert answers == []
    echo.release()
    caller.join(10)

    assert answers == [200]


def test_stopping_releases_what_is_held() -> None:
    with Echo() as echo:
        echo.fail(hold=True)
        caller = threading.Thread(target=post, args=(echo.url,))
        caller.start()
        echo.wait_until(lambda: len(echo.calls) == 1)

    caller.join(10)
    assert not caller.is_alive()


def test_clock_jumps(echo: Echo) -> None:
    echo.jump(90)

    assert echo.now() == NOON + timedelta(seconds=90)


def test_another_process_controls_it_over_http(echo: Echo) -> None:
    post(f"{echo.url}/_control/jump", seconds=60)
    post(f"{echo.url}/_control/fail", times=1, status=418, body="no")

    assert echo.now() == NOON + timedelta(minutes=1)
    assert post(echo.url).status_code == 418
    assert post(f"{echo.url}/_control/inspect").json() == {"result": {"calls": 1}}


@pytest.mark.parametrize(("name", "status"), [("stop", 404), ("fail", 400)])
def test_control_refuses_what_it_does_not_offer(echo: Echo, name: str, status: int) -> None:
    assert post(f"{echo.url}/_control/{name}", colour="red").status_code == status


def test_forum_runs_as_a_process_of_its_own_until_it_is_told_to_end() -> None:
    command = [sys.executable, "-m", "channels_ingest.sandbox.discourse", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            url = process.stdout.readline().split()[-1]
            post(f"{url}/_control/inject", do="open_topic", username="kim", title="T", raw="Hello")
            with session() as http:
                http.headers.update({"Api-Key": DEMO_KEY, "Api-Username": "desk"})
                page = http.get(f"{url}/posts.json", timeout=10).json()
        finally:
            process.terminate()

    assert [each["raw"] for each in page["latest_posts"]] == ["Hello"]
    assert process.returncode == 0, json.dumps(page)

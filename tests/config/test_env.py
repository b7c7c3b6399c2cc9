"""Settings from the environment are typed, and nonsense stops the start with one line."""

from pathlib import Path

import pytest

from config import env


def test_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESK", "  ")

    assert env.text("DESK", "other") == "other"


def test_needed_variable_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DESK", raising=False)

    with pytest.raises(env.Refused, match="DESK is not set"):
        env.text("DESK")


@pytest.mark.parametrize(
    ("word", "meaning"), [("yes", True), ("ON", True), ("1", True), ("no", False), ("0", False)]
)
def test_flag_reads_common_words(monkeypatch: pytest.MonkeyPatch, word: str, meaning: bool) -> None:
    monkeypatch.setenv("DESK", word)

    assert env.flag("DESK", default=not meaning) is meaning


def test_flag_refuses_other_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESK", "maybe")

    with pytest.raises(env.Refused, match="yes or no"):
        env.flag("DESK", default=True)


@pytest.mark.parametrize("word", ["0", "70000", "-1", "8000.0", "８０００", "port", "1e3"])
def test_number_refuses_what_is_no_whole_number_in_range(
    monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    monkeypatch.setenv("DESK", word)

    with pytest.raises(env.Refused, match="from 1 to 65535"):
        env.number("DESK", 8000, low=1, high=65535)


def test_secret_comes_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret\n")
    monkeypatch.delenv("DESK", raising=False)
    monkeypatch.setenv("DESK_FILE", str(tmp_path / "secret"))

    assert env.secret("DESK") == "s3cret"


def test_secret_given_twice_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret")
    monkeypatch.setenv("DESK", "other")
    monkeypatch.setenv("DESK_FILE", str(tmp_path / "secret"))

    with pytest.raises(env.Refused, match="keep one of them"):
        env.secret("DESK")


def test_secret_file_that_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("DESK", raising=False)
    monkeypatch.setenv("DESK_FILE", str(tmp_path / "nowhere"))

    with pytest.raises(env.Refused, match="nowhere"):
        env.secret("DESK")


def test_words_are_parted_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESK", " a.example , b.example,, ")

    assert env.words("DESK") == ["a.example", "b.example"]


def test_database_url_is_taken_apart() -> None:
    found = env.database("postgresql://desk%40x:p%2Fw@db.example:5433/cases?sslmode=require")

    assert found["USER"] == "desk@x"
    assert found["PASSWORD"] == "p/w"
    assert (found["HOST"], found["PORT"], found["NAME"]) == ("db.example", "5433", "cases")
    assert found["OPTIONS"] == {"sslmode": "require", "connect_timeout": "5"}


def test_database_url_may_name_a_socket_folder() -> None:
    found = env.database("postgres://desk:pw@/cases?host=/run/my%20sockets")

    assert (found["HOST"], found["PORT"], found["NAME"]) == ("/run/my sockets", "", "cases")


@pytest.mark.parametrize(
    "url", ["mysql://u@h/name", "postgresql://u@h", "nonsense", "postgresql://h:port/name"]
)
def test_database_url_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(env.Refused, match="postgresql://user:password@host:5432/name"):
        env.database(url)


def test_broker_url_of_a_socket_is_spelled_for_celery() -> None:
    assert env.celery_broker("unix:///run/x/redis.sock?db=3") == (
        "redis+socket:///run/x/redis.sock?virtual_host=3"
    )
    assert env.celery_broker("rediss://h:6380/0") == "rediss://h:6380/0"

"""A crew of real processes that do things to one database at the same instant."""

import gc
import os
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Any

CREW = 4  # twice the cores of a small machine: some always wait for a lock in mid-transaction
PATIENCE = 60  # seconds; a crew that takes longer has locked itself out

Act = tuple[str, dict[str, Any]]


class ActFailed(AssertionError):
    """An act raised something that its author did not expect; the text is its traceback."""


class Crew:
    """Each member waits for its act, then for all the others, and only then goes."""

    def __init__(self, pipes: Sequence[Connection]) -> None:
        self._pipes = pipes

    def together(self, acts: Sequence[Act]) -> list[Any]:
        """Perform up to CREW acts at once and return what each gave back. Raises ActFailed."""
        assert len(acts) <= len(self._pipes)
        parts: list[Act | None] = [*acts, *[None] * (len(self._pipes) - len(acts))]
        for pipe, act in zip(self._pipes, parts, strict=True):
            pipe.send(act)
        outcomes = [self._outcome(pipe) for pipe in self._pipes]
        if broken := [text for state, text in outcomes if state == "failed"]:
            raise ActFailed("\n".join(broken))
        return [value for _, value in outcomes[: len(acts)]]

    def _outcome(self, pipe: Connection) -> tuple[str, Any]:
        assert pipe.poll(PATIENCE), "an act did not end: the crew waits for itself"
        outcome: tuple[str, Any] = pipe.recv()
        return outcome


@contextmanager
def crew(database_url: str) -> Iterator[Crew]:
    """Start the crew on a database; they leave with the block."""
    os.environ["DATABASE_URL"], before = database_url, os.environ.get("DATABASE_URL", "")
    context = get_context("spawn")
    barrier = context.Barrier(CREW)
    pairs = [context.Pipe() for _ in range(CREW)]
    members = [
        context.Process(target=_work, args=(theirs, barrier), daemon=True) for _, theirs in pairs
    ]
    try:
        for member in members:
            member.start()
        for ours, _ in pairs:
            assert ours.poll(PATIENCE), "a member of the crew did not start"
            ours.recv()
        yield Crew([ours for ours, _ in pairs])
    finally:
        os.environ["DATABASE_URL"] = before
        for ours, _ in pairs:
            ours.close()
        for member in members:
            member.join(PATIENCE)


def _work(pipe: Connection, barrier: Barrier) -> None:
    import django

    django.setup()
    from tests.races import acts

    gc.freeze()  # what was imported stays to the end: the collector need not look at it again
    gc.set_threshold(20_000, 20, 20)
    pipe.send("ready")
    while True:
        try:
            act = pipe.recv()
        except EOFError:
            return
        barrier.wait(PATIENCE)
        pipe.send(_perform(acts.__dict__, act))


def _perform(acts: dict[str, Callable[..., Any]], act: Act | None) -> tuple[str, Any]:
    if act is None:
        return "idle", None
    name, arguments = act
    try:
        return "done", acts[name](**arguments)
    except Exception:  # noqa: BLE001 - whatever it is, the test must see it
        return "failed", traceback.format_exc()

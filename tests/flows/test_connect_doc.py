"""What we tell people to type connects a mailbox and a forum."""

import re
import sys
from pathlib import Path

import pytest
from django.utils import timezone

from channels_ingest import api
from channels_ingest.sandbox.discourse import DEMO_KEY, Forum
from tests.faults.processes import HOME
from tests.flows.servers import SLOW, desk, mail, provider
from tests.waiting import wait_for
from tickets.models import Channel, Message

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]
PAGE = HOME / "README.md"
SECTION = re.compile(
    r"^## Connect a mailbox and a forum\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL
)
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXPORT = re.compile(r"\b([A-Z_]+)=")


def commands() -> tuple[str, set[str]]:
    """Every command of the section, and the names of what its reader must fill in."""
    section = SECTION.search(PAGE.read_text(encoding="utf-8"))
    assert section
    lines = "".join(BLOCK.findall(section[1])).splitlines()
    told = [line for line in lines if line.startswith("export ")]
    asked = {name for line in told for name in EXPORT.findall(line)}
    return "\n".join(line for line in lines if line not in told), asked


def test_commands_of_the_section_connect_a_mailbox_and_a_forum(
    process_environment: dict[str, str], tmp_path: Path
) -> None:
    script, asked = commands()
    with provider(tmp_path) as given, Forum() as forum:
        desk_ = desk(process_environment, given, tmp_path)
        values = {
            **given.values,
            "FORUM_URL": forum.url,
            "FORUM_USER": "desk",
            "FORUM_KEY": DEMO_KEY,
            "PATH": f"{Path(sys.executable).parent}:{process_environment['PATH']}",
        }
        assert asked == set(values)

        said = desk_.shell(["sh", "-e", "-u", "-c", script], **values)

        assert "localhost and localhost: signed in" in said
        assert f"{forum.url} answered" in said
        with desk_.running():
            connected = Channel.objects.filter(account__last_pull_at__isnull=False)
            wait_for(lambda: connected.count() == 2, "both doors were asked", within=SLOW)
            given.put(mail("kim@mail.example", "No mail", "The inbox stays empty."))
            forum.open_topic("kim", "No mail", "The inbox has been empty since Monday.")
            for channel in connected:
                api.resume(channel, now=timezone.now())
            came = Message.objects.filter(direction="inbound").values_list("channel__slug")
            wait_for(
                lambda: set(came.all()) == {("mail",), ("forum",)}, "mail and post", within=SLOW
            )

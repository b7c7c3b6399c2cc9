"""The vendors of the demo in one process: mail, a forum, QQ, WeChat, Weibo, a callback receiver.

They are the emulators of `channels_ingest.sandbox` with a memory: what was written there is still
there after the next start. `python -m dashboard.demo.sandbox --help`.
"""

import argparse
import signal
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path

from channels_ingest.sandbox.email import MailServer
from channels_ingest.sandbox.http import CallbackReceiver

from .chat_memory import ChatMemory, keep_chats
from .mail_office import MailOffice
from .memory import Clock, keep_forum, keep_mail, read_forum, restore_forum, restore_mail
from .vendors import DemoForum, DemoQQ, DemoWeChat, DemoWeibo
from .wiring import ADDRESS, Wiring, read_wiring


def main() -> None:
    """Run until SIGINT or SIGTERM."""
    given = _arguments()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))
    given.folder.mkdir(parents=True, exist_ok=True)
    wiring = read_wiring(given.wiring)
    if wiring is None:
        sys.exit(f"{given.wiring} does not say where to listen")
    with ExitStack() as stack:
        told = open_vendors(stack, wiring, given.folder)
        sys.stdout.write(f"emulators listen: {told}\n")
        sys.stdout.flush()
        threading.Event().wait()


def open_vendors(stack: ExitStack, wiring: Wiring, folder: Path) -> str:
    """Start every vendor and what keeps its memory; return where they listen, in one line."""
    ports, clock = wiring.ports, Clock()
    mail = MailServer(password=wiring.secret, imap_port=ports["imap"], smtp_port=ports["smtp"])
    restore_mail(mail, folder)
    forum = DemoForum(wiring, clock)
    restore_forum(forum, clock, read_forum(folder))
    if "forum" in wiring.callbacks:
        forum.add_hook(wiring.callbacks["forum"], wiring.word("forum"))
    # Ids count on from here, a thousand for each millisecond: none may come again after a restart.
    first = 1000 * (time.time_ns() // 1_000_000)
    chats = (DemoQQ(wiring), DemoWeChat(wiring, first=first), DemoWeibo(wiring, first=first))
    memories = [ChatMemory(each, folder / f"{each.place}.chats", each.kept) for each in chats]
    for memory in memories:
        memory.restore()
        stack.callback(memory.keep)
    office = MailOffice(mail, ADDRESS, port=ports["mail"])
    for vendor in (mail, forum, office, CallbackReceiver(wiring.secret, port=ports["callbacks"])):
        stack.enter_context(vendor)
    for chat in chats:
        stack.enter_context(chat)
    for keep in (
        threading.Thread(target=keep_forum, args=(forum, folder), daemon=True),
        threading.Thread(target=keep_mail, args=(mail, folder), daemon=True),
        threading.Thread(target=keep_chats, args=(memories,), daemon=True),
    ):
        keep.start()
    return ", ".join(f"{place} {port}" for place, port in ports.items())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--folder", type=Path, required=True, help="where its memory lies")
    parser.add_argument("--wiring", type=Path, required=True, help="ports, secrets, callbacks")
    return parser.parse_args()


if __name__ == "__main__":
    main()

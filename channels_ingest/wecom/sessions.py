"""The state of a session: who may answer in it, the desk or a colleague in the WeCom app."""

from collections.abc import Mapping

from channels_ingest.connectors.base import PermanentFailure, WindowClosed
from channels_ingest.weixin.api import Api
from channels_ingest.weixin.errors import Refusal, Trouble

NEW, DESK, COLLEAGUE, ENDED = 0, 1, 3, 4
PATH = "/cgi-bin/kf/service_state"


def welcome(api: Api, account: str, customer: str) -> None:
    """Take a new session for the desk, before anybody else is asked to. Raises Trouble.

    What the vendor refuses here it says again, and more to the point, when the message is sent.
    """
    chat = {"open_kfid": account, "external_userid": customer}
    try:
        if _before(api, f"{PATH}/get", chat).get("service_state") == NEW:
            _before(api, f"{PATH}/trans", {**chat, "service_state": DESK})
    except Refusal:
        return


def take_back(api: Api, account: str, customer: str) -> None:
    """Make a session one in which the desk may write.

    Raises WindowClosed for one that is over, PermanentFailure where a colleague answers, Trouble.
    """
    chat = {"open_kfid": account, "external_userid": customer}
    state = _before(api, f"{PATH}/get", chat).get("service_state")
    if state == ENDED:
        raise WindowClosed("window_closed", "the session has ended")
    if state == COLLEAGUE:
        raise PermanentFailure("taken_elsewhere", "a colleague answers in the WeCom app")
    _before(api, f"{PATH}/trans", {**chat, "service_state": DESK})


def _before(api: Api, path: str, body: Mapping[str, object]) -> dict[str, object]:
    """Ask something before the message is sent. Raises Trouble that says so."""
    try:
        return api.ask(path, body)
    except Trouble as trouble:
        trouble.nothing_sent = True
        raise

"""One message to one target, through Apprise (https://github.com/caronc/apprise) or as Slack's JSON."""

from __future__ import annotations

import html
import logging
import re
from typing import TYPE_CHECKING

import msgspec

from modelcensus.core.errors import InvalidInput, SourceError
from modelcensus.core.notice import Incident, NoticeSeverity, body_of, title_of, worst
from modelcensus.operations.noticing.targets import Target
from modelcensus.sources.http.guard import is_public, resolve

if TYPE_CHECKING:
    from apprise import NotifyBase, NotifyType

_LONGEST = 3500
"""Characters of a message, where its target does not take fewer."""
_SECONDS = 15.0
_STATUS = re.compile(r"\berror[=: ]+([1-5]\d\d)\b")
_UNUSABLE = "its address cannot be used: see docs/howto/get-notices.md for the forms"


class Outcome(msgspec.Struct, frozen=True):
    """Whether a target took a message, and if not why, without anything of its address."""

    ok: bool
    why: str = ""


class Letter(msgspec.Struct, frozen=True):
    """What to tell, and what links begin with."""

    incidents: tuple[Incident, ...]
    public_url: str | None = None

    def title(self) -> str:
        """Its heading."""
        return title_of(self.incidents)

    def body(self, longest: int) -> str:
        """Its text, of at most so many characters."""
        return body_of(self.incidents, public_url=self.public_url, longest=longest)


def send(target: Target, letter: Letter, *, private: bool, now: float) -> Outcome:
    """Send a message, once. ``private``: targets on private addresses are allowed. ``now``: Unix seconds.

    Never raises: a target that fails must not keep others from being told.
    """
    try:
        if target.slack_json:
            return _post(str(target.address), letter, private=private, now=now)
        return _by_apprise(target, letter, private=private)
    except Exception as error:
        # What a plug-in says may hold the address: its kind is all that is told.
        return Outcome(False, f"it could not be sent ({type(error).__name__})")


def _post(address: str, letter: Letter, *, private: bool, now: float) -> Outcome:
    """Slack's payload: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks"""
    from modelcensus.sources.http.posting import checked, post

    text = f"*{_escaped(letter.title())}*\n{_escaped(letter.body(_LONGEST))}"
    try:
        url = checked(address, private=private)
        posted = post(url, msgspec.json.encode({"text": text}), {}, seconds=_SECONDS, now=now, private=private)
    except InvalidInput:
        return Outcome(False, _UNUSABLE)
    except SourceError as error:
        return Outcome(False, f"it could not be reached ({error.kind})")
    return Outcome(200 <= posted.status < 300, "" if 200 <= posted.status < 300 else f"it answered {posted.status}")


def _escaped(text: str) -> str:
    """https://docs.slack.dev/messaging/formatting-message-text#escaping"""
    return html.escape(text, quote=False)


def _by_apprise(target: Target, letter: Letter, *, private: bool) -> Outcome:
    # Imported here: Apprise takes half a second, and most commands tell nobody.
    from apprise import Apprise, AppriseAsset, NotifyFormat, PersistentStoreMode
    from apprise.common import OverflowMode

    # Its lines show hosts and answers of targets, those of its HTTP library whole addresses: they go nowhere.
    lines = logging.getLogger("apprise")
    lines.propagate = False
    lines.setLevel(logging.WARNING)
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    asset = AppriseAsset(
        app_id="Model Census", app_desc="Model Census", async_mode=False, http_redirects=False,
        storage_mode=PersistentStoreMode.MEMORY,
    )  # fmt: skip
    plugin = Apprise.instantiate(target.address, asset=asset)
    if plugin is None:
        return Outcome(False, _UNUSABLE)
    if not private and _is_private(plugin):
        return Outcome(False, "it is on a private address: set notices.allow_private if it may be")
    plugin.overflow_mode = OverflowMode.TRUNCATE
    title = letter.title()
    room = min(_LONGEST, plugin.body_maxlen - (0 if plugin.title_maxlen else len(title) + 2))
    messenger = Apprise(asset=asset)
    messenger.add(plugin)
    result = messenger.notify(
        body=letter.body(room), title=title, notify_type=_type(letter.incidents), body_format=NotifyFormat.TEXT
    )
    if result:
        return Outcome(True)
    statuses = [match[1] for entry in result.logs() if (match := _STATUS.search(entry.message))]
    return Outcome(False, f"it answered {statuses[-1]}" if statuses else "it could not be reached, or refused")


def _type(incidents: tuple[Incident, ...]) -> NotifyType:
    from apprise import NotifyType

    return {
        NoticeSeverity.CRITICAL: NotifyType.FAILURE, NoticeSeverity.WARNING: NotifyType.WARNING,
        NoticeSeverity.INFO: NotifyType.INFO, NoticeSeverity.GOOD: NotifyType.SUCCESS,
    }[worst(incidents)]  # fmt: skip


def _is_private(plugin: NotifyBase) -> bool:
    """Whether a host that its address names is on a private address, or cannot be found."""
    forms: tuple[str, ...] = plugin.templates
    named = any("{host}" in form for form in forms)
    hosts = {getattr(plugin, "smtp_host", None), plugin.host if named else None} - {None, ""}
    try:
        return any(not is_public(each) for host in hosts for each in resolve(str(host), 0))
    except (OSError, ValueError):
        return True

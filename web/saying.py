"""What people say on their own page, of their own accord: they withdraw, raise a concern, move address.

Each is a form with a typed name, a text or an address; none is one click. What was typed is kept
where it can't be sent now, and the same form sent again does it once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import structlog
from fastapi import APIRouter, Request, Response
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool

from acts import (
    ADDRESS,
    Click,
    Written,
    address_stands,
    address_taken,
    do,
    reason,
)
from intake import address_faults
from mail.words import first_capital
from residency.documents import zone_of
from residency.errors import RefusedError, UnavailableError, UnconfirmedError
from residency.wire import Act, Said
from store.ids import derived, new
from store.people import email_key
from web import addresses
from web.door import Door
from web.parts import too_long
from web.receipts import not_now, refused_sentence
from web.subjects import CONCERN, CORRECT, WITHDRAW, Subject, coordinators_of, subject_of
from web.told import whole_as_told
from web.typed import is_same_name, name_to_type, one, read_posted

LONGEST: Final = 5000
"""Signs of a reason or concern."""

CONFIRM: Final = "confirm"
_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    WITHDRAW: ("reason", "name"),
    CONCERN: ("reason",),
    CORRECT: ("email",),
}
_TEMPLATES: Final = {
    WITHDRAW: "me-withdraw.html",
    CONCERN: "me-concern.html",
    CORRECT: "me-address.html",
}
_NOT_USABLE: Final = "That address can't be used here; please write to your coordinator."
"""Somebody else has it; whose it is is not said."""
_log: Any = structlog.get_logger("web")


@dataclass(frozen=True, kw_only=True)
class Typed:
    """A form as it was sent. `action` is the id of this page's one action."""

    values: Mapping[str, str] = field(default_factory=dict)
    step: str = ""
    action: str = ""
    sure: bool = False

    def get(self, name: str) -> str:
        return self.values.get(name, "")


def routes(door: Door) -> APIRouter:
    router = APIRouter()
    for verb, path in (
        (WITHDRAW, "/me/{token}/withdraw/{residency}"),
        (CONCERN, "/me/{token}/concern/{residency}"),
        (CORRECT, "/me/{token}/address"),
    ):
        router.add_api_route(path, _shown(door, verb), methods=["GET", "HEAD"])
        router.add_api_route(path, _sent(door, verb), methods=["POST"])
    return router


def _shown(door: Door, verb: str) -> Callable[..., Response]:
    def show(request: Request, token: str) -> Response:
        residency = request.path_params.get("residency", "")
        return _form(door, request, subject_of(door, verb, token, residency))

    return show


def _sent(door: Door, verb: str) -> Callable[..., Awaitable[Response]]:
    async def send(request: Request, token: str) -> Response:
        residency = request.path_params.get("residency", "")
        typed = await _typed(request, verb)
        subject = await run_in_threadpool(subject_of, door, verb, token, residency)
        return await _say(door, request, subject, typed)

    return send


async def _typed(request: Request, verb: str) -> Typed:
    posted = await read_posted(request)
    return Typed(
        values={name: _read(name, one(posted, name).strip()) for name in _FIELDS[verb]},
        step=one(posted, "step"),
        action=one(posted, "action")[:64],
        sure=one(posted, "sure") == "yes",
    )


def _read(name: str, text: str) -> str:
    """A text is shown again as it was typed; of a name or an address that is too long a part will do."""
    return text if name == "reason" else text[: LONGEST + 1]


async def _say(door: Door, request: Request, subject: Subject, typed: Typed) -> Response:
    if _stands_already(subject, typed):
        return await run_in_threadpool(_done, door, request, subject, typed, again=True)
    errors = faults(subject, typed)
    if await run_in_threadpool(_was_kept, door, subject, typed) and not typed.sure:
        errors["sure"] = "Please say that you have read it over."
    if not errors and subject.verb == CORRECT:
        errors = await run_in_threadpool(_taken, door, subject, typed)
    if errors:
        return await run_in_threadpool(
            _form, door, request, subject, typed, errors=errors, status=422
        )
    if subject.verb == CORRECT and typed.step != CONFIRM:
        check = typed.step != "edit"
        return await run_in_threadpool(_form, door, request, subject, typed, check=check)
    try:
        residencies = await door.residencies()
        said = await do(residencies, click_of(subject, typed))
    except RefusedError as error:
        problem = ("It could not be done", await run_in_threadpool(_why, door, subject, error))
        return await run_in_threadpool(
            _form, door, request, subject, typed, problem=problem, status=409
        )
    except (UnavailableError, UnconfirmedError) as error:
        return await run_in_threadpool(_not_now, door, request, subject, typed, error)
    return await run_in_threadpool(_receipt, door, request, subject, typed, said)


def _stands_already(subject: Subject, typed: Typed) -> bool:
    """Whether an address is confirmed once more that was confirmed before."""
    same = email_key(typed.get("email")) == email_key(subject.visitor.person.email)
    return subject.verb == CORRECT and typed.step == CONFIRM and same


def _why(door: Door, subject: Subject, error: RefusedError) -> str:
    """Why it was refused, of an end only what its person was told already."""
    whole = door.store.lists.residency(subject.residency)
    known = whole_as_told(door.store, subject.person, whole) if whole else subject.whole
    return refused_sentence(error.code, row=known.row)


def faults(subject: Subject, typed: Typed) -> dict[str, str]:
    """What is wrong with what was typed, by field."""
    found = {}
    if "reason" in _FIELDS[subject.verb]:
        text = typed.get("reason")
        if not text:
            what = "what it is about" if subject.verb == CONCERN else "why, in your own words"
            found["reason"] = f"Please say {what}."
        elif said := too_long(text, LONGEST):
            found["reason"] = first_capital(said)
    if subject.verb == WITHDRAW and not is_same_name(typed.get("name"), name_of(subject)):
        found["name"] = f"Please type “{name_of(subject)}”, as it stands here."
    if subject.verb == CORRECT and (fault := _address_fault(subject, typed.get("email"))):
        found["email"] = fault
    return found


def _was_kept(door: Door, subject: Subject, typed: Typed) -> bool:
    """Whether a draft stood in the fields of this page, and nothing else need be typed to send it.

    So a program that opens links and sends the forms behind them says nothing in somebody's name.
    """
    if subject.verb == WITHDRAW:
        return False  # The name is typed anew.
    kept = door.store.drafts.get(subject.person, subject.residency, subject.verb)
    return kept is not None and kept[0].get("action") != typed.action


def _to_send(values: Mapping[str, str]) -> dict[str, str]:
    """What is kept and shown again: all but the name, which is typed anew to confirm it."""
    return {name: value for name, value in values.items() if name != "name"}


def name_of(subject: Subject) -> str:
    """What is typed to withdraw: the name, or a word where there is none."""
    return name_to_type(subject.visitor.person.name, otherwise=WITHDRAW)


def _address_fault(subject: Subject, email: str) -> str:
    if email_key(email) == email_key(subject.visitor.person.email):
        return "That is the address that we have."
    if address_faults(email):
        return "That is no address; it should look like name@example.org."
    return ""


def _taken(door: Door, subject: Subject, typed: Typed) -> dict[str, str]:
    """An address belongs to one person."""
    if not address_taken(door.store, subject.person, typed.get("email")):
        return {}
    return {"email": _NOT_USABLE}


def click_of(subject: Subject, typed: Typed) -> Click:
    """The action, under an id that no other page's can be."""
    action = derived("a", subject.person, subject.residency, subject.verb, typed.action)
    key = f"{action}/{subject.residency}"
    fields: dict[str, Any]
    if subject.verb == CORRECT:
        answers = {"email": typed.get("email")}
        id_ = derived("s", key, ADDRESS)
        written = Written(id=id_, form=ADDRESS, person=subject.person, answers=answers)
        fields = {"submission": written.id, "who": [subject.person]}
    else:
        written = reason(typed.get("reason"), key=key, person=subject.person)
        fields = {"reason": written.id}
    act = Act(id=action, verb=subject.verb, actor=subject.person, page=True, **fields)
    return Click(residency=subject.residency, act=act, written=[written], at=subject.at)


# The pages


def _form(
    door: Door,
    request: Request,
    subject: Subject,
    typed: Typed | None = None,
    *,
    errors: Mapping[str, str] | None = None,
    problem: tuple[str, str] | None = None,
    check: bool = False,
    status: int = 200,
) -> Response:
    kept = None
    if typed is None:
        kept = door.store.drafts.get(subject.person, subject.residency, subject.verb)
        typed = Typed(values=_to_send(kept[0]) if kept else {}, action=new("a"))
    return door.pages.show(
        request,
        _TEMPLATES[subject.verb],
        status=status,
        **_said(subject),
        typed=typed,
        errors=errors or {},
        problem=problem,
        check=check,
        to_type=name_of(subject),
        must_be_sure=_was_kept(door, subject, typed),
        ended=bool(subject.whole.row.ended),
        coordinators=coordinators_of(door, subject.whole),
    )


def _not_now(
    door: Door,
    request: Request,
    subject: Subject,
    typed: Typed,
    error: UnavailableError | UnconfirmedError,
) -> Response:
    """What was typed stays on the page, and is kept where the database is there."""
    _log.warning("web.not_said", verb=subject.verb, why=type(error).__name__)
    try:
        values = {**_to_send(typed.values), "action": typed.action}
        door.store.drafts.put(
            subject.person, subject.residency, subject.verb, values, at=subject.at
        )
    except UnavailableError:
        _log.warning("web.draft_not_kept", verb=subject.verb)
    return _form(
        door,
        request,
        subject,
        typed,
        problem=not_now(error),
        check=subject.verb == CORRECT,
        status=503,
    )


def _receipt(door: Door, request: Request, subject: Subject, typed: Typed, said: Said) -> Response:
    door.store.drafts.drop(subject.person, subject.residency, subject.verb)
    again = said.code == "again"
    corrected = subject.verb == CORRECT
    if corrected and not address_stands(door.store, subject.person, typed.get("email")):
        errors = {"email": _NOT_USABLE}
        anew = replace(typed, action=new("a"))
        return _form(door, request, subject, anew, errors=errors, status=409)
    before = str(said.data.get("at") or "") if again else ""
    page = _done(door, request, subject, typed, again=again, before=before)
    if corrected:
        page.background = BackgroundTask(
            addresses.tell,
            door,
            subject.visitor.person,
            by=subject.person,
            row=subject.whole.row,
            document=subject.document,
            action=click_of(subject, typed).act.id,
        )
    return page


def _done(
    door: Door,
    request: Request,
    subject: Subject,
    typed: Typed,
    *,
    again: bool,
    before: str = "",
) -> Response:
    """That it is recorded; `again` where it was before, at `before` as far as that is known."""
    return door.pages.show(
        request,
        "me-done.html",
        **_said(subject),
        verb=subject.verb,
        typed=typed,
        again=again,
        before=before,
        coordinators=coordinators_of(door, subject.whole),
    )


def _said(subject: Subject) -> dict[str, Any]:
    program = subject.document["program"]
    return {
        "document": subject.document,
        "zone": subject.visitor.person.zone or zone_of(subject.document),
        "now": subject.at,
        "visitor": subject.visitor,
        "whole": subject.whole,
        "home": subject.home,
        "words": program["words"],
    }

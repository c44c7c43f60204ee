"""What `residency act` does: makes an Act of the options, sends it, and says what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import typer

from acts import (
    ADDRESS,
    MEETING,
    Click,
    Written,
    address_stands,
    address_taken,
    answered,
    do,
    program_now,
    reason,
)
from cli.lookup import document_of, open_store, person_of, residency_of
from cli.moments import read_moment
from cli.output import say, show, show_json
from residency.actions import Action
from residency.definition import form_of
from residency.documents import zone_of
from residency.errors import ResidencyError, UnavailableError, UnconfirmedError
from residency.validation import did_you_mean
from residency.wire import Act, Preview, State
from store.ids import derived, new

if TYPE_CHECKING:
    from client import Residencies
    from store import Store
    from store.lists import TaskRow, Whole
    from store.people import Person
    from wiring import House

MEETINGS = ("schedule", "move-meeting")
INSTEAD: Mapping[str, str] = {
    "resume": " What is still held: residency emails held --residency {residency}",
    "correct-address": " Another way: residency emails readdress {person} --address ADDRESS",
}
"""What is said beside the refusal where a residency has ended, of what can still be done."""


@dataclass(frozen=True, kw_only=True)
class Ready:
    """A click, checked as far as a command can, and the residency that it is about."""

    whole: Whole
    click: Click

    @property
    def act(self) -> Act:
        return self.click.act


def act(action: Action, ids: list[str], given: Mapping[str, Any]) -> None:
    """Does it to each residency; exits 1 where any refuses, or did not confirm it in time."""
    action_id = given["action_id"] or new("a")
    lines: list[dict[str, Any]] = []
    ready: list[Ready] = []
    with open_store() as store:
        for typed in ids:
            try:
                one = _ready(store, action, typed, given, action_id if len(ids) == 1 else "")
                ready.append(one if one.act.id else _named(one, action_id))
            except UnavailableError:
                raise
            except ResidencyError as error:
                lines.append({"residency": typed, "ok": False, "said": str(error)})
                _tell(lines[-1], as_json=given["as_json"])
    try:
        if ready:
            asyncio.run(_send(ready, lines, given))
    except KeyboardInterrupt:
        say(_broken_off(ready, lines, again=bool(given["action_id"])))
        raise
    finally:
        if given["as_json"]:
            show_json(lines)
        if len(ids) > 1:
            say(_summary(lines, len(ids), dry_run=given["dry_run"]))
    if not all(line["ok"] for line in lines):
        raise typer.Exit(1)


def _summary(lines: list[dict[str, Any]], of: int, *, dry_run: bool) -> str:
    """`2 done, 1 refused, 1 not confirmed yet.`: what came of each of many."""
    done = sum(bool(line["ok"]) for line in lines)
    unconfirmed = sum(line.get("code") == UnconfirmedError.code for line in lines)
    numbers = {
        "possible" if dry_run else "done": done,
        "refused": len(lines) - done - unconfirmed,
        "not confirmed yet": unconfirmed,
        "not tried": of - len(lines),
    }
    told = ", ".join(f"{number} {what}" for what, number in numbers.items() if number)
    return f"{told}{'; nothing was done' if dry_run else ''}."


def _broken_off(ready: list[Ready], lines: list[dict[str, Any]], *, again: bool) -> str:
    """Which were not tried, where it ends before all are; `again`: the command has an id."""
    tried = {line["residency"] for line in lines}
    rest = [one.whole.row.id for one in ready if one.whole.row.id not in tried]
    if not rest:
        return "Broken off; everything was sent, and what follows from it goes on."
    safe = "; the same command goes on, and does none twice" if again else ""
    return f"Broken off. Not tried: {', '.join(rest)}{safe}."


def _tell(line: Mapping[str, Any], *, as_json: bool) -> None:
    """Each line as soon as it is known; JSON is one value at the end."""
    if not as_json:
        (show if line["ok"] else say)(line["said"])


def _named(one: Ready, action_id: str) -> Ready:
    """One command on many residencies: an id for each, from the one that was given."""
    named = one.act.model_copy(update={"id": f"{action_id}.{one.whole.row.id}"})
    return Ready(whole=one.whole, click=replace(one.click, act=named))


# Making the Act


def _ready(
    store: Store, action: Action, typed: str, given: Mapping[str, Any], action_id: str
) -> Ready:
    whole = residency_of(store, typed)
    row = whole.row
    scope = row.cohort if row.rehearsal else ""
    document = document_of(store, row.definition)
    actor = _actor(store, whole, given["as_"], scope)
    name_of = given.get("name_of") or ""
    behalf = person_of(store, name_of, rehearsal=scope).id if name_of else ""
    task = _task(whole, action, given, behalf or actor)
    fields: dict[str, Any] = {
        "task": given.get("task") or (task.key if task and action.verb == "complete" else ""),
        "outcome": given.get("outcome") or "",
        "item": given.get("item") or "",
        "weeks": given.get("weeks") or 0,
        "flag": given.get("flag") or "",
        "role": given.get("role") or "",
        "minutes": given.get("minutes") or 0,
        "day": given["day"].date() if given.get("day") else None,
        "start": read_moment(given["start"], zone_of(document)) if given.get("start") else None,
        "who": [person_of(store, one, rehearsal=scope).id for one in given.get("who") or []],
    }
    whose = behalf or actor
    # An action that comes again, with its id, stores nothing a second time.
    key = f"{action_id or given['action_id'] or new('a')}/{row.id}"
    written = [
        *_answers(fields, document, task, given, key, whose, verb=action.verb),
        *_address(store, fields, given, key, whose, of=_of(fields["who"], whole)),
        *_reason(fields, given, key, actor),
    ]
    act = Act(id=action_id, verb=action.verb, actor=actor, name_of=behalf, **fields)
    at = program_now(store, row)
    return Ready(whole=whole, click=Click(residency=row.id, act=act, written=written, at=at))


def _actor(store: Store, whole: Whole, text: str, scope: str) -> str:
    if text:
        return person_of(store, text, rehearsal=scope).id
    cohort = store.cohorts.get(whole.row.cohort)
    coordinators = cohort.coordinators if cohort else []
    if len(coordinators) == 1:
        return coordinators[0]
    known = store.people.many(coordinators)
    who = ", ".join(f"{one.name} <{one.email}>" for one in known.values()) or "nobody"
    raise ResidencyError(
        f"{whole.row.id} has {len(coordinators)} coordinators ({who}); say who you are with --as."
    )


def _task(whole: Whole, action: Action, given: Mapping[str, Any], person: str) -> TaskRow | None:
    """The task that the action will answer, as far as it can be told from here."""
    if key := given.get("task"):
        known = {task.key: task for task in whole.tasks}
        if key not in known and (given.get("answer") or given.get("answers")):
            raise _no_such_task(whole, key)
        return known.get(key)
    still_open = [
        task
        for task in whole.tasks
        if task.state is State.OPEN
        and (not action.kinds or task.kind.startswith(action.kinds))
        and given.get("item") in (None, "", task.item)
    ]
    mine = [task for task in still_open if person in task.waiting]
    if action.verb != "complete":
        chosen = mine or still_open
        return chosen[0] if len(chosen) == 1 else None
    if len(mine) != 1:
        keys = ", ".join(task.key for task in mine or still_open) or "none"
        raise ResidencyError(
            f"{whole.row.id}: say which task, with --task; open"
            f"{' for them' if mine else ''}: {keys}."
        )
    return mine[0]


def _no_such_task(whole: Whole, key: str) -> ResidencyError:
    """Answers of a task that there is not can't be read; without any, the residency says this itself."""
    still_open = [task.key for task in whole.tasks if task.state is State.OPEN]
    near = did_you_mean(key, [task.key for task in whole.tasks])
    hint = near or f"; open are: {', '.join(still_open) or 'none'}."
    return ResidencyError(f'{whole.row.id} has no task "{key}"{hint}')


def _answers(
    fields: dict[str, Any],
    document: dict[str, Any],
    task: TaskRow | None,
    given: Mapping[str, Any],
    key: str,
    person: str,
    *,
    verb: str,
) -> list[Written]:
    """Answers of the task's form, checked; with its score, and what a judge said."""
    from cli.answers import read_answers  # noqa: PLC0415  # Not every action has a form.

    if "answers" not in given:
        return []
    given_any = bool(given["answer"] or given["answers"])
    asked = task.form if task else ""
    if verb in MEETINGS:
        asked = (asked if verb == "schedule" else "") or (MEETING if given_any else "")
    if not asked:
        if given_any:
            raise ResidencyError("No form is asked for here, so no answers are taken.")
        return []
    form = form_of(document, asked)
    said, written = answered(
        form,
        read_answers(form, given["answer"] or [], given["answers"]),
        form_id=asked,
        kind=task.kind if task else "",
        key=key,
        person=person,
    )
    fields |= said
    return [written]


def _of(who: list[str], whole: Whole) -> str:
    """Whose address is corrected: the resident's, where nobody else is named."""
    return who[0] if who else whole.row.person


def _address(
    store: Store,
    fields: dict[str, Any],
    given: Mapping[str, Any],
    key: str,
    person: str,
    *,
    of: str,
) -> list[Written]:
    address = (given.get("address") or "").strip()
    if not address:
        return []
    from intake import address_faults  # noqa: PLC0415  # Only one action needs it.

    if faults := address_faults(address):
        raise ResidencyError(f"{faults[0]}.")
    if address_taken(store, of, address):
        raise _not_usable(address)
    fields["submission"] = derived("s", key, ADDRESS)
    answers = {"email": address}
    return [Written(id=fields["submission"], form=ADDRESS, person=person, answers=answers)]


def _not_usable(address: str) -> ResidencyError:
    return ResidencyError(f'The address "{address}" can\'t be used: somebody else has it.')


def _reason(
    fields: dict[str, Any], given: Mapping[str, Any], key: str, person: str
) -> list[Written]:
    if not given["reason"].strip():
        return []
    written = reason(given["reason"], key=key, person=person)
    fields["reason"] = written.id
    return [written]


# Sending it


async def _send(ready: list[Ready], lines: list[dict[str, Any]], given: Mapping[str, Any]) -> None:
    from cli.running import running_house  # noqa: PLC0415  # Not for what is wrong already.
    from cli.settling import settled, to_the_end  # noqa: PLC0415  # As above.
    from residency.settings import load  # noqa: PLC0415  # As above.

    async with running_house(load()) as (house, client):
        residencies = house.residencies(client)
        for one in ready:
            await to_the_end(_sent(house, residencies, one, lines, given))
        if not given["dry_run"]:
            await settled(residencies, [str(line["residency"]) for line in lines if line["ok"]])


async def _sent(
    house: House,
    residencies: Residencies,
    one: Ready,
    lines: list[dict[str, Any]],
    given: Mapping[str, Any],
) -> None:
    """Sends one and adds what came of it to the lines."""
    line: dict[str, Any] = {"residency": one.whole.row.id, "action": one.act.id}
    try:
        if given["dry_run"]:
            line |= await _previewed(house.store, residencies, one)
        else:
            line |= await _done(house, residencies, one)
    except ResidencyError as error:
        line |= {"ok": False, "said": str(error), "code": getattr(error, "code", "")}
    if line.get("code") == "ended" and (instead := INSTEAD.get(one.act.verb)):
        person = _of(one.act.who, one.whole)
        line["said"] += instead.format(residency=one.whole.row.id, person=person)
    lines.append(line)
    _tell(line, as_json=given["as_json"])


async def _done(house: House, residencies: Residencies, one: Ready) -> dict[str, Any]:
    email = next(
        (str(each.answers["email"]) for each in one.click.written if each.form == ADDRESS), ""
    )
    who = _of(one.act.who, one.whole)
    before = await asyncio.to_thread(house.store.people.get, who) if email else None
    said = await do(residencies, one.click)
    if before is not None:
        await asyncio.to_thread(_readdressed, house, one, before, email)
    sentence = residencies.sentence(one.whole.row.id, said)
    return {"ok": True, "said": sentence, "code": said.code, "data": said.data}


def _readdressed(house: House, one: Ready, before: Person, email: str) -> None:
    """Tells both addresses; a ResidencyError where somebody else got the new one meanwhile."""
    from mail.readdressing import tell_readdressed  # noqa: PLC0415  # Only one action needs it.

    now = house.store.people.get(before.id)
    if now is None or not address_stands(house.store, before.id, email):
        raise _not_usable(email)
    if now.email != before.email:
        tell_readdressed(
            house.direct,
            before,
            now,
            by=one.act.actor,
            document=document_of(house.store, one.whole.row.definition),
            cohort=one.whole.row.cohort,
            link=lambda: house.links.person(now.id) if house.links.base else "",
            occurrence=one.act.id,
        )


async def _previewed(store: Store, residencies: Residencies, one: Ready) -> dict[str, Any]:
    from cli.dryrun import sentences  # noqa: PLC0415  # Only a dry run needs it.
    from residency.sentences import refusal_sentence  # noqa: PLC0415  # As above.

    residency = one.whole.row.id
    found: Preview = await residencies.preview(residency, one.act)
    if found.refused:
        said = refusal_sentence(found.code, found.data, residency=residency, name=residencies.name)
        return {"ok": False, "said": said, "code": found.code}
    lines = await asyncio.to_thread(sentences, store, one.whole, found)
    return {"ok": True, "said": "\n".join(lines), "preview": found.model_dump(mode="json")}

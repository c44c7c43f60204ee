"""All that the letters of one post can speak of: what the store has of them, as mails know it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from mail.context import DIGEST, Facts, Somebody, parts_of, people_in, submissions_in
from mail.windows import GATHERED
from residency.documents import zone_of
from residency.notices import notice_named
from residency.wire import Post
from store import Store
from store.mails import key as key_of
from store.people import Person
from store.scenes import Scene, Wanted, read_scene

MEETINGS: Final = ("interview-", "presentation-")
"""What the notices of meetings begin with."""


def read_facts(store: Store, post: Post, *, now: datetime | None = None) -> Facts | None:
    """The facts of a post; None where its residency is gone (a rehearsal that was discarded).

    `now` is the real time: a post may have lain on its queue, so a real mail's present is never
    before it. Raises ResidencyError where its definition is not kept, UnavailableError without a
    database.
    """
    scene = read_scene(store.database, post.residency, _wanted(post), after=post.now)
    if scene is None:
        return None
    document = store.definitions.get(post.definition or scene.definition)
    zone, submissions = zone_of(document), scene.submissions.values()
    return Facts(
        residency=post.residency,
        person=scene.person,
        document=document,
        people={each: somebody(person, zone=zone) for each, person in scene.people.items()},
        coordinators=scene.coordinators,
        mentors=scene.mentors,
        first_day=scene.first_day,
        last_day=scene.last_day,
        holidays=_holidays(scene.plan),
        cohort=scene.cohort,
        rehearsal=scene.rehearsal,
        closed=scene.closed,
        changed=scene.changed,
        submissions={
            one.id: one.answers | ({"reason": one.text} if one.text else {}) for one in submissions
        },
        forms={one.id: one.form for one in submissions},
        parties=scene.parties,
        places=scene.places,
        now=_present(post, scene, now),
        on_hold=scene.on_hold,
        awaited=scene.awaited,
        known=scene.known,
        asked=scene.asked,
    )


def _wanted(post: Post) -> Wanted:
    gathered = [each for each in post.letters if each.notice in GATHERED]
    return Wanted(
        people=people_in(post.letters),
        submissions=submissions_in(post.letters),
        meetings={each.item for each in post.letters if each.notice.startswith(MEETINGS)},
        tasks={
            part.task
            for each in post.letters
            for part in parts_of(each)
            if part.task and each.notice != DIGEST and notice_named(part.notice).asks
        },
        mails=[key_of(post.residency, one.notice, one.occurrence, one.to) for one in gathered],
        receivers={each.to for each in gathered},
        late=any(each.at < post.now for each in post.letters),
    )


def _present(post: Post, scene: Scene, now: datetime | None) -> datetime:
    return post.now if now is None or scene.rehearsal else max(post.now, now)


def somebody(person: Person, *, zone: str = "UTC") -> Somebody:
    """A person as mails know them; `zone` is the program's, for whoever has none."""
    return Somebody(
        id=person.id,
        name=person.name,
        given_name=person.given_name,
        email=person.email,
        zone=person.zone or zone,
        locale=person.locale or "en",
        paused=person.paused,
    )


def _holidays(plan: Mapping[str, Any]) -> frozenset[date]:
    """The holidays of program and cohort, as the plan has them."""
    listed = plan.get("holidays") or []
    return frozenset(date.fromisoformat(str(day)) for day in listed)

"""What the histories say of mail, and the checker: histories, outbox, record and provider agree."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from residency.wire import Letter, Post, Posted, Tag
from store.mails import key as key_of
from store.posting import MailState
from tests.mail.carrying import check
from workflows.post import NOTICE

LATER, FAILED, UNKNOWN, GONE = "later", "failed", "unknown", "gone"
STATES = {
    FAILED: {MailState.FAILED},
    UNKNOWN: {MailState.UNKNOWN},
    GONE: {MailState.SENT, MailState.SKIPPED},
}
"""What a row is, by the last word that its workflow had of it."""


@dataclass(frozen=True)
class Notified:
    """One notify activity: what it was given, what it answered, and how often it was tried."""

    letters: list[Letter]
    said: Posted | None
    attempts: int

    def word(self, place):
        if self.said is None:
            return "nothing"
        words = {LATER: self.said.later, FAILED: self.said.failed, UNKNOWN: self.said.unknown}
        return next((word for word, places in words.items() if place in places), GONE)


@dataclass(frozen=True)
class Fate:
    """All that is known of one residency's mail when nothing is on its way any more."""

    residency: str
    coordinators: list[str]
    log: list  # the fake's entries
    rows: list
    posts: list[Notified]
    events: list  # the record's

    @property
    def taken(self):
        return [entry for entry in self.log if entry.taken]

    def key(self, letter):
        return key_of(self.residency, letter.notice, letter.occurrence, letter.to)

    @property
    def letters(self):
        """Every letter that an activity was given, by its mail's key."""
        return {self.key(letter): letter for post in self.posts for letter in post.letters}

    @property
    def words(self):
        """What the workflow was told of each, in turn."""
        words = defaultdict(list)
        for post in self.posts:
            for place, letter in enumerate(post.letters):
                words[self.key(letter)].append(post.word(place))
        return words

    @property
    def told(self):
        """The letters of which the workflow heard that they did not go, or may not have."""
        return [
            letter
            for key, letter in self.letters.items()
            if self.words[key][-1] in STATES.keys() - {GONE}
        ]


async def notified(handle, converter):
    """The notify activities of a history, in the order in which they were asked for."""
    asked, said, attempts = {}, {}, Counter()
    async for event in handle.fetch_history_events():
        if event.HasField("activity_task_scheduled_event_attributes"):
            given = event.activity_task_scheduled_event_attributes
            if given.activity_type.name == "notify":
                (asked[event.event_id],) = await converter.decode(given.input.payloads, [Post])
        elif event.HasField("activity_task_started_event_attributes"):
            begun = event.activity_task_started_event_attributes
            attempts[begun.scheduled_event_id] = begun.attempt
        elif event.HasField("activity_task_completed_event_attributes"):
            ended = event.activity_task_completed_event_attributes
            if ended.scheduled_event_id in asked:
                (said[ended.scheduled_event_id],) = await converter.decode(
                    ended.result.payloads, [Posted]
                )
    return [Notified(post.letters, said.get(id), attempts[id]) for id, post in asked.items()]


def check_fate(fate):
    """No notice lost, no copy outside the unknown window, none unmarked; all say the same."""
    return [
        *check(fate, fate.rows, fate.told),
        *_check_letters(fate),
        *_check_rows(fate),
        *_check_record(fate),
    ]


def _check_letters(fate):
    """Each has a row, was kept until its last word, and asked for no more after it."""
    rows = {row.key for row in fate.rows}
    for key, letter in fate.letters.items():
        *before, last = fate.words[key]
        if key not in rows:
            yield f"without a row: {letter.notice}"
        if last not in STATES:
            yield f"kept: {letter.notice} {last}"
        if set(before) - {LATER}:
            yield f"posted after its end: {letter.notice} {before}"


def _check_rows(fate):
    """Each is a letter's, is what the workflow was told, and was sent at no more than its tries."""
    asked = Counter(entry.key for entry in fate.log)
    for key in asked.keys() - {row.key for row in fate.rows}:
        yield f"sent without a row: {key}"
    for row in fate.rows:
        if row.key not in fate.letters:
            yield f"from nowhere: {row.notice}"
            continue
        last = fate.words[row.key][-1]
        if row.state not in STATES.get(last, ()):
            yield f"told otherwise: {row.notice} {row.state}, {last}"
        carried = [post for post in fate.posts if row.key in map(fate.key, post.letters)]
        if asked[row.key] > sum(post.attempts for post in carried):
            yield f"asked more often than tried: {row.notice}"


def _check_record(fate):
    """What did not go, or may not have, is recorded once, and every other coordinator is told."""
    recorded = Counter(
        (event.data["mail"], event.data["state"], event.data["notice"], event.data["to"])
        for event in fate.events
        if event.tag is Tag.UNDELIVERED
    )
    words = fate.words
    heard = {fate.key(letter): letter for letter in fate.told}
    wanted = Counter((key, words[key][-1], one.notice, one.to) for key, one in heard.items())
    if recorded != wanted:
        yield f"recorded otherwise: {recorded - wanted} for {wanted - recorded}"
    warned = Counter(
        (letter.data["mail"], letter.data["state"], letter.to)
        for letter in fate.letters.values()
        if letter.notice == NOTICE
    )
    due = Counter(
        (key, words[key][-1], coordinator)
        for key, letter in heard.items()
        for coordinator in fate.coordinators
        if letter.notice != NOTICE and coordinator != letter.to
    )
    if warned != due:
        yield f"coordinators were told otherwise: {warned - due} for {due - warned}"

"""What the workflow's carrier does with letters, by a clock of the test; and the checker."""

from collections import Counter

from store.posting import MailState


class Carrier:
    """Posts what may go, keeps what must wait, notes what a coordinator is told of."""

    def __init__(self, letters, *, make_post, now):
        self.waiting = list(letters)
        self.make_post, self.now = make_post, now
        self.told = []
        self.posts = 0

    def ready(self):
        return [one for one in self.waiting if not one.not_before or one.not_before <= self.now]

    def carry(self, post, *, until=None):
        """Goes on to the end, or to an instant; `post` answers None where it died before it could."""
        while self.waiting:
            letters = self.ready()
            if not letters:
                opening = min(one.not_before for one in self.waiting)
                if until and opening > until:
                    return
                self.now = opening
                continue
            self.posts += 1
            assert self.posts < 200, "it never ends"
            posted = post(self.make_post(*letters, now=self.now))
            if posted is None:  # Temporal runs the activity again, with the same letters.
                continue
            self.told += [letters[place] for place in (*posted.failed, *posted.unknown)]
            for place, instant in posted.later.items():
                letters[place].not_before = instant
            later = [letters[place] for place in posted.later]
            self.waiting = [one for one in self.waiting if one in later or one not in letters]


def check(fake, rows, told):
    """No notice lost, no copy outside the unknown window, none unmarked, states equal to the log."""
    asked = Counter(entry.key for entry in fake.log)
    taken = Counter(entry.key for entry in fake.taken)
    reported = {(letter.notice, letter.to, letter.occurrence) for letter in told}
    faults = []
    for row in rows:
        is_told = (row.notice, row.receiver, row.occurrence) in reported
        copies = taken[row.key]
        checks = {
            "lost": copies >= 1 or is_told or row.state is MailState.SKIPPED,
            "copied without a mark": copies <= 1 + row.again,
            "asked too often": asked[row.key] <= row.attempts,
            "left": row.state not in (MailState.SENDING, MailState.QUEUED),
            "said to be sent": row.state is not MailState.SENT or copies >= 1,
            "said to be failed": row.state is not MailState.FAILED or copies == 0 or row.again,
            "said to be skipped": row.state is not MailState.SKIPPED or copies == 0,
            "not told": row.state not in (MailState.FAILED, MailState.UNKNOWN) or is_told,
            "skipped without a reason": row.state is not MailState.SKIPPED or bool(row.skip),
        }
        faults += [f"{name}: {row.notice} {row.state}" for name, held in checks.items() if not held]
    for key in asked:
        if len({entry.message_id for entry in fake.log if entry.key == key}) != 1:
            faults.append(f"other Message-ID: {key}")
    return faults

"""What the answers of an application can say by themselves about a program's requirements."""

from residency.wire import Judge, Judged
from store import Store


def judge(store: Store, asked: Judge) -> Judged:
    """A requirement judged by `answers` is met where its field is answered, and not with no or nothing."""
    submission = store.submissions.get(asked.submission)
    answers = submission.answers if submission is not None else {}
    return Judged(results={name: bool(answers.get(name)) for name in asked.requirements})

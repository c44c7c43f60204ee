"""What the answers of an application can say by themselves about a program's requirements."""

from residency.definition import form_of
from residency.forms import results
from residency.wire import Judge, Judged
from store import Store

FORM = "application"


def judge(store: Store, asked: Judge) -> Judged:
    """A requirement judged by `answers` is met where its field is answered, and not with a no."""
    submission = store.submissions.get(asked.submission)
    document = store.definitions.get(asked.definition)
    if submission is None or FORM not in document["forms"]:
        return Judged(results=dict.fromkeys(asked.requirements, False))
    form = form_of(document, FORM)
    return Judged(results=results(form, submission.answers, asked.requirements))

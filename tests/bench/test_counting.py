"""How a journey of ours becomes the twin's steps."""

from types import SimpleNamespace

import pytest

from bench.counting import _mail_faults, _record_faults, _steps
from bench.histories import Told
from store.posting import MailState

MARKS = [(3, "review"), (6, "release")]


def told(*, result="completed", letters=()):
    return Told(
        result=result, events=1, size=1, actions=1, letters=frozenset(letters), posts=1, moments=1
    )


def row(**more):
    given = {"notice": "n", "occurrence": "o", "receiver": "p", "state": MailState.SENT}
    return SimpleNamespace(**{**given, "attempts": 1, "skip": "", **more})


def test_steps_have_the_records_and_mails_up_to_the_next():
    steps = _steps(MARKS, [2, 4, 5, 7], [1, 2, 3, 9, 9])

    assert [(step.kind, step.records, step.mails) for step in steps] == [
        ("start", 1, 2),
        ("review", 2, 1),
        ("release", 1, 2),
    ]


def test_a_complete_record_has_no_fault():
    assert _record_faults(told(), [1, 2, 3]) == []


@pytest.mark.parametrize(
    ("result", "seqs", "fault"),
    [
        ("rejected", [1], "ended as rejected"),
        ("completed", [1, 3], "the record has gaps"),
        ("completed", [1, 1, 2], "the record has gaps"),
        ("completed", [], "the record is empty"),
    ],
)
def test_a_wrong_record_is_told(result, seqs, fault):
    assert _record_faults(told(result=result), seqs) == [fault]


def test_a_mail_that_was_skipped_for_a_reason_is_no_fault():
    rows = [row(state=MailState.SKIPPED, skip="superseded", attempts=0)]

    assert _mail_faults(told(letters=[("n", "o", "p")]), rows) == []


@pytest.mark.parametrize(
    "wrong", [{"state": MailState.QUEUED}, {"state": MailState.UNKNOWN}, {"attempts": 2}]
)
def test_a_mail_that_is_not_there_once_is_told(wrong):
    faults = _mail_faults(told(letters=[("n", "o", "p")]), [row(**wrong)])

    assert len(faults) == 1


@pytest.mark.parametrize(
    ("letters", "rows"), [([("n", "o", "p")], []), ([], [row()])], ids=["no row", "no letter"]
)
def test_a_letter_without_its_row_is_told(letters, rows):
    assert _mail_faults(told(letters=letters), rows) == ["1 mails are in history or outbox alone"]

"""Mails of which a part is done by now: their edits, their files, and how they are shown."""

from dataclasses import replace

import pytest

from mail.byhand import ByHand
from mail.transports.file import FileTransport
from residency.errors import ResidencyError
from store.posting import MailState
from tests.mail.test_superseded import MORNING, TASK, close, with_line

WORDS = {"subject": "Please read month 4", "body": "Month 4, please.", "by": "p-coordinator"}


def by_hand(desk):
    return ByHand(desk.store, desk.outbox(), now=lambda: MORNING)


def held(desk):
    with_line(desk)
    (row,) = desk.rows()
    desk.store.outbox.move(row.key, MailState.HELD)
    return desk.store.outbox.get(row.key)


def test_edit_of_what_is_done_by_now_is_not_sent_in_the_place_of_the_rest(desk):
    row = held(desk)
    by_hand(desk).edit(row, **WORDS)
    close(desk, TASK)

    outlook = by_hand(desk).foresee(row)
    by_hand(desk).send(row, by="p-coordinator")

    (mail,) = desk.recording.mails
    assert "its own words" in outlook.note
    assert mail.subject == outlook.mail.subject != WORDS["subject"]
    assert "Month 4, please." not in mail.text


def test_mail_that_begins_with_what_is_done_is_not_edited(desk):
    row = held(desk)
    close(desk, TASK)

    with pytest.raises(ResidencyError, match="in its own words"):
        by_hand(desk).edit(row, **WORDS)


def test_edit_of_what_is_still_open_goes(desk):
    row = held(desk)
    by_hand(desk).edit(row, **WORDS)

    by_hand(desk).send(row, by="p-coordinator")

    assert [mail.subject for mail in desk.recording.mails] == [WORDS["subject"]]


def test_mail_that_went_is_shown_with_what_was_done_since(desk):
    letter = with_line(desk)
    desk.outbox(now=lambda: MORNING).post(desk.post(letter, now=MORNING))
    (row,) = desk.rows()
    close(desk, TASK)

    shown = by_hand(desk).draft(row)

    assert [mail.subject for mail in desk.recording.mails] == [shown.subject]


def test_file_is_known_though_its_mail_begins_otherwise_by_now(desk, tmp_path):
    files = FileTransport(tmp_path)
    mail = by_hand(desk).draft(held(desk))
    files.send(mail)
    named_otherwise = replace(mail, notice="offer")

    assert files.path(named_otherwise) != files.path(mail)
    assert files.has(named_otherwise)

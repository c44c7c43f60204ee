"""The tray: one moment, one mail per person; what is critical or rings goes apart."""

from datetime import timedelta

from residency.effects import perform
from tests.residency.boards import ANA, NOON, PERSON, a_board, an_act, told


def test_one_moment_is_one_mail_with_lines():
    board = a_board()
    board.write("note:added")

    board.tell("milestone-opening", [PERSON], "m1", item="m1")
    board.tell("presentation-outcome", [PERSON], "p", outcome="passed")

    assert len(board.state.tray) == 1
    assert [line.notice for line in board.state.tray[0].lines] == ["presentation-outcome"]
    assert board.state.tray[0].lines[0].data == {"outcome": "passed"}


def test_who_acts_begins_another_moment():
    board = a_board()
    board.write("note:added")
    board.tell("milestone-opening", [PERSON], "m1")

    board.state.moment = board.state.seq
    board.write("note:added")
    board.tell("presentation-outcome", [PERSON], "p")

    assert len(board.state.tray) == 2


def test_another_moment_is_another_mail():
    board = a_board()

    board.tell("milestone-opening", [PERSON], "m1")
    board.clock.move(seconds=1)
    board.tell("milestone-opening", [PERSON], "m2")

    assert len(board.state.tray) == 2


def test_nobody_is_told_the_same_twice_in_a_moment():
    board = a_board()

    board.tell("concern-raised", [ANA, ANA], "c")

    assert told(board) == [("concern-raised", ANA)]


def test_reminders_and_critical_notices_go_apart():
    board = a_board()

    board.tell("milestone-opening", [PERSON], "m1")
    board.tell("reminder", [PERSON], "r")
    board.tell("offer", [PERSON], "o")

    assert [letter.notice for letter in board.state.tray] == [
        "milestone-opening",
        "reminder",
        "offer",
    ]
    assert not any(letter.lines for letter in board.state.tray)


def test_mail_that_was_taken_gets_no_more_lines():
    board = a_board()
    board.tell("milestone-opening", [PERSON], "m1")
    board.tray.taken = board.tray.ready(board.state.seq)

    board.tell("presentation-outcome", [PERSON], "p")

    assert len(board.state.tray) == 2


def test_only_what_is_recorded_may_go():
    board = a_board()
    board.write("note:added")
    board.tell("milestone-opening", [PERSON], "m1")

    assert board.tray.ready(0) == []
    assert [letter.notice for letter in board.tray.ready(1)] == ["milestone-opening"]


def test_mail_that_was_given_back_waits_for_its_window():
    board = a_board()
    board.tell("milestone-opening", [PERSON], "m1")
    (letter,) = board.state.tray
    letter.not_before = NOON + timedelta(hours=4)

    assert board.tray.ready(0) == []
    assert board.tray.next_opening() == letter.not_before
    board.clock.move(hours=4)
    assert board.tray.ready(0) == [letter]
    assert board.tray.next_opening() is None


def test_clear_keeps_what_has_to_wait():
    board = a_board()
    board.tell("milestone-opening", [PERSON], "m1")
    board.tell("reminder", [PERSON], "r")
    first, second = board.state.tray

    board.tray.clear({id(first)})

    assert board.state.tray == [second]


def test_held_notices_are_kept_as_skipped():
    board = a_board()
    board.state.held = True

    board.tell("milestone-opening", [PERSON], "m1")

    assert [letter.skip for letter in board.state.tray] == ["notices on hold"]


def test_what_did_not_go_in_one_moment_is_one_mail():
    board = a_board()
    board.write("note:added")

    board.tell("offer", [ANA], "o")
    board.tell("mail-undeliverable", [ANA], "one", notice="offer")
    board.tell("mail-undeliverable", [ANA], "two", notice="welcome")

    offer, undelivered = board.state.tray
    assert (offer.notice, offer.lines) == ("offer", [])
    assert [line.data for line in undelivered.lines] == [{"notice": "welcome"}]


def test_what_did_not_go_in_another_moment_is_another_mail():
    board = a_board()
    board.write("note:added")

    board.tell("mail-undeliverable", [ANA], "one", notice="offer")
    board.clock.move(seconds=1)
    board.tell("mail-undeliverable", [ANA], "two", notice="welcome")

    assert len(board.state.tray) == 2


def test_what_waits_for_its_time_is_held_too_and_let_go_again():
    board = a_board()
    board.tell("milestone-opening", [PERSON], "m1")
    board.tell("offer", [PERSON], "o")
    waiting, critical = board.state.tray
    waiting.not_before = NOON + timedelta(days=2)

    perform(board, an_act("hold"))

    assert (waiting.skip, critical.skip) == ("notices on hold", "")
    assert board.tray.ready(board.state.seq) == [waiting, critical]  # The mails hold it themselves.
    perform(board, an_act("resume"))
    assert (waiting.skip, waiting.resumed) == ("", NOON)


def test_what_is_on_its_way_when_notices_are_held_may_go():
    board = a_board()
    board.tell("milestone-opening", [PERSON], "m1")
    board.tray.taken = list(board.state.tray)

    perform(board, an_act("hold"))

    assert board.state.tray[0].skip == ""

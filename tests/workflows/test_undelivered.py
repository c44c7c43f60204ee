"""What a coordinator is told of a mail that did not go, or of which nobody can say whether it went."""

from types import SimpleNamespace

import pytest

from residency.wire import Letter, Posted, Tag
from tests.residency.boards import ANA, BEA, NOON, PERSON, a_board
from workflows import post
from workflows.post import Carrier

KEY = "m-2x5jq7"


def a_letter(**change):
    values = {"notice": "offer", "to": PERSON, "occurrence": "offer/offer//1~0", "at": NOON}
    return Letter(**(values | change))


@pytest.fixture
def sent(monkeypatch):
    """Sends one letter, of which the outbox answers this; the board afterwards."""

    async def sent(posted, letter):
        async def notify(_post, _answer):
            return posted

        monkeypatch.setattr(post, "notify", notify)
        board = a_board()
        board.state.tray = [letter]
        story = SimpleNamespace(
            board=board, start=board.start, clock=SimpleNamespace(now=lambda: NOON)
        )
        await Carrier(story, SimpleNamespace())._send([letter])
        return board

    return sent


@pytest.mark.parametrize(
    ("posted", "state", "mail"),
    [
        (Posted(failed=[0], mails={0: KEY}), "failed", KEY),
        (Posted(unknown=[0], mails={0: KEY}), "unknown", KEY),
        (Posted(failed=[0]), "failed", None),  # as an earlier version answered
    ],
)
async def test_coordinators_are_told_which_it_is_and_where_to_look(sent, posted, state, mail):
    board = await sent(posted, a_letter())

    (event,) = board.journal
    assert (event.tag, event.data["state"], event.data.get("mail")) == (
        Tag.UNDELIVERED,
        state,
        mail,
    )
    assert [(each.notice, each.to) for each in board.state.tray] == [
        ("mail-undeliverable", ANA),
        ("mail-undeliverable", BEA),
    ]
    for each in board.state.tray:
        assert (each.data["state"], each.data.get("mail")) == (state, mail)
        assert (each.data["notice"], each.data["who"]) == ("offer", PERSON)


async def test_nobody_is_told_of_what_told_them(sent):
    letter = a_letter(notice="mail-undeliverable", to=ANA)

    board = await sent(Posted(unknown=[0], mails={0: KEY}), letter)

    assert [event.tag for event in board.journal] == [Tag.UNDELIVERED]
    assert board.state.tray == []

"""A click whose answer was not noted is sent again, and does nothing a second time."""

from store.gathered import Gathered


async def test_action_whose_answer_was_lost_is_sent_again_and_recorded_once(rehearsal, monkeypatch):
    resident = await rehearsal.start("tiny")
    clicks = rehearsal.store.clicks
    # The process dies before it has written them.
    monkeypatch.setattr(clicks, "_answers", Gathered(lambda _answers: None))
    said = await resident.act("note", reason="a note")
    clicks.flush()
    monkeypatch.undo()
    before = resident.events()

    sent = await rehearsal.residencies.send_unanswered()

    assert (said.code, sent) == ("done", 1)
    assert resident.events() == before
    assert clicks.waiting() == []

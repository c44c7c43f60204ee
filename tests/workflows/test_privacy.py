"""No name, address or free text of a person gets into anything that Temporal or a log keeps."""

import logging

import structlog

from intake import Applicant

NAME, GIVEN, ADDRESS = "Qwyzzle Vurbington", "Qwyzzle", "qwyzzle.vurbington@example.org"
REASON, ANSWER, NOTE = "xyloquartz reason", "blorfendish answer", "grimwhistle note"
MARKS = [mark.encode() for mark in (NAME, GIVEN, "Vurbington", ADDRESS, REASON, ANSWER, NOTE)]


async def test_nothing_personal_is_kept_outside_the_store(rehearsal, client, caplog):
    applicant = Applicant(name=NAME, email=ADDRESS, answers={"promise": ANSWER, "craft": ANSWER})
    with caplog.at_level(logging.DEBUG), structlog.testing.capture_logs() as lines:
        resident = await rehearsal.start("tiny", applicant=applicant)
        await resident.act("note", reason=NOTE)
        await resident.refused("extend", weeks=1, reason=REASON)
        await resident.reach("report m1")
        await resident.themselves.do("concern", reason=REASON)
        await resident.act(
            "complete",
            actor=resident.person,
            task=resident.find("report m1").key,
            submission=resident._stored(form="report", answers={"text": ANSWER}),
        )
        await resident.reach("sign-off m1")
        details = await described(client, resident)
        await resident.themselves.do("withdraw", reason=REASON)
        await resident.ended()

    history = await resident.handle.fetch_history()
    raw = b"".join(event.SerializeToString() for event in history.events)
    logs = (caplog.text + repr(lines)).encode()
    kept = {"history": raw, "description": details, "logs": logs, "id": resident.id.encode()}
    found = [(where, mark) for where, data in kept.items() for mark in MARKS if mark in data]
    assert found == []
    assert len(raw) > 10_000
    assert resident.store.people.get(resident.person).name == NAME
    assert any(ADDRESS.encode() in repr(mail).encode() for mail in rehearsal.house.transport.mails)


async def described(client, resident):
    """Memo, search attributes, current details and everything else that Temporal's pages show."""
    description = await resident.handle.describe()
    details = await resident.handle.query("__temporal_workflow_metadata", result_type=dict)
    assert "waits for" in repr(details)
    return description.raw_description.SerializeToString() + repr(details).encode()

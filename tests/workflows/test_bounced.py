"""A webhook's bounce, on a real server: the address is paused, a coordinator gets a task and a mail."""

from datetime import UTC, datetime

from mail.delivery import Webhook
from residency.wire import Tag
from tests.mail.signing import Signer, body_of, event

SIGNER = Signer()


async def test_bounce_reaches_the_coordinators_and_a_correction_ends_it(rehearsal):
    resident = await rehearsal.start("residence")
    await resident.reach("item-contract")
    await resident.settled()
    person = resident.store.people.get(resident.start.person)
    sent = resident.store.outbox.list(residency=resident.id)
    key = next(row.key for row in sent if row.receiver == person.id)
    body = body_of(event("bounce", key, address=person.email, reason="550 no such user"))
    signature, timestamp = SIGNER.sign(body, at=datetime.now(UTC))

    taken = Webhook(resident.store, key=SIGNER.key).take(
        body, signature=signature, timestamp=timestamp
    )
    ((residency, act),) = taken.acts
    said = await resident.send(act.model_copy(update={"at": resident.now}))
    paused = resident.store.people.get(person.id).paused
    task = resident.find("correct-address")
    await resident.act(
        "correct-address",
        who=[person.id],
        submission=resident.answers("", email="new@example.net"),
    )
    await resident.move(days=4)

    corrected = resident.store.people.get(person.id)
    mails = resident.notices(to=resident.start.coordinators[0])
    assert (residency, said.code) == (resident.id, "done")
    assert [one.actor for one in resident.events(Tag.BOUNCED)] == ["mail"]
    assert paused == "bounced: 550 no such user"
    assert task.who == resident.start.coordinators
    assert mails.count("address-bounced") == 1
    assert (corrected.email, corrected.paused) == ("new@example.net", "")
    assert task.key in {one.task for one in resident.events(Tag.DONE)}

"""Every mail of one rehearsal is a committed snapshot, so that a change of words is seen in review.

Written anew by `RESIDENCY_TEST_WRITE=1 pytest tests/workflows/test_snapshots.py`.
"""

import os
from collections import Counter
from pathlib import Path

from tests.workflows.journeys import HUGGING_FACE

pytest_plugins = ("tests.workflows.journeys_fixtures",)

FOLDER = Path(__file__).parent.parent / "snapshots" / "mails"


async def test_mails_are_as_they_were(plainly):
    told = await plainly(HUGGING_FACE)

    mails = shown(told)
    if "RESIDENCY_TEST_WRITE" in os.environ:
        write(mails)
    committed = {path.name: path.read_text() for path in sorted(FOLDER.glob("*.txt"))}

    assert list(mails) == list(committed)
    for name, text in mails.items():
        assert text == committed[name], name


def shown(told):
    """Each mail by a name of its time, notice and receiver's role: subject, to, date, text."""
    found, count = {}, Counter()
    for file, mail in told.letters().items():
        stamp, notice, receiver = parts(file)
        role = told.roles[receiver]
        name = f"{stamp}-{notice}-{role}"
        count[name] += 1
        number = f"-{count[name]}" if count[name] > 1 else ""
        text = mail.get_body(("plain",)).get_content().replace("\r\n", "\n")
        head = f"Subject: {mail['Subject']}\nTo: {role}\nDate: {mail['Date']}\n\n"
        found[f"{name}{number}.txt"] = head + text
    return dict(sorted(found.items()))


def parts(file):
    """The stamp, the notice and the receiver's id in the name of a mail's file."""
    words = file.removesuffix(".eml").split("-")
    return "-".join(words[:3]), "-".join(words[3:-3]), "-".join(words[-3:-1])


def write(mails):
    for old in FOLDER.glob("*.txt"):
        old.unlink()
    for name, text in mails.items():
        (FOLDER / name).write_text(text)

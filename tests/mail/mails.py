"""A mail, made up, for the tests of transports."""

from datetime import UTC, datetime

from mail.message import Mail


def made_mail(**change):
    values = {
        "key": "m-abcdefghijklmnopqrstuvwx",
        "residency": "r-one",
        "notice": "milestone-opening",
        "receiver": "p-ada",
        "at": datetime(2022, 9, 23, 7, tzinfo=UTC),
        "to": ("Ada Lovelace", "ada@example.org"),
        "sender": ("Residencies", "mail@example.org"),
        "reply_to": ("Noor Haddad", "noor@example.org"),
        "subject": "Month 4: your report is due",
        "text": "Hello Ada,\n\n.a line that begins with a dot\n",
        "html": "<p>Hello Ada, é</p>\n",
    }
    return Mail(**(values | change))

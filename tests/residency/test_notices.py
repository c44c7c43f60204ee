from datetime import UTC, datetime
from pathlib import Path

import pytest

from residency.notices import CATALOG, NoticeError, is_critical, notice_named, page

AT = datetime(2022, 5, 10, 9, tzinfo=UTC)
DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_page_is_the_committed_one():
    assert (DOCS / "notices.md").read_text() == page()


def test_critical_are_offers_terminations_receipts_and_links():
    critical = [notice.name for notice in CATALOG.values() if notice.critical]

    assert critical == [
        "offer",
        "offer-rescinded",
        "offer-accepted",
        "offer-declined",
        "withdrawn",
        "termination-proposed",
        "termination-confirmed",
        "mail-undeliverable",
        "mails-held",
        "receipt",
        "new-link",
        "address-changed",
        "address-corrected",
        "application-link",
        "application-known",
    ]


def test_decisions_are_not_resent_without_asking():
    asked = {notice.name for notice in CATALOG.values() if notice.unknown == "ask"}

    assert {"offer", "rejected", "waitlisted", "offer-rescinded", "termination-confirmed"} <= asked
    assert "reminder" not in asked


@pytest.mark.parametrize(
    ("name", "data", "critical"),
    [
        ("offer", {}, True),
        ("milestone-opening", {}, False),
        ("offer-reminder", {"last": True}, True),
        ("offer-reminder", {"last": False}, False),
        ("reminder", {"last": True}, False),
        ("interview-moved", {"at": "2022-05-20T09:00:00Z", "was": "2022-05-12T09:00:00Z"}, True),
        ("interview-moved", {"at": "2022-05-20T09:00:00Z", "was": "2022-05-13T09:00:00Z"}, False),
        ("interview-canceled", {"at": "2022-05-11T09:00:00+00:00"}, True),
        ("interview-canceled", {"at": "2022-05-12T09:00:01Z"}, False),
        ("interview-canceled", {}, False),
    ],
)
def test_letter_is_critical_by_notice_and_data(name, data, critical):
    assert is_critical(name, data, at=AT) is critical


def test_unknown_notice_is_named():
    with pytest.raises(NoticeError) as caught:
        notice_named("birthday")

    assert str(caught.value) == '"birthday" is not a notice; docs/notices.md lists all of them'

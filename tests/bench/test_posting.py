"""The benchmark of mail: it sends what it says through a provider beside it, and takes its events."""

from bench.posting import run


def test_all_mails_are_sent_and_told_of():
    told = []

    result = run(mails=24, tell=lambda done, of: told.append((done, of)))

    assert result.sent == 24
    assert told[-1] == (22, 24)  # The first post only warms up.
    assert result.delivered_per_s > 0
    assert result.webhook_events_per_s > 0

"""What is counted within a minute, wherever on the clock that minute begins."""

import time

from limits import RateLimitItemPerMinute

from web.limiting import Limits, Rate

NEW_MINUTE = 1_800_000_000


def test_full_minute_on_the_clock_gives_nobody_more(monkeypatch):
    limits = Limits({Rate.LINK: RateLimitItemPerMinute(2)})
    clock = [NEW_MINUTE - 0.002]
    monkeypatch.setattr(time, "time", lambda: clock[0])

    taken = []
    for later in (0, 0.001, 0.002, 59.0):
        clock[0] = NEW_MINUTE - 0.002 + later
        taken.append(limits.takes(Rate.LINK, "one"))
    clock[0] = NEW_MINUTE + 60

    assert taken == [True, True, False, False]
    assert limits.takes(Rate.LINK, "one")


def test_wait_is_until_the_oldest_one_no_longer_counts(monkeypatch):
    limits = Limits({Rate.LINK: RateLimitItemPerMinute(1)})
    clock = [float(NEW_MINUTE)]
    monkeypatch.setattr(time, "time", lambda: clock[0])
    limits.takes(Rate.LINK, "one")
    clock[0] += 45

    wait = limits.wait(Rate.LINK, "one")
    clock[0] += wait + 0.001

    assert wait == 15
    assert limits.takes(Rate.LINK, "one")

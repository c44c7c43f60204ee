"""Schemathesis over all routes: whatever fits an address, and what does not, is no fault of ours.

It is no dependency of the gate; `bin/test --all` installs it (requirements-browser.lock).
"""

import warnings

import pytest

schemathesis = pytest.importorskip(
    "schemathesis", reason='Schemathesis is missing; "bin/test --all" installs it.'
)

from hypothesis import HealthCheck, given, settings  # noqa: E402  # After what may be missing.
from hypothesis.errors import Unsatisfiable  # noqa: E402  # As above.

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    # Warnings of its own and of the client that it brings are not ours.
    pytest.mark.filterwarnings("ignore"),
]


def described(app):
    """The application by a description of its routes, which it does not publish."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Two methods of one function share an id there.
        schema = schemathesis.openapi.from_dict(app.openapi())
    schema.app = app
    return schema


def test_no_route_has_a_fault_of_ours(few):
    """What fits each route's description, and what does not."""
    asked = set()

    for result in described(few.app).get_all_operations():
        operation = result.ok()
        for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE):
            cases = operation.as_strategy(generation_mode=mode)
            asked |= _asked(cases)

    assert len({path for path, _ in asked}) > 15
    assert {method for _, method in asked} >= {"GET", "HEAD", "POST"}


def _asked(cases):
    """Sends some of these; paths and methods that were asked."""
    asked = set()

    @settings(
        max_examples=8,
        deadline=None,  # Other things run on this machine.
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def send(case):
        answer = case.call(headers={"Origin": "null", "Sec-Fetch-Site": "same-origin"})

        # Without a key the webhook believes nobody: that is what its 503 says.
        assert answer.status_code < 500 or case.path.startswith("/webhooks/"), case.path
        assert answer.headers["x-content-type-options"] == ["nosniff"]
        assert "Traceback" not in answer.text
        asked.add((case.path, case.method.upper()))

    try:
        send()
    except Unsatisfiable:
        return set()  # Nothing can be wrong with a route without parameters.
    return asked

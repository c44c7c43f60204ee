"""The table of actions, and the page that is made from it."""

from pathlib import Path

import pytest

from residency.actions import ACTIONS, STAGES, page
from residency.sentences import NEEDS
from residency.wire import Act

DOCS = Path(__file__).parents[2] / "docs" / "actions.md"


def test_page_is_the_table():
    assert DOCS.read_text() == page(), "run `python -m residency.actions > docs/actions.md`"


@pytest.mark.parametrize("action", ACTIONS.values(), ids=ACTIONS)
def test_row_names_what_there_is(action):
    assert set(action.stages) <= set(STAGES)
    assert set(action.needs) <= set(Act.model_fields) & set(NEEDS)
    assert action.inverse in {"", *ACTIONS}
    assert action.help.endswith(".")

"""What an activity fails with holds no word of what went wrong: histories are kept for long."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from temporalio.converter import DefaultFailureConverter, DefaultPayloadConverter
from temporalio.exceptions import ApplicationError

from activities.failing import ids_only
from residency.errors import UnavailableError
from store import Store

MARKED = "Ada MARKED"


def failure_of(error):
    """As it would stand in a history."""
    with pytest.raises(ApplicationError) as failed, ids_only("test"):
        raise error
    return failed.value


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ValueError(MARKED), "Fault"),
        (UnavailableError(MARKED), "Unavailable"),
        (OSError(28, MARKED), "Fault"),
    ],
)
def test_failure_keeps_no_word_of_the_exception(error, kind):
    failed = failure_of(error)

    shown = DefaultFailureConverter()
    from temporalio.api.failure.v1 import Failure

    written = Failure()
    shown.to_failure(failed, DefaultPayloadConverter(), written)
    assert failed.type == kind
    assert failed.__cause__ is None
    assert MARKED not in str(written)


def test_database_error_hides_its_parameters(tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'x.db'}")
    store.migrate()

    with pytest.raises(SQLAlchemyError) as failed, store.database.engine.connect() as connection:
        connection.execute(text("SELECT :name FROM nowhere"), {"name": MARKED})

    assert MARKED not in str(failed.value)
    store.close()

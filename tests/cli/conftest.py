"""A desk on real mails, and the commands about them in this process."""

import pytest
from typer.testing import CliRunner

from cli.emails import app
from mail.render import Renderer
from residency.settings import CHECKOUT, load
from store import Store
from tests.mail.conftest import Desk


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A desk on the data folder that commands in this process use."""
    monkeypatch.setenv("RESIDENCY_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("RESIDENCY_MAIL_LIVE", "true")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    store = Store(load().database)
    store.migrate()
    renderer = Renderer(templates=CHECKOUT / "templates", programs=CHECKOUT / "programs")
    yield Desk(store, renderer)
    store.close()


@pytest.fixture
def run(desk):
    return lambda *arguments: CliRunner().invoke(app, [str(one) for one in arguments])

"""The commands of `act` are made from the table of actions."""

from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from cli import act
from cli.act import app, fields_of, sample_of
from cli.acting import _broken_off, _sent, _summary
from cli.app import load
from residency import refusals
from residency.actions import ACTIONS, Role
from residency.wire import Act, Preview
from store.posting import MailState

FIELDS = {"answer", "answers", "address"}


def options(verb):
    return {name for param in load("act").commands[verb].params for name in param.opts}


def test_every_action_has_a_command_with_its_help():
    commands = load("act").commands

    assert {name: command.help for name, command in commands.items()} == {
        verb: action.help for verb, action in ACTIONS.items()
    }


def test_help_says_what_becomes_of_mails_on_hold_and_of_later_rounds():
    assert f"`{MailState.HELD}`" in ACTIONS["hold"].help
    assert "later rounds" in ACTIONS["reassign"].help
    assert "`--role`" in ACTIONS["reassign"].help


@pytest.mark.parametrize("verb", ACTIONS)
def test_what_an_action_needs_is_an_option(verb):
    needs = {{"submission": "address"}.get(need, need) for need in ACTIONS[verb].needs}

    assert {f"--{need}" for need in needs} <= options(verb)
    assert {"--as", "--reason", "--dry-run", "--id", "--json"} <= options(verb)


@pytest.mark.parametrize("verb", ACTIONS)
def test_every_option_fills_a_field_of_the_act(verb):
    assert set(fields_of(ACTIONS[verb])) - FIELDS <= set(Act.model_fields)


@pytest.mark.parametrize("verb", ACTIONS)
def test_in_the_name_of_another_where_it_is_not_the_coordinators_alone(verb):
    assert ("--for" in options(verb)) == (ACTIONS[verb].roles != (Role.COORDINATOR,))


def test_limits_are_those_of_the_residency():
    assert (act.MAX_WEEKS, act.MAX_MINUTES) == (refusals.MAX_WEEKS, refusals.MAX_MINUTES)


def test_example_has_what_is_needed():
    assert sample_of(ACTIONS["extend"]) == (
        'residency act extend r-7f3akq2m --weeks 3 --reason "data arrived late"'
    )


def test_day_that_is_none_is_usage():
    result = CliRunner().invoke(
        app, ["move-date", "r-1", "--task", "a/b//1", "--day", "soon", "--reason", "x"]
    )

    assert result.exit_code == 2


LINES = [
    {"residency": "r-1", "ok": True},
    {"residency": "r-2", "ok": True},
    {"residency": "r-3", "ok": False, "code": "ended"},
    {"residency": "r-4", "ok": False, "code": "unconfirmed"},
]


@pytest.mark.parametrize(
    ("lines", "of", "dry_run", "sentence"),
    [
        (LINES, 4, False, "2 done, 1 refused, 1 not confirmed yet."),
        (LINES[:2], 6, False, "2 done, 4 not tried."),
        (LINES[:3], 3, True, "2 possible, 1 refused; nothing was done."),
        ([], 2, False, "2 not tried."),
    ],
)
def test_many_end_with_a_summary(lines, of, dry_run, sentence):
    assert _summary(lines, of, dry_run=dry_run) == sentence


@pytest.mark.parametrize(
    ("tried", "again", "sentence"),
    [
        (1, False, "Broken off. Not tried: r-2, r-3."),
        (2, True, "Broken off. Not tried: r-3; the same command goes on, and does none twice."),
        (3, False, "Broken off; everything was sent, and what follows from it goes on."),
    ],
)
def test_what_is_broken_off_names_what_was_not_tried(tried, again, sentence):
    ready = [
        SimpleNamespace(whole=SimpleNamespace(row=SimpleNamespace(id=f"r-{n}"))) for n in (1, 2, 3)
    ]

    assert _broken_off(ready, LINES[:tried], again=again) == sentence


@pytest.mark.parametrize(
    ("verb", "instead"),
    [
        ("note", ""),
        ("resume", " What is still held: residency emails held --residency r-1"),
        ("correct-address", " Another way: residency emails readdress p-1 --address ADDRESS"),
    ],
)
async def test_what_an_ended_residency_refuses_is_told_with_what_can_be_done(verb, instead):
    act = SimpleNamespace(id="a-1", verb=verb, who=[])
    row = SimpleNamespace(id="r-1", person="p-1")
    one = SimpleNamespace(whole=SimpleNamespace(row=row), act=act)
    refused = Preview(code="ended", refused=True, data={"how": "completed"})
    residencies, lines = SimpleNamespace(preview=lambda *_: answer(refused), name=str), []

    await _sent(
        SimpleNamespace(store=None), residencies, one, lines, {"dry_run": True, "as_json": True}
    )

    assert [line["said"] for line in lines] == [
        f"r-1 has ended (completed); nothing can be done to it any more.{instead}"
    ]


async def answer(value):
    return value

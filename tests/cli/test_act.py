"""The commands of `act` are made from the table of actions."""

import pytest
from typer.testing import CliRunner

from cli import act
from cli.act import app, fields_of, sample_of
from cli.app import load
from residency import refusals
from residency.actions import ACTIONS, Role
from residency.wire import Act

FIELDS = {"answer", "answers", "address"}


def options(verb):
    return {name for param in load("act").commands[verb].params for name in param.opts}


def test_every_action_has_a_command_with_its_help():
    commands = load("act").commands

    assert {name: command.help for name, command in commands.items()} == {
        verb: action.help for verb, action in ACTIONS.items()
    }


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

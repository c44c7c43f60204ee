"""Programs written into a folder for tests."""

from textwrap import dedent

SMALL = """
id: lab
version: 1
name: Lab
organization: Museum
length: 10 weeks
time_zone: Europe/Lisbon
stages: {}
"""
PEOPLE = """
name: spring
first_day: 2027-03-01
seats: 4
coordinators: [{name: Ana Reis, email: ana@example.org}]
pools:
  reviewers: [{name: Bela Kiss, email: bela@example.org}]
  interviewers: [{name: Bela Kiss, email: bela@example.org}]
  panelists: [{name: Bela Kiss, email: bela@example.org}, {name: Chen Li, email: chen@example.org}]
  mentors: [{name: Dora Holm, email: dora@example.org}]
"""


def write(root, program=SMALL, *, forms=None, cohorts=None, name="lab"):
    """The folder of a program with these files."""
    folder = root / name
    for path, text in {
        "program.yaml": program,
        **{f"forms/{one}.yaml": text for one, text in (forms or {}).items()},
        **{f"cohorts/{one}.yaml": text for one, text in (cohorts or {}).items()},
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(dedent(text).lstrip("\n"))
    return folder


def with_stages(stages):
    """The small program with these stages."""
    return SMALL.replace("stages: {}\n", "stages:\n" + "".join(f"  {line}\n" for line in stages))

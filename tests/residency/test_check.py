import pytest

from residency.definition import draft_of
from tests.residency.definitions import SMALL, with_stages, write


def faults(folder):
    return [f"{fault.key}: {fault.sentence}" for fault in draft_of(folder).faults]


RULES = "application: {requires: {%s}, judged_by: {%s}}"
ITEMS = "onboarding: {items: [%s]}"


@pytest.mark.parametrize(
    ("stage", "fault"),
    [
        (
            "screening: {form: rubrik}",
            'screening.form: "rubrik" is no form; did you mean "rubric"?',
        ),
        (
            "screening: {form: zzz}",
            'screening.form: "zzz" is no form; write forms/zzz.yaml',
        ),
        (
            "application: {form: aply}",
            'application.form: "aply" is no form; write forms/aply.yaml',
        ),
        (
            "completion: {attestation: {form: attestations}}",
            'completion.attestation.form: "attestations" has nothing to ask; write attests',
        ),
        (
            "screening: {escalate: {mentor: 5 days after}}",
            (
                "screening.escalate: the ladder has no last person; its last step must be the "
                "coordinator's, as in {coordinator: 8 days after}"
            ),
        ),
        (
            "screening: {escalate: {}}",
            (
                "screening.escalate: the ladder has no last person; its last step must be the "
                "coordinator's, as in {coordinator: 8 days after}"
            ),
        ),
        (
            "screening: {remind: [9 days after], escalate: {coordinator: 8 days after}}",
            (
                "screening.escalate: the ladder has no last person; its last step must be the "
                "coordinator's, as in {coordinator: 8 days after}"
            ),
        ),
        (
            "screening: {escalate: {metnor: 1 day after, coordinator: 8 days after}}",
            (
                'screening.escalate.metnor: "metnor" is nobody to escalate to; write mentor, '
                'co-mentor or coordinator; did you mean "mentor"?'
            ),
        ),
        (
            RULES % ("all_of: [a]", "reviewer: [b]"),
            'application.judged_by.reviewer[0]: "b" is not required',
        ),
        (
            RULES % ("all_of: [a]", "reviewer: [a], answers: [a]"),
            'application.judged_by.answers[0]: "a" is judged by reviewers already',
        ),
        (
            RULES % ("all_of: [a], none_of: [a]", ""),
            "application.requires: no answers can meet this: the program rejects everybody",
        ),
        (
            RULES % ("all_of: [a, {none_of: [{any_of: [a, b]}]}]", ""),
            "application.requires: no answers can meet this: the program rejects everybody",
        ),
        (
            RULES % ("all_of: []", ""),
            (
                "application.requires: is no rule; write a requirement's id, or all_of, any_of or "
                "none_of with a list"
            ),
        ),
        (ITEMS % "{id: a}, {id: a}", 'onboarding.items[1].id: "a" stands there twice'),
        (ITEMS % "{id: a, after: b}", 'onboarding.items[0].after: "b" is no item'),
        (
            ITEMS % "{id: a, by: mentrs}",
            'onboarding.items[0].by: "mentrs" is no role; did you mean "mentors"?',
        ),
        (
            ITEMS % "{id: a, by: {mentors: lead, resident: any}}",
            (
                "onboarding.items[0].by: has not exactly one role; write one, as in mentors or "
                "{mentors: lead}"
            ),
        ),
        (
            ITEMS % "{id: a, due: 11 weeks after}",
            (
                'onboarding.items[0].due: "11 weeks after" is after the last day; '
                "the length is 10 weeks"
            ),
        ),
        (
            "milestones: {every: 1 week, at: [{id: a, due: 1 week}]}",
            "milestones.at: stands beside every; write one of the two",
        ),
        ("milestones: {at: []}", "milestones.at: has no milestone; write one, or milestones: off"),
        (
            "milestones: {only: {m4: {name: Late}}}",
            "milestones.only.m4: there is no such milestone; they are m1, m2, m3",
        ),
        (
            "milestones: {at: [{id: a, due: 11 weeks}]}",
            'milestones.at[0].due: "11 weeks" is beyond the end; the program\'s length is 10 weeks',
        ),
        (
            "milestones: {at: [{id: a, due: 1 hour}]}",
            'milestones.at[0].due: "1 hour" is not a span of days; write 14 days',
        ),
        (
            "milestones: {at: [{id: a, due: 1 week, report: off, sign_off: off}]}",
            "milestones.at[0]: asks for nothing: neither a report nor a sign-off",
        ),
        (
            "milestones: {at: [{id: a, due: 69 days}, {id: b, due: 10 weeks}]}",
            (
                "milestones.at[0].due: its sign-off is owed after the last day "
                "(5 days after the report)"
            ),
        ),
        (
            "presentation: {before_end: 2 days}",
            "presentation.before_end: the evaluation is owed after the last day (3 days after it)",
        ),
        (
            "presentation: {before_end: 11 weeks}",
            'presentation.before_end: "11 weeks" is longer than the program (10 weeks)',
        ),
        (
            "presentation: {before_end: 1 week, day: 2027-04-01}",
            "presentation.day: stands beside before_end; write one of the two",
        ),
        (
            "presentation: {materials: 3 days after}",
            (
                'presentation.materials.before: "3 days after" is not before it; '
                "write one like 7 days before"
            ),
        ),
        (
            "screening: {begins: at the end}",
            (
                'screening.begins: "at the end" is not allowed; '
                "write at close or with each application"
            ),
        ),
        (
            ITEMS % "{id: a, due: 3 weeks}",
            (
                'onboarding.items[0].due: "3 weeks" is not an offset; '
                "write 2 days before, 1 day after or 0 days after"
            ),
        ),
        (
            "milestones: {report: {due: 3 days}}",
            (
                "milestones.report.due: its day is set by what it belongs to; "
                "leave it out, or write opens"
            ),
        ),
        (
            "milestones: {only: {m1: {sign_off: {rework: 1 day}}}}",
            (
                "milestones.only.m1.sign_off.rework: is the same for all milestones; "
                "write it under milestones.sign_off"
            ),
        ),
        (
            "publication: Off",
            'publication: "Off" is not a mapping; write key: value; did you mean "off"?',
        ),
    ],
)
def test_parts_that_do_not_fit_are_faults(tmp_path, stage, fault):
    folder = write(tmp_path, with_stages([stage]))

    found = [one.removeprefix("stages.") for one in faults(folder)]

    assert found == [fault]


def test_application_form_that_is_no_yaml_is_one_fault(tmp_path):
    folder = write(tmp_path, forms={"application": "title: ["})

    assert [fault.sentence for fault in draft_of(folder).faults] == [
        "the file is not YAML: expected the node content, but found '<stream end>'"
    ]


def test_items_that_wait_for_each_other_are_faults(tmp_path):
    folder = write(tmp_path, with_stages([ITEMS % "{id: a, after: b}, {id: b, after: a}"]))

    assert faults(folder) == [
        'stages.onboarding.items[0].after: "a" waits for itself; break the circle',
        'stages.onboarding.items[1].after: "b" waits for itself; break the circle',
    ]


def test_what_nothing_requires_is_a_warning(tmp_path):
    draft = draft_of(write(tmp_path, SMALL + "requirements: {a: something}\n"))

    assert [(fault.warning, fault.sentence) for fault in draft.faults] == [
        (True, "nothing requires or prefers it")
    ]


def test_id_that_is_not_the_folder_is_a_warning(tmp_path):
    draft = draft_of(write(tmp_path, name="other"))

    assert [str(fault) for fault in draft.faults] == [
        (
            f'{tmp_path}/other/program.yaml:1:5: warning: id: "lab" is not the name of its folder, '
            '"other"'
        )
    ]


def test_fault_does_not_hide_what_does_not_fit(tmp_path):
    text = with_stages(["offer: {due: soon}", "screening: {form: zzz}"]).replace("Lab", "12")

    keys = [fault.key for fault in draft_of(write(tmp_path, text)).faults]

    assert keys == ["name", "stages.offer.due", "stages.screening.form"]


def test_window_that_closes_before_it_opens_is_a_fault(tmp_path):
    folder = write(tmp_path, SMALL + 'send_window: {opens: "18:00", closes: "08:00"}\n')

    assert faults(folder) == ['send_window: "18:00-08:00" is no time; it closes after it opens']

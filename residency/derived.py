"""Forms that follow from a program: questions to applicants and judges, and attestations."""

from residency.fields import readable
from residency.forms import Form, FormField
from residency.program import Program

APPLICATION = "application"
ATTESTATIONS = "attestations"


def judges(program: Program) -> dict[str, str]:
    """Each requirement with who judges it: `answers` or a role."""
    application = program.stages.application
    if application is None or application.requires is None:
        return {}
    said = {name: role for role, names in application.judged_by.items() for name in names}
    return {name: said.get(name, "answers") for name in application.requires.ids()}


def judge_form_id(role: str) -> str:
    """`judge-reviewers`."""
    return f"judge-{role}"


def derived_forms(program: Program, own: dict[str, Form]) -> dict[str, Form]:
    """The derived forms by id; the application's is the program's own with the rules' questions."""
    forms = {}
    application = program.stages.application
    if application is not None:
        base = own.get(application.form or "")
        forms[APPLICATION] = application_form(program, base)
    if program.attests:
        forms[ATTESTATIONS] = Form(title="What you declare", fields=_attestations(program))
    for role in dict.fromkeys(judges(program).values()):
        if role != "answers":
            forms[judge_form_id(role)] = _judge_form(program, role)
    return forms


def application_form(program: Program, base: Form | None) -> Form:
    """The base's questions, then those of requirements, preferences and attestations it lacks."""
    fields = list(base.fields) if base else []
    known = {field.id for field in fields}
    further = [*_requirements(program), *_preferences(program), *_attestations(program)]
    fields += [field for field in further if field.id not in known]
    if not fields:
        fields = [FormField(id="statement", label="Why you apply", type="text")]
    return Form(
        title=base.title if base else "Your application",
        intro=base.intro if base else None,
        fields=fields,
    )


def _requirements(program: Program) -> list[FormField]:
    return [
        FormField(id=name, label=_sentence(program.label(name)), type="yes-no", sample=True)
        if role == "answers"
        else FormField(
            id=name,
            label=_sentence(program.label(name)),
            type="text",
            required=False,
            sample=f"Here is it: {program.label(name)}.",
        )
        for name, role in judges(program).items()
    ]


def _preferences(program: Program) -> list[FormField]:
    application = program.stages.application
    if application is None:
        return []
    wanted = [application.prefers, *(track.prefers for track in program.tracks.values())]
    names = list(dict.fromkeys(name for prefers in wanted for name in prefers.of))
    if not names:
        return []
    return [
        FormField(
            id="preferences",
            label="Which of these hold for you?",
            help="They help, and none of them is required.",
            type="choices",
            required=False,
            values={name: _sentence(program.label(name)) for name in names},
            sample=names[:2],
        )
    ]


def _attestations(program: Program) -> list[FormField]:
    return [
        FormField(id=name, label=said.text, type="choice", values=said.one_of)
        if said.one_of
        else FormField(id=name, label=said.text, type="attestation")
        for name, said in program.attests.items()
    ]


def _judge_form(program: Program, role: str) -> Form:
    return Form(
        title="Does the application show this?",
        fields=[
            FormField(id=name, label=_sentence(program.label(name)), type="yes-no", sample=True)
            for name, judge in judges(program).items()
            if judge == role
        ],
    )


def _sentence(label: str) -> str:
    return readable(label) if "_" in label else label[:1].upper() + label[1:]

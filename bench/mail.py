"""How fast mails are made: text, HTML and MIME of every notice, in one process on one core."""

from collections.abc import Callable
from dataclasses import dataclass
from time import process_time
from typing import Final

from mail.context import Facts
from mail.draft import Drafts
from mail.preview import LINK, SENDER
from mail.render import Renderer
from mail.samples import sample_facts, sample_letter, with_sample_form
from residency.definition import definition_document, load, program_ids
from residency.notices import CATALOG
from residency.settings import CHECKOUT
from residency.wire import Letter

LEAST: Final = 300
"""Complete mails a second and core, that the budget asks for."""


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """`rendered_per_s` is by CPU time, so that other work on the machine does not count."""

    mails: int
    cpu_s: float
    rendered_per_s: float
    compiled_s: float  # CPU seconds to read and compile every template once
    largest_kb: float
    largest: str  # which notice


def run(
    *, mails: int = 2000, tell: Callable[[int, int], None] = lambda _done, _of: None
) -> Rendered:
    """Renders every notice of one program in turns, from its sample, `mails` in all."""
    programs = CHECKOUT / "programs"
    document = definition_document(load(program_ids(programs)[0], programs))
    facts = with_sample_form(sample_facts(document))
    renderer = Renderer(
        templates=CHECKOUT / "templates",
        programs=programs,
        link=lambda _residency, _task, _person: LINK,
    )
    began = process_time()
    letters = [
        sample_letter(notice, renderer.check(notice.name), document=document)
        for notice in CATALOG.values()
    ]
    drafts = Drafts(renderer, sender=SENDER)
    sizes = {letter.notice: len(_mail(drafts, facts, letter, 0)) for letter in letters}
    compiled = process_time() - began
    began = process_time()
    for number in range(mails):
        _mail(drafts, facts, letters[number % len(letters)], number)
        if number % 100 == 0:
            tell(number, mails)
    spent = process_time() - began
    largest = max(sizes, key=lambda name: sizes[name])
    return Rendered(
        mails=mails,
        cpu_s=round(spent, 2),
        rendered_per_s=round(mails / spent, 1),
        compiled_s=round(compiled, 2),
        largest_kb=round(sizes[largest] / 1024, 1),
        largest=largest,
    )


def _mail(drafts: Drafts, facts: Facts, letter: Letter, number: int) -> bytes:
    return drafts.mail(facts, letter, key=f"bench/{number}").as_bytes()

"""`residency emails gallery | preview | test`: mails to look at before anybody gets one."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.output import Json, count, example, say, show, show_json
from residency.errors import ResidencyError
from residency.settings import CHECKOUT, load

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mail.context import Facts
    from mail.dating import Dates
    from mail.gallery import Piece
    from mail.message import Mail
    from mail.preview import Previews
    from mail.render import Renderer
    from residency.notices import Notice

Program = Annotated[
    str, typer.Option(metavar="P", help="A program; by default the first one there is.")
]
Locale = Annotated[str, typer.Option(metavar="L", help="A language, as in `fr` or `fr-CA`.")]
NoticeName = Annotated[str, typer.Argument(metavar="NOTICE", help="A notice, such as `offer`.")]


def gallery(
    *,
    out: Annotated[Path, typer.Option(metavar="DIR", help="The folder to write into.")],
    program: Annotated[str, typer.Option(metavar="P", help="Only this program.")] = "",
    locale: Annotated[str, typer.Option(metavar="L", help="Only this language.")] = "",
    as_json: Json = False,
) -> None:
    """Render every notice of every program in every language, and one page over all of them."""
    from mail.gallery import INDEX, locales_in, pieces, write  # noqa: PLC0415  # Help needs nothing.
    from mail.preview import LINK  # noqa: PLC0415  # As above.

    templates = CHECKOUT / "templates"
    _check(locale)
    locales = [locale] if locale else locales_in(templates)
    documents, dates = _programs(program)
    # It shows what there can be.
    found = pieces(_previews(LINK), documents, locales=locales, dates=dates)
    written = write(out, _counted(found), templates=templates)
    largest = max(piece.size for piece in written)
    if as_json:
        show_json({"mails": len(written), "largest_bytes": largest, "index": out / INDEX})
        return
    say(f"{count(len(written), 'mail')}, the largest {largest / 1024:.1f} KB. Open:")
    show(str(out / INDEX))


def preview(
    notice: NoticeName,
    *,
    program: Program = "",
    residency: Annotated[
        str,
        typer.Option(metavar="ID", help="With the people and dates of this residency."),
    ] = "",
    locale: Locale = "",
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where the files go; a new folder if not said."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show a notice as it would look: subject, headers, text, links and size; nothing is sent."""
    mail = _drawn(notice, program=program, residency=residency, locale=locale)
    files = _files(mail, out or Path(tempfile.mkdtemp(prefix="residency-preview-")))
    tell(mail, files, as_json=as_json)


def try_out(
    notice: NoticeName,
    *,
    to: Annotated[str, typer.Option(metavar="ME", help="The address that gets it.")],
    program: Program = "",
    residency: Annotated[
        str, typer.Option(metavar="ID", help="With the people and dates of this residency.")
    ] = "",
    locale: Locale = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be sent, and send nothing.")
    ] = False,
) -> None:
    """Send a notice to yourself: marked TEST, with links and invitation that do nothing."""
    from uuid import uuid4  # noqa: PLC0415  # Help needs nothing.

    from intake import address_faults  # noqa: PLC0415  # As above.
    from mail.preview import as_test  # noqa: PLC0415  # As above.

    if faults := address_faults(to):
        raise ResidencyError(f"--to: {faults[0]}.")
    drawn = _drawn(notice, program=program, residency=residency, locale=locale)
    mail = as_test(drawn, to=to, key=f"test/{uuid4().hex}")
    if dry_run:
        show(mail.as_bytes().decode("ascii"))
        return
    _send(mail)


def tell(mail: Mail, files: Mapping[str, Path], *, as_json: bool = False) -> None:
    """What there is to know of a mail: its headers, its text, and where its parts are."""
    from mail.preview import links_of  # noqa: PLC0415  # Help needs nothing.

    size, links = len(mail.as_bytes()), links_of(mail)
    headers = dict(mail.message().items())
    headers["Subject"] = mail.subject  # As it reads, not as it is encoded.
    if as_json:
        show_json(
            {
                "notice": mail.notice,
                "subject": mail.subject,
                "headers": headers,
                "text": mail.text,
                "files": dict(files),
                "bytes": size,
                "links": links,
                "invitation": mail.invite.method if mail.invite else None,
            }
        )
        return
    for name, value in headers.items():
        show(f"{name}: {' '.join(str(value).split())}")
    show(f"\n{mail.text}")
    if mail.invite:
        show(f"invitation: {mail.invite.method}, {mail.invite.name}")
    show(f"links: {', '.join(links) or 'none'}")
    show(f"size: {size / 1024:.1f} KB")
    for kind, path in files.items():
        show(f"{kind}: {path}")


def _drawn(notice: str, *, program: str, residency: str, locale: str) -> Mail:
    from residency.notices import notice_named  # noqa: PLC0415  # Help needs nothing.

    wanted = notice_named(notice)
    _check(locale)
    previews = _previews(_linked())
    if residency:
        return _of_residency(previews, wanted, residency, locale)
    documents, dates = _programs(program, one=True)
    id_, document = next(iter(documents.items()))
    return previews.sample(wanted, document, locale=locale or "en", dates=dates[id_])


def _check(locale: str) -> None:
    """A language that no notice is written in is refused; mails to people go in English then."""
    from mail.gallery import locales_in  # noqa: PLC0415  # Help needs nothing.
    from mail.source import FALLBACK, locales_of  # noqa: PLC0415  # As above.

    known = locales_in(CHECKOUT / "templates")
    own = [each for each in locales_of(locale) if each != FALLBACK]
    english = locale.lower().replace("_", "-").partition("-")[0] == FALLBACK
    if locale and not english and not set(own) & set(known):
        raise ResidencyError(
            f'"{locale}" is no language of the mails; allowed: {", ".join(known)}.'
        )


def _of_residency(previews: Previews, notice: Notice, residency: str, locale: str) -> Mail:
    from dataclasses import replace  # noqa: PLC0415  # Help needs nothing.

    from mail.preview import reader_in  # noqa: PLC0415  # As above.

    facts = _facts(residency)
    reader = reader_in(facts, notice)
    if locale and reader in facts.people:
        changed = replace(facts.people[reader], locale=locale)
        facts = replace(facts, people={**facts.people, reader: changed})
    return previews.of(facts, notice, to=reader)


def _facts(residency: str) -> Facts:
    from datetime import UTC, datetime  # noqa: PLC0415  # Help needs nothing.

    from cli.lookup import open_store, residency_of  # noqa: PLC0415  # As above.
    from mail.facts import read_facts  # noqa: PLC0415  # As above.
    from residency.wire import Post  # noqa: PLC0415  # As above.

    with open_store() as store:
        row = residency_of(store, residency).row
        post = Post(residency=row.id, definition=row.definition, now=datetime.now(UTC), letters=[])
        facts = read_facts(store, post)
    if facts is None:
        raise ResidencyError(f'"{residency}" is no residency here; `residency status` lists them.')
    return facts


def _files(mail: Mail, folder: Path) -> dict[str, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    parts: dict[str, tuple[str, bytes]] = {
        "HTML": ("html", mail.html.encode()),
        "mail": ("eml", mail.as_bytes()),
    }
    if mail.invite:
        parts["calendar"] = ("ics", mail.invite.content.encode("ascii"))
    files = {}
    for kind, (ending, octets) in parts.items():
        files[kind] = folder / f"{mail.notice}.{ending}"
        files[kind].write_bytes(octets)
    return files


def _programs(
    program: str, *, one: bool = False
) -> tuple[dict[str, Mapping[str, Any]], dict[str, Dates]]:
    """The definitions of the programs by id, or of one (`one`: the first), and their dates."""
    from mail.dating import Dates  # noqa: PLC0415  # As above.
    from residency.definition import definition_document, program_ids  # noqa: PLC0415  # As above.
    from residency.definition import load as definition  # noqa: PLC0415  # As above.

    root = load().programs
    names = [program] if program else program_ids(root)
    if not names:
        raise ResidencyError("There is no program here; docs/programs.md says how to write one.")
    loaded = [definition(name, root) for name in (names[:1] if one else names)]
    documents: dict[str, Mapping[str, Any]] = {
        each.program.id: definition_document(each) for each in loaded
    }
    return documents, {each.program.id: Dates.of(each) for each in loaded}


def _linked() -> str:
    """Where buttons lead in a sample: mails of this house carry none without RESIDENCY_PUBLIC_URL."""
    base = load().public_url
    return f"{base.rstrip('/')}/t/sample" if base else ""


def _previews(link: str) -> Previews:
    from mail.preview import Previews  # noqa: PLC0415  # As above.

    return Previews(_renderer(link), sender=load().mail_from)


def _renderer(link: str) -> Renderer:
    from mail.render import Renderer  # noqa: PLC0415  # As above.

    return Renderer(
        templates=CHECKOUT / "templates",
        programs=load().programs,
        link=(lambda _residency, _task, _person: link) if link else None,
    )


def _counted(found: Iterable[Piece]) -> Iterator[Piece]:
    """Says how far it is, on standard error."""
    with _bar() as tell_one:
        for piece in found:
            tell_one(f"{piece.program} {piece.locale}")
            yield piece


@contextmanager
def _bar() -> Iterator[Any]:
    from rich.console import Console  # noqa: PLC0415  # As above.
    from rich.progress import Progress  # noqa: PLC0415  # As above.

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _what: None
        return
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda what: bar.update(task, description=what, advance=1)


def _send(mail: Mail) -> None:
    from mail.transports.port import Sent  # noqa: PLC0415  # As above.
    from wiring import House  # noqa: PLC0415  # As above.

    house = House(load())
    try:
        outcome = house.outbox.try_out(mail)
    finally:
        house.store.close()
    if not isinstance(outcome, Sent):
        detail = getattr(outcome, "detail", "") or getattr(outcome, "reason", "")
        raise ResidencyError(f"The test was not sent: {detail or type(outcome).__name__}.")
    say(f"Sent to {mail.to[1]}: {mail.subject}")


COMMANDS: dict[str, tuple[Callable[..., None], str]] = {
    "gallery": (gallery, example("residency emails gallery --out var/gallery")),
    "preview": (preview, example("residency emails preview offer --locale fr")),
    "test": (try_out, example("residency emails test offer --to me@example.org")),
}
"""Each command by its name, with the end of its help."""

"""Renders pages: Jinja2 templates in `templates/pages`, inside `_layout.html`."""

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from babel.dates import format_date
from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from mail.language import read_language
from mail.look import Look
from mail.words import date_text, first_capital, time_text, when_text
from residency.dates import zone_named
from residency.settings import CHECKOUT
from web.links import PATHS
from web.parts import beside, naming, read_by, scale
from web.typed import is_cut

TEMPLATES: Final = CHECKOUT / "templates" / "pages"
STATIC: Final = Path(__file__).parent / "static"
_MAILED: Final = tuple(path.partition("{")[0] for path in PATHS.values())
_DAY: Final = re.compile(r"(?<=[a-z]) (?=\d{1,2}\b)")
_HOST: Final = re.compile(r"https://[A-Za-z0-9.-]+(:\d{1,5})?(/|$)")


class Pages:
    """Templates see `request`, `nonce`, `look`, `program`, `zone`, `now`, `by_mail` (whether a link of a
    mail leads there) and what a route gives.

    Instants are shown in `zone`, the reader's; `now` is the program's time.
    """

    def __init__(self) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters.update(
            when=_when, day=_day, short=_short, clock=_clock, first_capital=first_capital
        )
        self._environment.filters.update(glued=glued, cut=is_cut)
        self._environment.filters.update(scale=scale, read_by=read_by, beside=beside, naming=naming)
        self._environment.globals.update(asset=asset, zip=zip)
        language = read_language("en", written_in="en", folders=[CHECKOUT / "templates" / "email"])
        self._environment.globals["phrases"] = language.phrases

    def show(
        self,
        request: Request,
        name: str,
        *,
        status: int = 200,
        document: Mapping[str, Any] | None = None,
        zone: str = "UTC",
        now: datetime | None = None,
        **context: Any,
    ) -> HTMLResponse:
        """The page of a template. `document` is the definition whose name, words and color it bears."""
        program = (document or {}).get("program") or {}
        look = program.get("look") or {}
        request.state.images = _origin_of(str(look.get("logo") or ""))  # For the Guard's headers.
        values = {
            "request": request,
            "nonce": getattr(request.state, "nonce", ""),
            "program": program,
            "look": Look.of(str(look.get("color") or "")),
            "zone": zone,
            "now": now or datetime.now(UTC),
            "by_mail": request.url.path.startswith(_MAILED),
            **context,
        }
        return HTMLResponse(self._environment.get_template(name).render(values), status_code=status)


def glued(name: str) -> str:
    """A name that begins with a sign, such as an emoji, which no line's end parts from its word."""
    sign, gap, rest = name.partition(" ")
    return f"{sign}\N{NO-BREAK SPACE}{rest}" if gap and not any(map(str.isalnum, sign)) else name


def _origin_of(address: str) -> str:
    """Where an image comes from, as https://host:port; empty where that is no plain host's address."""
    found = _HOST.match(address)
    return found[0].rstrip("/") if found else ""


def asset(name: str) -> str:
    """The path of a file in `web/static`, with its content's hash: it may be cached for ever."""
    return _asset(name, (STATIC / name).stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _asset(name: str, _changed: int) -> str:
    """Every page asks; the file is read once for each time it was written."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{digest}/{name}"


@pass_context
def _when(context: Context, value: Any) -> str:
    return _whole(when_text(value, phrases=context["phrases"], **_manner(context)))


@pass_context
def _day(context: Context, value: Any) -> str:
    return _whole(date_text(value, **_manner(context)))


def _whole(told: str) -> str:
    """A date whose month no line's end parts from its day."""
    return _DAY.sub("\N{NO-BREAK SPACE}", told)


@pass_context
def _short(context: Context, value: Any) -> str:
    """Sep 27, 2022: for tables."""
    zone = zone_named(context["zone"])
    day = value.astimezone(zone).date() if isinstance(value, datetime) else value
    return format_date(day, format="medium", locale="en")


@pass_context
def _clock(context: Context, value: Any) -> str:
    return time_text(value, phrases=context["phrases"], **_manner(context))


def _manner(context: Context) -> dict[str, Any]:
    return {"zone": context["zone"], "locale": "en", "year": context["now"].year}

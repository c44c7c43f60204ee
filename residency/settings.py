"""Every setting, read from the environment (`RESIDENCY_...`) and from `.env` in the current folder.

`python -m residency.settings` prints the page `docs/settings.md`, which a test compares.
"""

import difflib
import os
import sys
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from residency.envfile import UNREAD, env_lines, silent_dotenv
from residency.errors import ResidencyError

PREFIX = "RESIDENCY_"
LINK_KEY = 32
"""The least length of a key that signs links."""
ENV_FILE = Path(".env")
CHECKOUT = Path(__file__).resolve().parent.parent


class SettingsError(ResidencyError):
    """A setting has a bad value; the message names variable, value and what is allowed."""


class Settings(BaseSettings):
    """What an installation may choose; read it with `load`, which turns faults into sentences."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=ENV_FILE, env_ignore_empty=True, extra="ignore", frozen=True
    )

    data: Path = Field(
        default=Path("var"),
        description="The folder of all that lasts: database, Temporal's file, mails, rehearsals.",
    )
    database_url: SecretStr | None = Field(
        default=None,
        description="An SQLAlchemy address of the database (PostgreSQL or SQLite); "
        "default: SQLite in the file `residency.db` of the data folder.",
    )
    programs: Path = Field(
        default=CHECKOUT / "programs",
        description="The folder of the program definitions; default: the one beside the code.",
    )
    temporal_address: str | None = Field(
        default=None,
        pattern=r"^[^\s:/]+:\d{1,5}$|^\[[0-9a-fA-F:]+\]:\d{1,5}$",
        description="`host:port` of a Temporal server; default: what the Temporal profile says, "
        "else a dev server that we find and start.",
    )
    temporal_namespace: str | None = Field(
        default=None, description="The Temporal namespace; default: the profile's, else `default`."
    )
    temporal_profile: str | None = Field(
        default=None,
        description="The profile of Temporal's own configuration file (address, TLS, API key); "
        "default: `TEMPORAL_PROFILE`, else `default`.",
    )
    cache: Path | None = Field(
        default=None,
        description="Where a dev server that we downloaded or built is kept; default: the "
        "platform's cache folder (`~/.cache/residency` on Linux).",
    )
    task_queue: str = Field(
        default="residency",
        min_length=1,
        description="The Temporal task queue of workflows and records; mail has the one named "
        "`<this>-mail`.",
    )
    cached_workflows: int = Field(
        default=2000,
        ge=0,
        le=100_000,
        description="How many residencies a worker keeps in memory (about 300 KB each).",
    )
    deployment: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9_-]{1,100}$",
        description="The name of Temporal's worker deployment that the workflow workers belong to. "
        "Set, each version of the code works only once it was made the current one "
        "(docs/upgrading.md).",
    )
    build_id: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,99}$",
        description="Which version of the code this worker is, as a commit's id; default: the "
        "package's version.",
    )
    force_continue: bool = Field(
        default=False,
        description="For tests: begin a new run of the workflow at every stage boundary.",
    )
    record_timeout: float = Field(
        default=10.0,
        gt=0,
        le=600,
        description="How many seconds a person waits for the confirmation of what they did.",
    )
    mail_transport: Literal["file", "recording", "smtp", "sendgrid"] = Field(
        default="file",
        description="How mails leave: as files in the data folder, recorded in memory, by SMTP, "
        "by SendGrid.",
    )
    mail_live: bool = Field(
        default=False,
        description="Mails go to their real receivers; until then only to those in "
        "`RESIDENCY_MAIL_ALLOW`, or all of them to `RESIDENCY_MAIL_OVERRIDE`.",
    )
    mail_allow: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Addresses and `@domains`, with commas between, that get mail although "
        "`RESIDENCY_MAIL_LIVE` is off.",
    )
    mail_override: str | None = Field(
        default=None,
        pattern=r"^[^@\s]+@[^@\s]+$",
        description="One address that gets every mail while `RESIDENCY_MAIL_LIVE` is off.",
    )
    mail_from: str = Field(
        default="residency@localhost",
        pattern=r"^[^@\s]+@[^@\s]+$|^[^<>\r\n]+ <[^@\s]+@[^@\s]+>$",
        description="The sender (`a@b.org` or `Name <a@b.org>`) where a program names none.",
    )
    mail_per_second: float | None = Field(
        default=None,
        gt=0,
        description="How many posts a second leave, over all mail workers: a post is what one moment "
        "of one residency brings, mostly one to three mails. Unset, as many as there are.",
    )
    mail_unknown_minutes: int = Field(
        default=15,
        ge=1,
        le=24 * 60,
        description="Where nobody can say whether a mail went out: how long its provider may take to "
        "tell, before it is sent once more or a coordinator is asked.",
    )
    smtp_url: SecretStr | None = Field(
        default=None, description="`smtp://user:password@host:587` or `smtps://...:465`."
    )
    smtp_security: Literal["auto", "starttls", "none"] = Field(
        default="auto",
        description="Of `smtp://`: `auto` uses STARTTLS where it is offered and never gives a "
        "password without it, `starttls` demands it, `none` does without. `smtps://` is always TLS.",
    )
    smtp_ca: Path | None = Field(
        default=None,
        description="A file with a certificate (PEM) to trust besides the system's, for a mail "
        "server of your own.",
    )
    sendgrid_api_key: SecretStr | None = Field(default=None, description="The key for SendGrid.")
    sendgrid_url: str = Field(
        default="https://api.sendgrid.com",
        pattern=r"^https?://[^\s/]+$",
        description="SendGrid's base address; European accounts have one of their own.",
    )
    sendgrid_sandbox: bool = Field(
        default=False, description="SendGrid checks every mail and sends none."
    )
    sendgrid_webhook_key: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9+/]+=*$",
        description="The verification key of SendGrid's event webhook; without it no event is taken.",
    )
    public_url: str | None = Field(
        default=None,
        description="The address under which people reach the pages; links in mails begin with it.",
    )
    link_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        default=(),
        description="The keys that sign links, with commas between, the newest first; older ones are "
        "still read. Default: one that is made once, in the file `link.key` of the data folder.",
    )
    log_format: Literal["auto", "json", "console"] = Field(
        default="auto",
        description="How logs are written; `auto`: console on a terminal, JSON lines elsewhere.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least severity that is logged."
    )

    debug: bool = Field(
        default=False,
        description="An unexpected error shows where it comes from; otherwise only `errors.log` of "
        "the data folder has that.",
    )

    @field_validator("mail_allow", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("public_url")
    @classmethod
    def _reachable(cls, value: str | None) -> str | None:
        if value is not None and not _is_base(value):
            raise ValueError("an https address without a path")
        return value

    @field_validator("link_keys", mode="before")
    @classmethod
    def _keys(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(SecretStr(part.strip()) for part in value.split(",") if part.strip())
        return value

    @field_validator("link_keys")
    @classmethod
    def _long_enough(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if any(len(key.get_secret_value()) < LINK_KEY for key in value):
            raise ValueError(f"keys of at least {LINK_KEY} signs")
        return value

    @field_validator("mail_allow")
    @classmethod
    def _addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for part in value:
            if "@" not in part or " " in part:
                raise ValueError("addresses like ada@example.org or @example.org")
        return value

    @property
    def database(self) -> str:
        """The SQLAlchemy address of the database, password included: never log it."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{(self.data / 'residency.db').resolve()}"


def _is_base(address: str) -> bool:
    """Whether browsers can reach pages there and send their forms: with TLS, or on this machine.

    A page is served at its own path alone, so an address with another in front leads nowhere.
    """
    try:
        parts = urlsplit(address)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return False
    bare = f"{parts.scheme}://{parts.netloc}"
    is_bare = address in {bare, f"{bare}/"} and not any(map(str.isspace, address))
    if not host or not is_bare or "@" in parts.netloc:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))


def _is_loopback(host: str) -> bool:
    """Whether browsers trust a host without TLS; only then do they say where a form is from."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def load(**overrides: object) -> Settings:
    """Read the settings; arguments win over the environment, the environment over `.env`.

    Raises SettingsError with one sentence for each fault.
    """
    if faults := [one.fault for one in env_lines(ENV_FILE) if one.fault and _is_ours(one.name)]:
        raise SettingsError(" ".join(faults))
    try:
        with silent_dotenv():
            return Settings(**overrides)  # type: ignore[arg-type]  # pydantic checks the values.
    except ValidationError as error:
        sentences = dict.fromkeys(_sentence(fault) for fault in error.errors(include_url=False))
        raise SettingsError(" ".join(sentences)) from None


def unknown(environment: Mapping[str, str] | None = None) -> list[str]:
    """One sentence for each `RESIDENCY_...` variable that is no setting; for `doctor`.

    Without an argument: of the environment and of `.env`, whose lines that can't be read are told
    too. Names there that are not ours are left to whatever else reads that file.
    """
    names = {_variable(name) for name in Settings.model_fields}
    lines = env_lines(ENV_FILE) if environment is None else []
    found = os.environ if environment is None else environment
    given = {*found, *(one.name for one in lines if not one.fault)}
    unread = [one.fault for one in lines if one.fault.endswith(UNREAD)]
    return unread + [
        f'"{name}" is no setting{_hint(name, names)}.'
        for name in sorted(given)
        if name.startswith(PREFIX) and name not in names
    ]


def _is_ours(name: str) -> bool:
    """Whether a line of `.env` is about this program; one without a name is the whole file."""
    return not name or name.upper().startswith(PREFIX)


def page() -> str:
    """The page docs/settings.md, made from the descriptions above."""
    rows = [
        f"| `{_variable(name)}` | {_allowed(name)} | {_default(name)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join([*_HEAD, *rows, ""])


_HEAD = [
    "# Settings",
    "",
    "Read from the environment, then from a file `.env` in the folder where a command is started.",
    "A bad value stops a command with a sentence that names it; `residency doctor` shows them all.",
    "This page is made by `python -m residency.settings > docs/settings.md`.",
    "",
    "| variable | allowed | default | what it is |",
    "| --- | --- | --- | --- |",
]

# What to write instead, where the type alone does not say it.
_ALLOWED = {
    "link_keys": "keys of at least 32 signs, with commas between",
    "build_id": "letters, digits, ., _, + and -",
    "deployment": "letters, digits, _ and -",
    "cached_workflows": "a whole number from 0 to 100000",
    "mail_allow": "addresses like ada@example.org or @example.org, with commas between",
    "mail_from": "an address, or `Name <address>`",
    "mail_override": "an address",
    "mail_per_second": "a number above 0",
    "mail_unknown_minutes": "a whole number from 1 to 1440",
    "public_url": "an https address without a path; http only for this machine itself, as in "
    "http://localhost:8000 (from elsewhere browsers send forms only over TLS)",
    "record_timeout": "seconds, more than 0, at most 600",
    "sendgrid_url": "an http or https address without a path",
    "sendgrid_webhook_key": "the key as SendGrid shows it: letters, digits, +, / and =",
    "smtp_ca": "a file",
    "temporal_address": "host:port",
}


def _allowed(name: str) -> str:
    """What a setting may be, in words."""
    annotation = Settings.model_fields[name].annotation
    if name in _ALLOWED:
        return _ALLOWED[name]
    if get_origin(annotation) is Literal:
        return ", ".join(get_args(annotation))
    if annotation is bool:
        return "true, false"
    return "a folder" if _is_path(annotation) else "text"


def _is_path(annotation: Any) -> bool:
    return annotation is Path or Path in get_args(annotation)


def _default(name: str) -> str:
    value = Settings.model_fields[name].default
    if value is None or value == ():
        return "–"
    if name == "programs":
        return "`programs`"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _sentence(fault: Any) -> str:
    name = str(fault["loc"][0])
    # pydantic names a fault by the variable for some sources and by the field for others.
    name = name.lower().removeprefix(PREFIX.lower())
    annotation = Settings.model_fields[name].annotation
    secret = "SecretStr" in str(annotation)
    value = "a hidden value" if secret else f'"{fault["input"]}"'
    return f"{_variable(name)} is {value}; allowed: {_allowed(name)}."


def _variable(name: str) -> str:
    return f"{PREFIX}{name.upper()}"


def _hint(name: str, names: set[str]) -> str:
    near = difflib.get_close_matches(name, names, n=1)
    return f": did you mean {near[0]}" if near else ""


if __name__ == "__main__":
    sys.stdout.write(page())

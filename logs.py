"""Logs by structlog, on standard error: a static event name and fields, never a person's data.

Lines of libraries that use the standard `logging` go the same way and look the same.
"""

import logging
import os
import sys
from dataclasses import replace
from functools import cache
from typing import TextIO

import structlog
from structlog.typing import Processor

from residency.settings import Settings

# Talkative below a warning, and not about residencies.
_QUIET = (
    "aiosqlite",
    "alembic",
    "asyncio",
    "httpx",
    "mail.log",
    "temporalio.worker",  # How it shuts down, step by step; `ended` says that it has.
    "uvicorn",
    "watchfiles",
)


def configure(settings: Settings, *, stream: TextIO | None = None) -> None:
    """Set up logging for this process; called once by each entry point, again replaces it."""
    stream = stream or sys.stderr
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_formatter(settings, stream))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(settings, stream),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        # Tests and commands configure again; a cached logger would keep the old stream.
        cache_logger_on_first_use=False,
    )


@cache
def forward_core() -> None:
    """The SDK's core writes its lines to standard output, where data goes; here they are logs like all."""
    from temporalio.runtime import (  # noqa: PLC0415  # Slow to import.
        LogForwardingConfig,
        LoggingConfig,
        Runtime,
        TelemetryConfig,
    )

    core = LogForwardingConfig(
        logging.getLogger("temporalio.core"),
        append_target_to_name=False,
        prepend_target_on_message=False,
    )
    telemetry = TelemetryConfig(logging=replace(LoggingConfig.default, forwarding=core))
    Runtime.set_default(Runtime(telemetry=telemetry), error_if_already_set=False)


def _shared(settings: Settings, stream: TextIO) -> list[Processor]:
    found: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
    ]
    if _is_json(settings, stream) or not stream.isatty():
        found.append(structlog.stdlib.add_logger_name)
        return [*found, structlog.processors.TimeStamper(fmt="iso", utc=True)]
    # Somebody watches: the clock on their wall is enough, and so is what happened.
    return [*found, structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False)]


def _formatter(settings: Settings, stream: TextIO) -> logging.Formatter:
    ending: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if _is_json(settings, stream):
        ending += [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    else:
        plain = structlog.dev.plain_traceback  # Rich's shows local variables: persons' data.
        ending.append(
            structlog.dev.ConsoleRenderer(
                colors=_is_colored(stream), exception_formatter=plain, pad_event_to=24
            )
        )
    shared = _shared(settings, stream)
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=ending)


def _is_json(settings: Settings, stream: TextIO) -> bool:
    if settings.log_format == "auto":
        return not stream.isatty()
    return settings.log_format == "json"


def _is_colored(stream: TextIO) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR")

"""What `residency doctor` finds out about Temporal: the server, who works there, and what is stuck."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cli.diagnosis import BROKEN, NOTE, WORKS, Finding
from residency.errors import ResidencyError

if TYPE_CHECKING:
    from temporalio.client import Client

    from residency.settings import Settings

SECONDS = 10.0


def temporal(settings: Settings) -> Iterator[Finding]:
    """The server, its search attributes, workers, and residencies that can't go on."""
    where = _where(settings)
    if where is None:
        yield from _binary(settings)
    else:
        yield from asyncio.run(_server(settings, *where))


def is_carried(settings: Settings) -> bool:
    """Whether a worker carries residencies now, as far as can be found out."""
    where = _where(settings)
    if where is None:
        return False
    try:
        return asyncio.run(asyncio.wait_for(_is_carried(settings, where[0]), SECONDS))
    except (TimeoutError, ResidencyError):
        return False


async def _is_carried(settings: Settings, address: str | None) -> bool:
    from cli.running import somebody_polls  # noqa: PLC0415  # Help needs nothing.
    from server import connect  # noqa: PLC0415  # As above.

    client = await connect(settings, address=address)
    return await somebody_polls(client, settings.task_queue)


def _where(settings: Settings) -> tuple[str | None, str] | None:
    """The address of the server and where it is from; None where none runs or is configured."""
    from finding import given_address  # noqa: PLC0415  # Help needs nothing.
    from server import running  # noqa: PLC0415  # As above.

    if given := given_address(settings):
        return None, given.source
    found = running(settings.data)
    return (found.address, "a dev server on the data folder") if found else None


def _binary(settings: Settings) -> Iterator[Finding]:
    from finding import cache_folder  # noqa: PLC0415  # Help needs nothing.

    yield Finding(
        about="Temporal",
        state=NOTE,
        said="no server is running or configured",
        todo="Run one: residency up (or set RESIDENCY_TEMPORAL_ADDRESS)",
    )
    cached = cache_folder(settings) / "temporal"
    path = shutil.which("temporal") or (str(cached) if cached.exists() else "")
    if path:
        yield Finding(about="Temporal", state=WORKS, said=f"a dev server can be started: {path}")
    else:
        yield Finding(
            about="Temporal",
            state=NOTE,
            said="no dev server is on this machine yet",
            todo="It is fetched or built when it is first needed; beforehand: python -m finding",
        )


async def _server(settings: Settings, address: str | None, source: str) -> list[Finding]:
    from server import connect  # noqa: PLC0415  # Slow to import.

    try:
        client = await asyncio.wait_for(connect(settings, address=address), SECONDS)
    except TimeoutError:
        said = f"{address or settings.temporal_address} ({source}) did not answer in {SECONDS:g} s"
        return [Finding(about="Temporal", state=BROKEN, said=said, todo="Is it running?")]
    found = [await _version(client, source)]
    found += await _attributes(client)
    found += await _workers(settings, client)
    found += await _stuck(settings, client)
    return found


async def _stuck(settings: Settings, client: Client) -> list[Finding]:
    """Residencies that can't go on, each by its id."""
    from cli.stuck import find_stuck  # noqa: PLC0415  # Help needs nothing.

    return [
        Finding(
            about="residency",
            state=BROKEN,
            said=f'{one.residency} can\'t go on: "{one.activity}" failed {one.attempts} times',
            todo="The worker's log has why; it is tried on. docs/upgrading.md says what to do where "
            "it does not go on by itself.",
        )
        for one in await find_stuck(settings, client, now=datetime.now(UTC))
    ]


async def _version(client: Client, source: str) -> Finding:
    from temporalio.api.workflowservice.v1 import GetSystemInfoRequest  # noqa: PLC0415  # As above.

    answer = await client.workflow_service.get_system_info(GetSystemInfoRequest())
    where = client.service_client.config.target_host
    said = f"{where} ({source}), version {answer.server_version}, namespace {client.namespace}"
    return Finding(about="Temporal", state=WORKS, said=said)


async def _attributes(client: Client) -> list[Finding]:
    """The search attributes; a server without an operator service (a cloud) can't be asked."""
    from temporalio.api.operatorservice.v1 import (  # noqa: PLC0415  # As above.
        ListSearchAttributesRequest,
    )
    from temporalio.service import RPCError  # noqa: PLC0415  # As above.

    from server import SEARCH_ATTRIBUTES  # noqa: PLC0415  # As above.

    try:
        answer = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=client.namespace)
        )
        missing = [name for name in SEARCH_ATTRIBUTES if name not in answer.custom_attributes]
        is_are = "is" if len(missing) == 1 else "are"
        said = f"{len(missing)} of {len(SEARCH_ATTRIBUTES)} search attributes {is_are} missing"
    except RPCError as error:
        missing = list(SEARCH_ATTRIBUTES)
        said = f"search attributes can't be listed here ({error.status.name.lower()})"
    if not missing:
        return [Finding(about="Temporal", state=WORKS, said="search attributes are registered")]
    return [
        Finding(
            about="Temporal",
            state=NOTE,
            said=f"{said}; all works without them but the filter in Temporal's own pages",
            todo="\n".join(_register(client, name, SEARCH_ATTRIBUTES[name]) for name in missing),
        )
    ]


def _register(client: Any, name: str, kind: str) -> str:
    """The command that registers a search attribute."""
    address = client.service_client.config.target_host
    return (
        f"temporal operator search-attribute create --address {address}"
        f" --namespace {client.namespace} --name {name} --type {kind}"
    )


async def _workers(settings: Settings, client: Client) -> list[Finding]:
    from cli.running import somebody_polls  # noqa: PLC0415  # As above.
    from wiring import House  # noqa: PLC0415  # As above.

    queue, mail = settings.task_queue, House(settings).mail_queue
    carried = await somebody_polls(client, queue)
    mailed = await somebody_polls(client, mail, activities=True)
    nobody = Finding(
        about="worker",
        state=NOTE,
        said=f'nobody works on the queue "{queue}": nothing goes on, and nothing is lost',
        todo="Start one: residency worker (or residency up)",
    )
    no_mail = Finding(
        about="worker",
        state=NOTE,
        said=f'no mail process works on the queue "{mail}": mail waits',
        todo="A worker starts one within seconds; alone: residency worker --only mail",
    )
    said = f'a worker carries the queue "{queue}", and a mail process "{mail}"'
    lacking = [] if carried else [nobody]
    lacking += [no_mail] if carried and not mailed else []
    return lacking or [Finding(about="worker", state=WORKS, said=said)]

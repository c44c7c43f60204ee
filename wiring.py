"""The composition root: settings -> store, outbox, client, workers. Only here is everything known."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from residency.errors import UnavailableError
from residency.settings import CHECKOUT, Settings, SettingsError

if TYPE_CHECKING:
    from temporalio.client import Client
    from temporalio.worker import Worker, WorkflowRunner

    from client import Residencies
    from intake import Intake
    from mail.direct import DirectMail
    from mail.outbox import Outbox
    from mail.render import Renderer
    from mail.transports.port import Transport
    from store import Store
    from web.links import Links

RECORD_THREADS = 8
MAIL_THREADS = 8


class House:
    """One installation, built from its settings; every part is made when it is first asked for.

    Imports stand in the methods, so that a command pays only for what it uses.
    """

    def __init__(self, settings: Settings, *, quiet_mail: bool = True) -> None:
        self.settings = settings
        self._quiet_mail = quiet_mail

    @cached_property
    def store(self) -> Store:
        from store import Store  # noqa: PLC0415

        try:
            self.settings.data.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UnavailableError(
                f'The data folder "{self.settings.data}" can\'t be made: {error.strerror}. '
                "Set RESIDENCY_DATA to another one."
            ) from error
        store = Store(self.settings.database)
        store.migrate()
        return store

    @cached_property
    def outbox(self) -> Outbox:
        from mail.outbox import Outbox  # noqa: PLC0415

        return Outbox(
            self.store,
            self.renderer,
            transport=self.carrier,
            rehearsal=self.files,
            sender=self.settings.mail_from,
            wait=timedelta(minutes=self.settings.mail_unknown_minutes),
        )

    @cached_property
    def direct(self) -> DirectMail:
        """For mails that somebody asks for on a page."""
        from mail.direct import DirectMail  # noqa: PLC0415

        return DirectMail(
            self.store,
            self.renderer,
            transport=self.carrier,
            rehearsal=self.files,
            sender=self.settings.mail_from,
            links=self.links if self.settings.public_url else None,
            wait=timedelta(minutes=self.settings.mail_unknown_minutes),
        )

    @cached_property
    def renderer(self) -> Renderer:
        from mail.render import Renderer  # noqa: PLC0415

        return Renderer(
            templates=CHECKOUT / "templates",
            programs=self.settings.programs,
            link=self.links.of_mail if self.settings.public_url else None,
        )

    @cached_property
    def carrier(self) -> Transport:
        """What carries real mails. Raises SettingsError where what it needs is not set."""
        return transport(self.settings)

    @cached_property
    def files(self) -> Transport:
        """What carries the mails of rehearsals, whatever the settings say."""
        from mail.transports.file import FileTransport  # noqa: PLC0415

        return FileTransport(self.settings.data)

    @cached_property
    def mail_queue(self) -> str:
        """The task queue of the mail process."""
        from workflows.policies import MAIL_SUFFIX  # noqa: PLC0415

        return self.settings.task_queue + MAIL_SUFFIX

    @cached_property
    def links(self) -> Links:
        """The links of people; without a public address they begin at the path."""
        from web.links import Links, keys_of  # noqa: PLC0415

        base = self.settings.public_url or ""
        return Links(self.store, keys=keys_of(self.settings), base=base)

    @cached_property
    def intake(self) -> Intake:
        from intake import Intake  # noqa: PLC0415

        return Intake(self.store, force_continue=self.settings.force_continue)

    async def connect(self, *, address: str | None = None) -> Client:
        """A client of the configured server, or of the dev server that runs on the data folder."""
        from server import connect, running  # noqa: PLC0415

        if address is None and self.settings.temporal_address is None:
            found = running(self.settings.data)
            address = found.address if found else None
        return await connect(self.settings, address=address)

    def residencies(self, client: Client, *, doubt: float | None = None) -> Residencies:
        """All calls to them; `doubt` as `Residencies` has it, for whoever has a page before them."""
        from client import Residencies  # noqa: PLC0415

        return Residencies(
            client,
            self.store,
            task_queue=self.settings.task_queue,
            patience=self.settings.record_timeout,
            doubt=doubt,
        )

    def workflow_worker(self, client: Client) -> Worker:
        """Carries the residencies and their record. Mail is another process's work."""
        from temporalio.worker import Worker  # noqa: PLC0415

        from activities.judge import judge  # noqa: PLC0415
        from activities.record import RecordActivities  # noqa: PLC0415
        from workflows.residency import Residency  # noqa: PLC0415

        record = RecordActivities(self.store, judge=judge)
        cached = self.settings.cached_workflows
        return Worker(
            client,
            task_queue=self.settings.task_queue,
            workflows=[Residency],
            activities=record.all(),
            activity_executor=ThreadPoolExecutor(RECORD_THREADS, thread_name_prefix="record"),
            max_concurrent_activities=RECORD_THREADS,
            max_cached_workflows=cached,
            max_concurrent_workflow_tasks=1 if cached == 0 else None,
            max_concurrent_workflow_task_polls=1 if cached == 0 else 5,
            workflow_runner=workflow_runner(),
            **version(self.settings),
        )

    def mail_worker(self, client: Client) -> Worker:
        """Renders and sends, on a queue of its own.

        It belongs to no deployment: mail of every version is sent by whichever process is there.
        """
        from temporalio.worker import Worker  # noqa: PLC0415

        from activities.notify import NotifyActivities  # noqa: PLC0415

        return Worker(
            client,
            task_queue=self.mail_queue,
            activities=NotifyActivities(self.outbox).all(),
            activity_executor=ThreadPoolExecutor(MAIL_THREADS, thread_name_prefix="mail"),
            max_concurrent_activities=MAIL_THREADS,
            # The server spreads a burst over time; no thread here sleeps through it.
            max_task_queue_activities_per_second=self.settings.mail_per_second,
            build_id=self.settings.build_id or build(),
        )

    @property
    def data(self) -> Path:
        return self.settings.data


def version(settings: Settings) -> dict[str, Any]:
    """What the workflow worker tells the server of its code: a name, or a version of a deployment.

    Within a deployment a residency goes on with whatever version is the current one, from its next
    task on (docs/decisions/0011-versions.md).
    """
    from temporalio.common import (  # noqa: PLC0415  # A worker's alone.
        VersioningBehavior,
        WorkerDeploymentVersion,
    )
    from temporalio.worker import WorkerDeploymentConfig  # noqa: PLC0415  # As above.

    build_id = settings.build_id or build()
    if settings.deployment is None:
        return {"build_id": build_id}
    return {
        "deployment_config": WorkerDeploymentConfig(
            version=WorkerDeploymentVersion(settings.deployment, build_id),
            use_worker_versioning=True,
            default_versioning_behavior=VersioningBehavior.AUTO_UPGRADE,
        )
    }


def build() -> str:
    """What a history says of the code behind it, three times a task; the SDK's own hash is longer."""
    from importlib import metadata  # noqa: PLC0415  # A worker's alone.

    try:
        return metadata.version("residency")
    except metadata.PackageNotFoundError:  # It was never installed, only unpacked.
        return "0"


def workflow_runner() -> WorkflowRunner:
    """The sandbox of our workflows; the bench's twin runs in the same one."""
    from workflows.runner import runner  # noqa: PLC0415

    return runner()


def transport(settings: Settings) -> Transport:
    """What carries mails; real ones only to whom the settings allow.

    Raises SettingsError where what it needs is not set.
    """
    if settings.mail_transport in ("smtp", "sendgrid"):
        inner = _smtp(settings) if settings.mail_transport == "smtp" else _sendgrid(settings)
        if settings.mail_live:
            return inner
        from mail.transports.guard import GuardedTransport  # noqa: PLC0415

        return GuardedTransport(inner, allow=settings.mail_allow, override=settings.mail_override)
    if settings.mail_transport == "recording":
        from mail.transports.recording import RecordingTransport  # noqa: PLC0415

        return RecordingTransport()
    from mail.transports.file import FileTransport  # noqa: PLC0415

    return FileTransport(settings.data)


def _smtp(settings: Settings) -> Transport:
    from mail.transports.smtp import Security, SmtpTransport, read_server  # noqa: PLC0415

    if settings.smtp_url is None:
        raise _needs(settings, "RESIDENCY_SMTP_URL")
    security = Security(settings.smtp_security)
    server = read_server(settings.smtp_url.get_secret_value(), security=security)
    return SmtpTransport(server, ca=settings.smtp_ca)


def _sendgrid(settings: Settings) -> Transport:
    from mail.transports.sendgrid import SendGridTransport  # noqa: PLC0415

    if settings.sendgrid_api_key is None:
        raise _needs(settings, "RESIDENCY_SENDGRID_API_KEY")
    return SendGridTransport(
        settings.sendgrid_api_key.get_secret_value(),
        url=settings.sendgrid_url,
        sandbox=settings.sendgrid_sandbox,
    )


def _needs(settings: Settings, name: str) -> SettingsError:
    return SettingsError(
        f'RESIDENCY_MAIL_TRANSPORT is "{settings.mail_transport}", which needs {name}; '
        "docs/mail.md says how to set it up."
    )

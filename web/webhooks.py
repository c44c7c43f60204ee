"""`POST /webhooks/sendgrid`: what became of mails. Answers 2xx only once it is kept."""

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from mail.delivery import LARGEST, Webhook, WebhookError
from web.telling import Telling
from wiring import House

SIGNATURE = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP = "X-Twilio-Email-Event-Webhook-Timestamp"
_log = structlog.get_logger("web")


class TooLargeError(WebhookError):
    """A body that is larger than any of SendGrid's."""


def routes(house: House, telling: Telling) -> APIRouter:
    """Without a key nobody can be believed, so that each request is refused, for now."""
    router = APIRouter()
    key = house.settings.sendgrid_webhook_key
    webhook = Webhook(house.store, key=key) if key else None

    @router.post("/webhooks/sendgrid")
    async def sendgrid(request: Request) -> Response:
        if webhook is None:
            _log.warning("webhook.no_key", setting="RESIDENCY_SENDGRID_WEBHOOK_KEY")
            return PlainTextResponse("The webhook's key is not set.\n", status_code=503)
        try:
            taken = await run_in_threadpool(
                webhook.take,
                await _body(request),
                signature=request.headers.get(SIGNATURE, ""),
                timestamp=request.headers.get(TIMESTAMP, ""),
            )
        except WebhookError as error:
            _log.warning("webhook.refused", why=str(error))
            status = 413 if isinstance(error, TooLargeError) else 400
            return PlainTextResponse(f"{error}\n", status_code=status)
        except ClientDisconnect:
            return PlainTextResponse("The request broke off.\n", status_code=400)
        telling.tell(taken.acts)
        return Response(status_code=204)

    return router


async def _body(request: Request) -> bytes:
    """The body, as long as it is not too large; more of it is not even read."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            raise TooLargeError(f"The body is larger than {LARGEST} bytes.")
    return bytes(body)

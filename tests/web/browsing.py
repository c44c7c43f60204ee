"""A browser for tests: asks an application's own routes, and posts forms as a page of ours would."""

from dataclasses import dataclass
from urllib.parse import urlencode

from tests.web.asking import ask

HOST = "pages.test"
OURS = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
"""What browsers say of a form of ours: our pages send no referrer, so its origin is nobody's."""


@dataclass(frozen=True)
class Page:
    """What was answered; header names in lower case."""

    status: int
    text: str
    headers: dict


class Browser:
    def __init__(self, app):
        self.app = app

    async def get(self, path, **headers):
        return await self._ask("GET", path, headers={"Host": HOST, **headers})

    async def head(self, path):
        return await self._ask("HEAD", path, headers={"Host": HOST})

    async def post(self, path, **given):
        headers = {
            "Host": HOST,
            **OURS,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        return await self._ask("POST", path, body=urlencode(given).encode(), headers=headers)

    async def _ask(self, method, path, **more):
        answer, _ = await ask(self.app, method, path, **more)
        return Page(answer.status, answer.body, answer.headers)

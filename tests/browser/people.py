"""People with a real browser: they open the links out of their mails, fill pages in, and send them."""

import asyncio
import json
import re
from email import message_from_bytes, policy
from pathlib import Path
from time import monotonic

from residency.settings import CHECKOUT

AXE = CHECKOUT / "tests" / "js" / "node_modules" / "axe-core" / "axe.min.js"
MOST_TABS = 120
"""More than any page has controls; who has not got there by then never does."""
_HAS_FOCUS = "it => it === document.activeElement"
_IN_GROUP = (
    "it => it.type === document.activeElement.type && it.name === document.activeElement.name"
)
LINK = re.compile(r"https?://[^\s<>\"]+")


class Post:
    """All mails that went as files, read as their receivers read them."""

    def __init__(self, data: Path):
        self._data = data

    def mails(self, address):
        """Of one address, the newest last: parsed messages."""
        found = []
        for path in sorted(self._data.rglob("*.eml")):
            message = message_from_bytes(path.read_bytes(), policy=policy.default)
            if address in str(message["To"]):
                found.append(message)
        return found

    def links(self, address, part, *, message_id=""):
        """The links of somebody's mails that have this part in them, the newest first."""
        found = []
        for message in reversed(self.mails(address)):
            if message_id and str(message["Message-ID"]) != message_id:
                continue
            text = message.get_body(("plain",)).get_content()
            found += [link for link in LINK.findall(text.replace("=\n", "")) if part in link]
        return found

    async def awaited(self, address, part):
        """The newest such link, once its mail has come: some go after the page has answered."""
        until = monotonic() + 30
        while not (found := self.links(address, part)):
            assert monotonic() < until, f"no mail with {part} came to {address}"
            await asyncio.sleep(0.1)
        return found[0]


class Person:
    """Somebody at a browser. `axe` looks at every kind of page once, in both schemes."""

    def __init__(self, page, *, axe=None, by_keyboard=False):
        self.page, self._axe, self._by_keyboard = page, axe, by_keyboard
        self.faults = []

    async def open(self, link):
        answer = await self.page.goto(link)
        await self._look()
        return answer

    async def fill(self, answers, *, otherwise=()):
        """Types and chooses, by the names of inputs; `otherwise` for those that nothing is said of."""
        for name, value in {**dict(otherwise), **answers}.items():
            await self._give(name, value)

    async def _give(self, name, value):
        inputs = self.page.locator(f'main [name="{name}"]:visible')
        if not await inputs.count():
            return
        kind = await inputs.first.get_attribute("type") or ""
        if kind in ("radio", "checkbox"):
            wanted = {str(one) for one in (value if isinstance(value, list) else [value])}
            wanted = {{"True": "yes", "False": "no"}.get(one, one) for one in wanted}
            for place in range(await inputs.count()):
                one = inputs.nth(place)
                if await one.get_attribute("value") in wanted:
                    await (self._choose(one, kind) if self._by_keyboard else one.check())
        elif await inputs.first.evaluate("it => it.tagName") == "SELECT":
            await inputs.first.select_option(str(value))
        elif self._by_keyboard:
            await self._reach(inputs.first)
            await self.page.keyboard.press("Control+A")
            await self.page.keyboard.insert_text(str(value))
        else:
            await inputs.first.fill(str(value))

    async def _press(self, locator, key):
        await self._reach(locator)
        await self.page.keyboard.press(key)

    async def _choose(self, locator, kind):
        """A box is ticked; of radios, Tab reaches one, and the arrows go through the others."""
        if kind == "radio":
            await self._reach(locator, by=_IN_GROUP)
            await self._reach(locator, key="ArrowDown")
        else:
            await self._reach(locator)
        if not await locator.is_checked():
            await self.page.keyboard.press(" ")
        assert await locator.is_checked()

    async def _reach(self, locator, *, key="Tab", by=_HAS_FOCUS):
        """Presses a key until the control has the focus: nothing else leads there without a mouse."""
        for _ in range(MOST_TABS):
            if await locator.evaluate(by):
                return
            await self.page.keyboard.press(key)
        raise AssertionError(
            f"{key} does not lead to {await locator.evaluate('it => it.outerHTML')}"
        )

    async def send(self, button):
        """Presses a button, by its words; waits for the page that answers."""
        found = self.page.get_by_role("button", name=button, exact=True)
        async with self.page.expect_navigation():
            await (self._press(found, "Enter") if self._by_keyboard else found.click())
        await self._look()

    async def follow(self, words):
        async with self.page.expect_navigation():
            await self.page.get_by_role("link", name=words).first.click()
        await self._look()

    async def text(self):
        return await self.page.locator("main").inner_text()

    async def _look(self):
        if self._axe is not None:
            self.faults += await self._axe.look(self.page)


class Axe:
    """axe-core over every kind of page that was met, once in each scheme."""

    def __init__(self):
        self._source = AXE.read_text()
        self.seen = set()

    async def look(self, page):
        headings = await page.locator("h1, h2").all_inner_texts()
        kind = (re.sub(r"/[^/]{12,}", "/...", page.url), tuple(headings))
        if kind in self.seen:
            return []
        self.seen.add(kind)
        faults = []
        for scheme in ("light", "dark"):
            # A color on its way from one scheme to the other is nobody's fault.
            await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            await page.evaluate(self._source)
            found = json.loads(
                await page.evaluate("axe.run().then(it => JSON.stringify(it.violations))")
            )
            faults += [
                f"{scheme} {headings[:1]}: {one['id']} {one['nodes'][0]['html'][:120]}"
                for one in found
            ]
        await page.emulate_media(color_scheme="light")
        return faults

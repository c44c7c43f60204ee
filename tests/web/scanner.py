"""A program that gets somebody's mail: it opens every link, and sends every form as it stands.

It chooses nothing and types nothing; what a page has filled in already, it sends.
"""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from sqlalchemy import select

from store.tables import metadata
from tests.web.browsing import HOST

DEPTH = 3
"""So many forms it sends one after the other, each from the answer to the one before."""
_EMPTY = {"area", "br", "col", "hr", "img", "input", "link", "meta", "wbr"}


@dataclass
class Sheet:
    """A form of a page: its fields as a browser would send them, its hidden ones, its buttons."""

    action: str
    method: str
    fields: list = field(default_factory=list)
    hidden: list = field(default_factory=list)
    buttons: list = field(default_factory=list)


class Markup(HTMLParser):
    """What is on a page: its links, its forms, every element and attribute."""

    def __init__(self, text):
        super().__init__()
        self.links, self.forms, self.tags, self.attributes = [], [], [], []
        self._form = self._area = self._select = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.append(tag)
        self.attributes += [(tag, name) for name in given]
        match tag:
            case "a" | "link" if given.get("href"):
                self.links.append(given["href"])
            case "form":
                self._form = Sheet(given.get("action") or "", given.get("method", "get").lower())
                self.forms.append(self._form)
            case "input" if given.get("name"):
                self._input(given)
            case "button":
                self._form.buttons.append((given.get("name"), given.get("value", "")))
            case "textarea":
                self._area = [given["name"], ""]
            case "select":
                self._select = given["name"]
            case "option" if "selected" in given:
                self._form.fields.append((self._select, given.get("value", "")))

    def _input(self, given):
        pair = given["name"], given.get("value", "")
        type_ = given.get("type", "text")
        if type_ not in {"radio", "checkbox"} or "checked" in given:
            self._form.fields.append(pair)
        if type_ == "hidden":
            self._form.hidden.append(pair)

    def handle_data(self, data):
        if self._area:
            self._area[1] += data

    def handle_endtag(self, tag):
        if tag == "textarea":
            self._form.fields.append((self._area[0], self._area[1].removeprefix("\n")))
            self._area = None
        if tag == "form":
            self._form = None


class Scanner:
    """Scans from some paths on. `is_bare`: it sends hidden fields only, and the first button."""

    def __init__(self, browser, *, is_bare=False, every_button=False):
        self._browser, self._is_bare, self._every = browser, is_bare, every_button
        self.answers = {}  # (method, path) -> the statuses

    async def scan(self, *paths):
        """Asks for each path and whatever it leads to; the pages' paths."""
        waiting, seen = list(paths), set()
        while waiting:
            path = waiting.pop()
            if path in seen:
                continue
            seen.add(path)
            for method in ("OPTIONS", "HEAD", "GET") if path in paths else ("GET",):
                page = await self._ask(method, path)
            if "text/html" in page.headers.get("content-type", ""):
                markup = Markup(page.text)
                waiting += self._paths(path, markup)
                for form in markup.forms:
                    waiting += await self._send(path, form, depth=DEPTH)
        return seen

    async def _send(self, path, form, *, depth):
        found = []
        for button in form.buttons if self._every else form.buttons[:1]:
            fields = [*(form.hidden if self._is_bare else form.fields)]
            fields += [button] if button[0] else []
            to = _path(urljoin(path, form.action) if form.action else path)
            page = await self._ask(form.method.upper(), to, fields)
            if page.status in {302, 303}:
                found.append(_path(urljoin(to, page.headers["location"])))
            if depth > 1 and "text/html" in page.headers.get("content-type", ""):
                markup = Markup(page.text)
                found += self._paths(to, markup)
                for further in markup.forms:
                    found += await self._send(to, further, depth=depth - 1)
        return found

    async def _ask(self, method, path, fields=()):
        page = await self._browser.send(method, path, fields)
        self.answers.setdefault((method, path), []).append(page.status)
        return page

    def _paths(self, path, markup):
        """Where the links of a page lead, as far as it is to us."""
        whole = [urlsplit(urljoin(f"http://{HOST}{path}", link)) for link in markup.links]
        return [
            _path(one.geturl())
            for one in whole
            if one.scheme in {"http", "https"} and one.netloc == HOST
        ]


def _path(address):
    return unquote(urlsplit(urldefrag(address)[0]).path)


def dump(store):
    """Every row of every table, with what is still to be written of what was answered."""
    store.clicks.flush()
    with store.database.reading() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table))))
            for table in metadata.sorted_tables
        }

"""Turns a template's Markdown into the Jinja sources of its HTML and text parts, once per template.

The Jinja tags are taken out first and put back at the end. So Markdown, the layout and the inlining
of CSS see the template's own words only, and what a tag prints later is never read as Markdown.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import css_inline
from jinja2 import Environment
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

# Tags stand in for themselves as a number between two signs that no text has.
_TOKEN: Final = re.compile("\ue000(\\d+)\ue001")
_ALONE: Final = re.compile("<p>((?:\ue000\\d+\ue001\\s*)+)</p>")
_LOOP_LIST: Final = re.compile(
    "(\ue000\\d+\ue001)\\s*<(ul|ol)>\n?(.*?)</\\2>\\s*(\ue000\\d+\ue001)", re.DOTALL
)
_STYLE: Final = re.compile(r"<style.*?</style>", re.DOTALL)
_BUTTON: Final = re.compile(r"\{\{-?\s*button\((?P<label>.*)\)\s*-?\}\}", re.DOTALL)
_BEGINS: Final = {"variable_begin", "block_begin", "comment_begin", "raw_begin"}
_ENDS: Final = {"variable_end", "block_end", "comment_end", "raw_end"}

_MARKDOWN: Final = MarkdownIt("commonmark", {"html": False}).disable(["html_block", "html_inline"])
_INLINER: Final = css_inline.CSSInliner(
    keep_style_tags=False, keep_at_rules=True, load_remote_stylesheets=False
)


@dataclass(frozen=True)
class Frame:
    """What stands around every mail: the layout and the button, for HTML and for text."""

    layout_html: str
    button_html: str
    layout_text: str
    button_text: str


@dataclass
class Tags:
    """The Jinja tags of one source, in order."""

    environment: Environment
    kept: list[str] = field(default_factory=list)

    def take(self, source: str, *, hide_blocks: bool = False) -> str:
        """The source with a number for each tag; blocks as comments, which may stand in a table."""
        parts, tag, inside = list[str](), "", False
        for _, kind, value in self.environment.lex(source):
            if kind in _BEGINS:
                inside, tag = True, ""
            if not inside:
                parts.append(value)
                continue
            tag += value
            if kind in _ENDS:
                inside = False
                parts.append(self._keep(tag, hide=hide_blocks and tag.startswith("{%")))
        return "".join(parts)

    def give_back(self, source: str) -> str:
        source = re.sub("<!--(\ue000\\d+\ue001)-->", r"\1", source)
        return _TOKEN.sub(lambda found: self.kept[int(found[1])], source)

    def is_block(self, token: str) -> bool:
        return self._tag(token).startswith("{%")

    def is_button(self, token: str) -> bool:
        return self._label(token) is not None

    def with_button(self, token: str, snippet: str) -> str:
        """The snippet, in which `label` is what the tag was called with."""
        return f"{{% set label = ({self._label(token)}) %}}{snippet}"

    def has_loop(self, token: str) -> bool:
        return re.match(r"\{%-?\s*for\b", self._tag(token)) is not None

    def _keep(self, tag: str, *, hide: bool) -> str:
        self.kept.append(tag.strip())
        token = f"\ue000{len(self.kept) - 1}\ue001"
        return f"<!--{token}-->" if hide else token

    def _tag(self, token: str) -> str:
        found = _TOKEN.fullmatch(token.strip())
        return self.kept[int(found[1])] if found else ""

    def _label(self, token: str) -> str | None:
        found = _BUTTON.fullmatch(self._tag(token))
        return found["label"] if found else None


def html_source(body: str, frame: Frame, *, environment: Environment) -> str:
    """The Jinja source of the whole HTML part, with its CSS inlined."""
    tags = Tags(environment)
    content = _MARKDOWN.render(_apart(tags.take(body), tags))
    content = _ALONE.sub(r"\1", content)
    content = _LOOP_LIST.sub(lambda found: _loop_in_list(found, tags), content)
    content = tags.give_back(_with_buttons(content, tags, frame.button_html))
    whole = Tags(environment)
    page = whole.take(frame.layout_html.replace("{{ content }}", content), hide_blocks=True)
    return whole.give_back(_style_last(_INLINER.inline(page)))


def _style_last(page: str) -> str:
    """The inliner puts the rules it keeps first; the charset must come before them."""
    style = _STYLE.search(page)
    if style is None:
        return page
    rest = page[: style.start()] + page[style.end() :]
    return rest.replace("</head>", f"{style[0]}\n</head>", 1)


def text_source(body: str, frame: Frame, *, environment: Environment) -> str:
    """The Jinja source of the whole text part: the same words without their marks."""
    tags = Tags(environment)
    tree = SyntaxTreeNode(_MARKDOWN.parse(_apart(tags.take(body), tags)))
    content = "\n\n".join(_blocks(tree.children))
    content = _with_buttons(content, tags, frame.button_text)
    return frame.layout_text.replace("{{ content }}", tags.give_back(content))


def opening_source(body: str, *, environment: Environment) -> str:
    """The first paragraph after the greeting: what mail programs show beside the subject."""
    tags = Tags(environment)
    tree = SyntaxTreeNode(_MARKDOWN.parse(_apart(tags.take(body), tags)))
    paragraphs = [_inline(node) for node in tree.children if node.type == "paragraph"]
    wordy = [text for text in paragraphs if _TOKEN.sub("", text).strip()]
    return tags.give_back(" ".join(wordy[1:2]).replace("\n", " "))


def button_lines(body: str, *, environment: Environment) -> list[tuple[int, bool]]:
    """The line of each button in the body, and whether it stands there alone."""
    tags = Tags(environment)
    return [
        (number, _TOKEN.sub("", line).strip() == "")
        for number, line in enumerate(_lines_with_tags(tags.take(body), tags), start=1)
        for token in _TOKEN.findall(line)
        if tags.is_button(f"\ue000{token}\ue001")
    ]


def _lines_with_tags(taken: str, tags: Tags) -> Iterable[str]:
    """The lines of the source as it was written, although a tag may run over several."""
    for line in taken.split("\n"):
        yield line
        for number in _TOKEN.findall(line):
            yield from [""] * tags.kept[int(number)].count("\n")


def _apart(taken: str, tags: Tags) -> str:
    """A blank line around each line that holds nothing but blocks or the button."""
    lines = list[str]()
    for line in taken.split("\n"):
        tokens = [f"\ue000{number}\ue001" for number in _TOKEN.findall(line)]
        alone = tokens and not _TOKEN.sub("", line).strip()
        if alone and all(tags.is_block(token) or tags.is_button(token) for token in tokens):
            lines += ["", line.strip(), ""]
        else:
            lines.append(line)
    return "\n".join(lines)


def _loop_in_list(found: re.Match[str], tags: Tags) -> str:
    """One list around a loop, not a list in each of its turns."""
    before, kind, items, after = found.groups()
    if not tags.has_loop(before):
        return found[0]
    return f"<{kind}>{before}{items}{after}</{kind}>"


def _with_buttons(content: str, tags: Tags, snippet: str) -> str:
    def replaced(found: re.Match[str]) -> str:
        token = found[0]
        return tags.with_button(token, snippet) if tags.is_button(token) else token

    return _TOKEN.sub(replaced, content)


def _blocks(nodes: Sequence[SyntaxTreeNode], indent: str = "") -> Iterable[str]:
    for node in nodes:
        match node.type:
            case "bullet_list":
                yield "\n".join(_items(node, lambda _: "- ", indent))
            case "ordered_list":
                yield "\n".join(_items(node, lambda number: f"{number}. ", indent))
            case "blockquote":
                yield "> " + "\n\n".join(_blocks(node.children)).replace("\n", "\n> ")
            case "hr":
                yield "--"
            case "fence" | "code_block":
                yield node.content.rstrip()
            case _:
                yield indent + _inline(node)


def _items(node: SyntaxTreeNode, mark: Callable[[int], str], indent: str) -> Iterable[str]:
    for number, item in enumerate(node.children, start=1):
        yield indent + mark(number) + "\n".join(_blocks(item.children, indent)).strip()


def _inline(node: SyntaxTreeNode) -> str:
    """The words of a paragraph or heading; a link as its words and its address."""
    parts = list[str]()
    for token in node.children[0].to_tokens()[0].children or [] if node.children else []:
        parts.append(_word(token, parts))
    return "".join(parts)


def _word(token: Token, before: list[str]) -> str:
    match token.type:
        case "text" | "code_inline":
            return token.content
        case "softbreak" | "hardbreak":
            return "\n"
        case "link_open":
            before.append(f"\0{token.attrGet('href')}\0")
            return ""
        case "link_close":
            place = max(at for at, part in enumerate(before) if part.startswith("\0"))
            address, before[place] = before[place].strip("\0"), ""
            return "" if "".join(before[place:]) == address else f" ({address})"
        case _:
            return ""

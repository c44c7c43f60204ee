"""The environments in which mails are rendered: what their templates may do, and do alike everywhere."""

from functools import lru_cache
from types import CodeType
from typing import Any, Final

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from mail.words import FILTERS, shown


class _Sandbox(ImmutableSandboxedEnvironment):
    """Compiles each text once in a process: all notices of a color share their layout's parts."""

    def __init__(self, *, autoescape: bool) -> None:
        super().__init__(autoescape=autoescape, undefined=StrictUndefined, finalize=shown)
        self.filters.update(FILTERS)
        self.globals.clear()

    def compile(self, source: Any, *args: Any, **more: Any) -> Any:
        if args or more or not isinstance(source, str):
            return super().compile(source, *args, **more)
        return _compiled(self, source)

    def compile_anew(self, source: str) -> CodeType:
        return super().compile(source)


@lru_cache(maxsize=1024)
def _compiled(environment: _Sandbox, source: str) -> CodeType:
    return environment.compile_anew(source)


HTML: Final = _Sandbox(autoescape=True)
TEXT: Final = _Sandbox(autoescape=False)

"""Asks an application as a server would, without one."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Answered:
    status: int
    body: str
    headers: dict


async def ask(app, method, path, *, body=b"", headers=None, parts=None):
    """One request; `parts` are pieces of a body that comes slowly."""
    pieces = list(parts or [body])
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 12345),
        "headers": [
            (name.lower().encode(), value.encode("latin-1"))
            for name, value in (headers or {}).items()
        ],
    }
    sent = []

    async def receive():
        if not pieces:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

    async def send(message):
        sent.append(message)

    await app(scope, receive, send)
    begun = sent[0]
    content = b"".join(message.get("body", b"") for message in sent[1:])
    named = {name.decode(): value.decode() for name, value in begun["headers"]}
    return Answered(begun["status"], content.decode(), named), len(pieces)

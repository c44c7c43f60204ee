"""SMTP servers for tests: a real one, and such as say what they are told to say."""

import asyncio
import socket
import threading
from contextlib import contextmanager, suppress

import aiosmtpd.smtp

from mail.transports.smtp import Server, SmtpTransport
from tests.mail.mails import made_mail


class Handler:
    """Keeps what it took; answers what it was told to at each step."""

    def __init__(self, **answers):
        self.answers, self.taken = answers, []

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802  # aiosmtpd finds it by this name.
        envelope.mail_from = address
        return self.answers.get("mail", "250 OK")

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802  # aiosmtpd finds it by this name.
        answer = self.answers.get("rcpt", "250 OK")
        if answer.startswith("25"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  # aiosmtpd finds it by this name.
        self.taken.append(envelope)
        if self.answers.get("data") == "cut":
            server.transport.abort()
        return self.answers.get("data", "250 taken")


def check_login(server, session, envelope, mechanism, data):
    right = (data.login, data.password) == (b"ada", b"p@ss/word#1")
    return aiosmtpd.smtp.AuthResult(success=right, handled=right)


@contextmanager
def serving(handler, *, implicit=None, **options):
    """A server in a thread; `implicit` is a context for TLS from the first byte."""
    loop = asyncio.new_event_loop()
    made = aiosmtpd.smtp.SMTP
    serve = loop.create_server(
        lambda: made(handler, loop=loop, hostname="fake", **options), "127.0.0.1", 0, ssl=implicit
    )
    server = loop.run_until_complete(serve)
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(closed(server), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


async def closed(server):
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def send(port, *, ca=None, **options):
    """What comes of a mail that is given to the server there."""
    server = Server(host="127.0.0.1", port=port, **options)
    return SmtpTransport(server, ca=ca, timeout=2).send(made_mail())


@contextmanager
def listening(serve):
    """A port where one client is served, in a thread: `serve(link, asked)`, its socket and its lines."""

    def accept():
        link, _ = listener.accept()
        with link, link.makefile("rb") as asked, suppress(OSError):
            serve(link, asked)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=accept)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(5)


def answering(last, *, greeting=b"250 fake", **answers):
    """A server that answers a mail's last line, and each command, by what it is told to."""

    def serve(link, asked):
        link.sendall(b"220 hello\r\n")
        for line in asked:
            word = line[:4].decode().strip().upper()
            said = answers.get(word, b"250 OK")
            if word == "DATA" and word not in answers:
                link.sendall(b"354 go on\r\n")
                while asked.readline() not in (b".\r\n", b""):
                    pass
                said = last
            link.sendall((greeting if word == "EHLO" else said) + b"\r\n")
            if word == "QUIT":
                return

    return listening(serve)


def talking(*lines):
    """A server that says these lines, each after one of the client's, and hangs up."""

    def serve(link, asked):
        for line in lines:
            link.sendall(line.encode() + b"\r\n")
            if not asked.readline():
                break

    return listening(serve)

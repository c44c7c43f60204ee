"""A stand-in for a mail provider that takes everything after a while: `python -m bench.provider SECONDS`.

It runs beside the benchmark, so that its work is not counted as ours. It prints its port, and ends
with its standard input.
"""

import asyncio
import sys

_ANSWER = (
    b"HTTP/1.1 202 Accepted\r\nX-Message-Id: fake\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
)


async def serve(delay: float) -> None:
    """Answers until standard input ends."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1])
            for line in head.lower().split(b"\r\n")
            if line.startswith(b"content-length:")
        )
        await reader.readexactly(length)
        await asyncio.sleep(delay)
        writer.write(_ANSWER)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1])))

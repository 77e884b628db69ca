"""A partner's endpoint for the benchmark, in a process of its own: `python -m bench.endpoint PORT`.

`/at-once` answers right away, `/after-5` after five milliseconds (any number), `/never` not at all.
"""

import asyncio
import re
import sys

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = _LENGTH.search(head)
            await reader.readexactly(int(length[1]) if length else 0)
            await _think(head.split(b" ", 2)[1])
            writer.write(ANSWER)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def _think(path: bytes) -> None:
    if path == b"/never":
        await asyncio.sleep(600)
    elif path.startswith(b"/after-"):
        await asyncio.sleep(int(path.removeprefix(b"/after-")) / 1000)


async def main(port: int) -> None:
    server = await asyncio.start_server(_serve, "127.0.0.1", port, limit=256 * 1024, backlog=512)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))

"""A dserver that takes its time: `GET /<milliseconds>/config/versions` is answered after so long.

It prints its port, and tells at `/counts` what became of requests, so that tests see what happens on the wire. Below
`/<milliseconds>/readmes/` it answers, too: with a readme that is the rest of the path; below `/readmes/status-<n>` with
that status.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from typing import Any

counts = Counter(came=0, wait=0, closed=0)


class Connection(asyncio.Protocol):
    """One connection of a client's that sends a request when the one before is answered."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.received = b""
        self.answer: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        self.received += data
        if b"\r\n\r\n" not in self.received:
            return
        path = self.received.split(b" ", 2)[1].decode()
        self.received = b""
        if path == "/counts":
            self.send(200, dict(counts))
            return
        _, milliseconds, what = path.split("/", 2)
        counts.update(came=1, wait=1)
        if what.startswith("readmes/"):
            status = int(what.rpartition("status-")[2]) if "status-" in what else 200
            told: dict[str, Any] = {"readme": what} if status == 200 else {"message": "so it is"}
        else:
            status, told = 200, {"versions": {"slow": "1.0"}}
        self.answer = asyncio.get_running_loop().call_later(int(milliseconds) / 1000, self.late, status, told)

    def late(self, status: int, told: dict[str, Any]) -> None:
        self.answer = None
        counts["wait"] -= 1
        self.send(status, told)

    def send(self, status: int, told: dict[str, Any]) -> None:
        body = json.dumps(told).encode()
        head = f"HTTP/1.1 {status} So\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        self.transport.write(head.encode() + body)

    def connection_lost(self, error: Exception | None) -> None:
        if self.answer is not None:
            self.answer.cancel()
            counts["wait"] -= 1
            counts["closed"] += 1


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1])
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())

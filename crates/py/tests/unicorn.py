"""A locator that knows one service: a `unicorn` that keeps values of any kind, on two ports of this machine."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable
from typing import Any

_ONE = {0: ["value", {}], 1: ["error", {}]}
_STREAM = {0: ["write", None], 1: ["error", {}], 2: ["close", {}]}
_METHODS = ["subscribe", "children_subscribe", "put", "get", "create", "del", "remove", "increment", "lock", "named_lock"]
_STREAMS = {"subscribe", "children_subscribe", "lock", "named_lock"}
_API = {n: [name, {0: ["close", {}]}, _STREAM if name in _STREAMS else _ONE] for n, name in enumerate(_METHODS)}


def pack(it: Any) -> bytes:
    """MessagePack of the old form, of what the tests send."""
    if it is None:
        return b"\xc0"
    if isinstance(it, bool):
        return b"\xc3" if it else b"\xc2"
    if isinstance(it, int):
        return struct.pack(">BQ", 0xCF, it) if it >= 0 else struct.pack(">Bq", 0xD3, it)
    if isinstance(it, float):
        return struct.pack(">Bd", 0xCB, it)
    if isinstance(it, str):
        it = it.encode()
    if isinstance(it, bytes):
        return struct.pack(">BI", 0xDB, len(it)) + it
    if isinstance(it, (list, tuple)):
        return struct.pack(">BI", 0xDD, len(it)) + b"".join(map(pack, it))
    return struct.pack(">BI", 0xDF, len(it)) + b"".join(pack(k) + pack(v) for k, v in it.items())


class Reader:
    """Reads values of a socket, in the form in which clients write them."""

    def __init__(self, connection: socket.socket) -> None:
        self._file = connection.makefile("rb")

    def _number(self, form: str) -> Any:
        return struct.unpack(f">{form}", self._bytes(struct.calcsize(f">{form}")))[0]

    def _bytes(self, count: int) -> bytes:
        read = self._file.read(count)
        if len(read) < count:
            raise EOFError
        return read

    def _list(self, count: int) -> list[Any]:
        return [self.read() for _ in range(count)]

    def _map(self, count: int) -> dict[Any, Any]:
        return {self.read(): self.read() for _ in range(count)}

    def read(self) -> Any:
        first = self._bytes(1)[0]
        if first < 0x80:
            return first
        if first >= 0xE0:
            return first - 0x100
        if first < 0x90:
            return self._map(first & 15)
        if first < 0xA0:
            return self._list(first & 15)
        if first < 0xC0:
            return self._bytes(first & 31)
        forms = {0xCB: "d", 0xCC: "B", 0xCD: "H", 0xCE: "I", 0xCF: "Q", 0xD0: "b", 0xD1: "h", 0xD2: "i", 0xD3: "q"}
        if first in forms:
            return self._number(forms[first])
        plain = {0xC0: None, 0xC2: False, 0xC3: True}
        if first in plain:
            return plain[first]
        long: dict[int, tuple[str, Callable[[int], Any]]] = {
            0xDA: ("H", self._bytes),
            0xDB: ("I", self._bytes),
            0xDC: ("H", self._list),
            0xDD: ("I", self._list),
            0xDE: ("H", self._map),
            0xDF: ("I", self._map),
        }
        form, read = long[first]  # Nothing else is sent by a client.
        return read(self._number(form))


class FakeUnicorn:
    """It is there for as long as the `with` lasts."""

    def __enter__(self) -> FakeUnicorn:
        self.values: dict[bytes, tuple[Any, int]] = {}
        self._held: set[tuple[int, int]] = set()
        self._watching: list[tuple[bytes, Callable[[list[Any]], None]]] = []
        self._lock = threading.RLock()
        self._open: list[socket.socket] = []
        self._places = [self._listen(self._resolve), self._listen(self._answer)]
        self.locator = f"127.0.0.1:{self._places[0]}"
        return self

    def __exit__(self, *_: Any) -> None:
        for each in self._open:
            each.close()

    def wait_for(self, held: int) -> None:
        """Waits until so many locks are held."""
        end = time.monotonic() + 5
        while len(self._held) != held:
            assert time.monotonic() < end, f"{len(self._held)} are held, and not {held}"
            time.sleep(0.005)

    def _listen(self, answer: Callable[..., None]) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        self._open.append(listener)

        def serve(connection: socket.socket) -> None:
            reader = Reader(connection)
            try:
                while True:
                    channel, kind, args = reader.read()[:3]

                    def say(message: int, values: list[Any], channel: int = channel) -> None:
                        connection.sendall(pack([channel, message, values, []]))

                    with self._lock:
                        answer((id(connection), channel), kind, args, say)
            except (EOFError, OSError):
                connection.close()

        def accept() -> None:
            try:
                while True:
                    connection = listener.accept()[0]
                    self._open.append(connection)
                    threading.Thread(target=serve, args=(connection,), daemon=True).start()
            except OSError:
                pass

        threading.Thread(target=accept, daemon=True).start()
        port: int = listener.getsockname()[1]
        return port

    def _resolve(self, channel: Any, kind: int, args: list[Any], say: Callable[[int, list[Any]], None]) -> None:
        say(0, [[["127.0.0.1", self._places[1]]], 1, _API])

    def _answer(self, channel: Any, kind: int, args: list[Any], say: Callable[[int, list[Any]], None]) -> None:
        if not args:  # The end of what was held, or watched.
            self._held.discard(channel)
            return
        method, path = _METHODS[kind], args[0]
        missing = [[11, 8], "no node"]
        value, version = self.values.get(path, (None, -1))
        if method == "subscribe" and path == b"/fails":
            for n, each in enumerate((b"a", b"b")):
                say(0, [each, n])
            say(1, [[11, 10], "cut"])
        elif method == "subscribe":
            self._watching.append((path, lambda values: say(0, values)))
            say(0, [value, version])
        elif method == "children_subscribe":
            say(0, [0, [it[1:] for it in self.values]])
        elif method == "lock":
            self._held.add(channel)
            say(0, [True])
        elif method == "create":
            self._change(path, args[1], 0)
            say(0, [True])
        elif version < 0:
            say(1, missing)
        elif method == "get":
            say(0, [value, version])
        elif method == "put":
            if version == args[2]:
                self._change(path, args[1], version + 1)
            say(0, [version == args[2], list(self.values[path])])
        elif method == "increment":
            self._change(path, value + args[1], version + 1)
            say(0, list(self.values[path]))
        else:
            del self.values[path]
            say(0, [])

    def _change(self, path: bytes, value: Any, version: int) -> None:
        self.values[path] = (value, version)
        for watched, tell in self._watching:
            if watched == path:
                tell([value, version])

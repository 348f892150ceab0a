"""A DataSift of the tests' own, which serves live streams in lines: what is sent, and when, is the test's to say."""

from __future__ import annotations

import json
import queue
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HASH = "0123456789abcdef0123456789abcdef"


class Lines:
    """The server, for as long as the `with` lasts: `client = datasift.Client("ada", "key", lines.url)`."""

    def __enter__(self) -> Lines:
        told: queue.Queue[dict[str, Any] | None] = queue.Queue()
        lines = self
        self._told = told
        #: How many connections there were, and how many there are.
        self.came = self.open = 0
        #: The hashes of the last one.
        self.hashes: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                lines.hashes = self.path.partition("hashes=")[2].partition("&")[0].split(",")
                lines.came += 1
                lines.open += 1
                mine = lines.came
                self.send_response(200)
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                try:
                    for hash in lines.hashes:
                        text = f"Successfully subscribed to hash {hash}"
                        self.send({"status": "success", "message": text})
                    while lines.came == mine:
                        try:
                            message = told.get(timeout=0.01)
                        except queue.Empty:
                            self.wfile.write(b"1\r\n\n\r\n")
                            continue
                        if message is None:
                            break
                        self.send(message)
                except OSError:
                    pass
                finally:
                    lines.open -= 1
                    self.close_connection = True

            def send(self, message: dict[str, Any]) -> None:
                text = json.dumps(message).encode() + b"\n"
                self.wfile.write(b"%x\r\n%s\r\n" % (len(text), text))

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        return self

    def __exit__(self, *_: Any) -> None:
        self.came += 1
        self._server.shutdown()
        self._server.server_close()

    def send(self, **message: Any) -> None:
        """Sends a message to who listens."""
        self._told.put(message)

    def found(self, id: Any, **more: Any) -> None:
        """Sends an interaction."""
        self.send(hash=HASH, data={"interaction": {"id": str(id)}, **more})

    def deleted(self, id: Any) -> None:
        """Sends the notice that one was deleted."""
        self.found(id, deleted=True)

    def cut(self) -> None:
        """Ends the connection."""
        self._told.put(None)

    def wait_for(self, open: int) -> None:
        """Waits until so many listen; 10 seconds at most."""
        end = time.monotonic() + 10
        while self.open != open:
            assert time.monotonic() < end, f"{self.open} listen"
            time.sleep(0.01)

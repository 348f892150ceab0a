"""Tokens as dserver takes them, and a stand-in for the token generators that sites run beside it.

`POST /token` is the classic one, `POST /auth/ldap/token` that of the LDAP plugin. The password of everybody is `PASSWORD`. A query
`?seconds=3` asks for a token that is over so soon; the real ones have no such thing. `GET /issued` tells how many were given.
"""

import http.server
import itertools
import json
import threading
import time
import urllib.parse

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

PASSWORD = "test_password"

# As the plugins in the wild have it.
A_DAY = 24 * 60 * 60


class Keys:
    """A pair of keys, made anew."""

    def __init__(self):
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
        self.public = (
            key.public_key()
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
            .decode()
        )
        self._numbers = itertools.count(1)
        self.issued = 0

    def token(self, username, seconds=A_DAY):
        now = int(time.time())
        claims = {"sub": username, "iat": now, "nbf": now, "exp": now + seconds}
        claims |= {"jti": str(next(self._numbers)), "type": "access", "fresh": False, "csrf": ""}
        return jwt.encode(claims, self.private, algorithm="RS256")


def generator(keys, seconds):
    """The URL of a token generator that runs in a thread; its tokens last that long."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            url = urllib.parse.urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if url.path not in ("/token", "/auth/ldap/token"):
                return self.answer(404, {"error": "not found"})
            try:
                asked = json.loads(body)
                username, password = asked["username"], asked["password"]
            except (ValueError, KeyError, TypeError):
                return self.answer(400, {"error": "username and password are needed"})
            if password != PASSWORD:
                return self.answer(401, {"error": "invalid credentials"})
            life = int(urllib.parse.parse_qs(url.query).get("seconds", [seconds])[0])
            keys.issued += 1
            told = {"token": keys.token(username, life)}
            if url.path != "/token":
                told |= {"username": username, "token_type": "bearer"}
            return self.answer(200, told)

        def do_GET(self):
            if self.path == "/issued":
                return self.answer(200, {"issued": keys.issued})
            # As Flask does where only POST is known.
            return self.answer(405, {"error": "method not allowed"})

        def answer(self, status, told):
            data = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"

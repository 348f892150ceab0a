"""What is told of the server and of who asks: the environment, and below it dtool's own file."""

from __future__ import annotations

import json
import os
from typing import Any

from ...._native import dtool_config_path, set_dtool_config

DSERVER_URL_KEY = "DSERVER_URL"
DSERVER_TOKEN_KEY = "DSERVER_TOKEN"
DSERVER_TOKEN_GENERATOR_URL_KEY = "DSERVER_TOKEN_GENERATOR_URL"
DSERVER_USERNAME_KEY = "DSERVER_USERNAME"
DSERVER_PASSWORD_KEY = "DSERVER_PASSWORD"
DSERVER_VERIFY_SSL_KEY = "DSERVER_VERIFY_SSL"
DSERVER_DISABLE_AUTHENTICATION_KEY = "DSERVER_DISABLE_AUTHENTICATION"

AFFIRMATIVE_EXPRESSIONS = ["true", "1", "y", "yes", "on"]
NEGATIVE_EXPRESSIONS = ["false", "0", "n", "no", "off"]


class DtoolLookupAPIConfig:
    """The settings of a dserver. Each is read when it is asked for; setting one writes dtool's file.

    `interactive`: whether somebody is asked for a username and a password that nothing tells. `cache`: whether what was
    answered is kept for the rest of the process.
    """

    def __init__(self, interactive: bool = True, cache: bool = True) -> None:
        self.interactive = interactive
        self.cache = cache
        self._username: str | None = None
        self._password: str | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {dtool_config_path()}>"

    @property
    def lookup_url(self) -> str | None:
        """`DSERVER_URL`: the server."""
        return _written(DSERVER_URL_KEY)

    @lookup_url.setter
    def lookup_url(self, value: str | None) -> None:
        set_dtool_config(DSERVER_URL_KEY, value)

    @property
    def token(self) -> str | None:
        """`DSERVER_TOKEN`; no text if there is none."""
        return _written(DSERVER_TOKEN_KEY, "")

    @token.setter
    def token(self, token: str | None) -> None:
        set_dtool_config(DSERVER_TOKEN_KEY, token)

    @property
    def auth_url(self) -> str | None:
        """`DSERVER_TOKEN_GENERATOR_URL`: what gives a token for a username and a password; no text if there is none."""
        return _written(DSERVER_TOKEN_GENERATOR_URL_KEY, "")

    @auth_url.setter
    def auth_url(self, value: str | None) -> None:
        set_dtool_config(DSERVER_TOKEN_GENERATOR_URL_KEY, value)

    @property
    def username(self) -> str | None:
        """`DSERVER_USERNAME`, or what somebody is asked for."""
        return _written(DSERVER_USERNAME_KEY) or self._asked_username()

    @username.setter
    def username(self, value: str | None) -> None:
        set_dtool_config(DSERVER_USERNAME_KEY, value)

    @property
    def password(self) -> str | None:
        """`DSERVER_PASSWORD`, or what somebody is asked for."""
        return _written(DSERVER_PASSWORD_KEY) or self._asked_password()

    @password.setter
    def password(self, value: str | None) -> None:
        set_dtool_config(DSERVER_PASSWORD_KEY, value)

    @property
    def verify_ssl(self) -> bool:
        """`DSERVER_VERIFY_SSL`: whether certificates are checked. Anything but a plain no is a yes."""
        return not _is_no(_setting(DSERVER_VERIFY_SSL_KEY))

    @verify_ssl.setter
    def verify_ssl(self, value: bool) -> None:
        set_dtool_config(DSERVER_VERIFY_SSL_KEY, _yes_or_no(value))

    @property
    def disable_authentication(self) -> bool:
        """`DSERVER_DISABLE_AUTHENTICATION`: whether `ConfigurationBasedLookupClient` goes without a token. Not set is yes."""
        return not _is_no(_setting(DSERVER_DISABLE_AUTHENTICATION_KEY))

    @disable_authentication.setter
    def disable_authentication(self, value: bool) -> None:
        set_dtool_config(DSERVER_DISABLE_AUTHENTICATION_KEY, _yes_or_no(value))

    def _asks(self) -> bool:
        """Whether there is more to be had than what is written."""
        is_written = _written(DSERVER_USERNAME_KEY) and _written(DSERVER_PASSWORD_KEY)
        return not is_written and (self.interactive or self._password is not None)

    def _asked_username(self) -> str | None:
        username = self._username
        if username is None and self.interactive:
            username = input(f"Authentication URL {_shown(self.auth_url)} username:")
            self._username = username if self.cache else None
        return username

    def _asked_password(self) -> str | None:
        """Never what is written: that may be for another generator."""
        password = self._password
        if password is None and self.interactive:
            from getpass import getpass

            password = getpass(f"Authentication URL {_shown(self.auth_url)} password:")
            self._password = password if self.cache else None
        return password

    def _forget(self) -> None:
        """What was refused is not to be used again."""
        self._username = self._password = None


def file_settings() -> dict[str, Any]:
    """What dtool's file has."""
    try:
        with open(dtool_config_path() or "", encoding="utf-8-sig") as file:
            text = file.read()
    except FileNotFoundError:
        return {}
    # Some that write it leave it empty for a moment.
    told = json.loads(text) if text.strip() else {}
    return told if isinstance(told, dict) else {}


def _setting(key: str, default: Any = None) -> Any:
    value = os.environ.get(key)
    return value if value else file_settings().get(key, default)


def _written(key: str, default: str | None = None) -> str | None:
    value = _setting(key, default)
    return value if value is None else str(value)


def _is_no(value: Any) -> bool:
    return value is False or (isinstance(value, str) and value.strip().lower() in NEGATIVE_EXPRESSIONS)


def _yes_or_no(value: bool) -> str:
    return AFFIRMATIVE_EXPRESSIONS[0] if value else NEGATIVE_EXPRESSIONS[0]


def _shown(text: str | None) -> str:
    """An address on a terminal: as characters, whatever is in it."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text or "")


def __getattr__(name: str) -> Any:
    if name == "CONFIG_PATH":
        return str(dtool_config_path())
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


Config = DtoolLookupAPIConfig()

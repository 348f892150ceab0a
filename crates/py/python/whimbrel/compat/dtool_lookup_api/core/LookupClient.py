"""The clients: each is asked by awaiting its methods, inside of `async with` or not."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from ...._client import written
from ...._face import AIO, PLAIN, Face
from ...._native import Call, Lookup, dtool_config_path
from ....errors import AuthenticationError, Error, LocalError
from ._answer import Answer, LookupServerError
from ._operations import ASCENDING, DESCENDING, OldNames
from .config import DSERVER_URL_KEY, Config, file_settings

__all__ = [
    "ASCENDING",
    "DESCENDING",
    "ConfigurationBasedAuthenticatedLookupClient",
    "ConfigurationBasedLookupClient",
    "CredentialsBasedLookupClient",
    "LookupClient",
    "LookupServerError",
    "TokenBasedLookupClient",
    "UnauthenticatedLookupClient",
]

#: Connections, by what they were made of, the last used last: clients come and go with every call of the old package.
_kept: dict[Any, Lookup] = {}
_MOST_KEPT = 16


def _keep(key: Any, lookup: Lookup) -> Lookup:
    _kept.pop(key, None)
    _kept[key] = lookup
    while len(_kept) > _MOST_KEPT:
        _kept.pop(next(iter(_kept)), None)
    return lookup


class UnauthenticatedLookupClient(OldNames):
    """A client that shows no token."""

    #: How calls are made; whoever drives the methods without an event loop has them wait.
    _face: Face = AIO
    _lookup: Lookup | None = None
    #: There is none of aiohttp's.
    session: None = None

    def __init__(self, lookup_url: str | None, verify_ssl: bool = True) -> None:
        self.lookup_url = lookup_url
        self.verify_ssl = verify_ssl

    async def __aenter__(self) -> Any:
        await self.create_session()
        await self.connect()
        return self

    async def __aexit__(self, exc_type: Any, exc_value: Any, traceback: Any) -> bool:
        await self.close()
        return False

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} may hold secrets: make it where it is used")

    async def create_session(self) -> None:
        """Gets ready to be asked; it does that by itself, too."""
        if self._lookup is None:
            self._lookup = self._open()

    async def connect(self) -> None:
        """Gets a token, for clients that need one."""

    async def close(self) -> None:
        """Ends it. Connections stay open for the next client of the same server and user, for a while."""
        self._lookup = None

    @property
    def header(self) -> dict[str, str]:
        """What a request has with it to show who asks."""
        return {}

    def _key(self) -> Any:
        """What a connection of this client is made of; of secrets a hash."""
        return (type(self)._key, os.getpid(), self.lookup_url, self.verify_ssl)

    def _open(self) -> Lookup:
        key = self._key()
        return _keep(key, _kept.get(key) or self._make())

    def _make(self) -> Lookup:
        return Lookup(self.lookup_url, self.verify_ssl)

    async def _made(self, call: Call) -> Any:
        made = self._face.call(call, None)
        return await made if self._face is AIO else made

    async def _answer(self, operation: str, body: Any, parameters: dict[str, Any]) -> Answer:
        await self.create_session()
        assert self._lookup is not None
        return Answer(*await self._made(self._lookup.api(operation, *written(body, parameters))))

    async def _ask(self, operation: str, body: Any = None, /, **parameters: Any) -> Answer:
        answer = await self._answer(operation, body, parameters)
        if answer.error is not None and _raises_errors():
            raise answer.error
        return answer


class TokenBasedLookupClient(UnauthenticatedLookupClient):
    """A client that shows this token."""

    def __init__(self, lookup_url: str | None, token: str | None = None, verify_ssl: bool = True) -> None:
        super().__init__(lookup_url=lookup_url, verify_ssl=verify_ssl)
        self.token = token

    async def connect(self) -> None:
        """Looks whether there is a token."""
        if not self.token:
            raise ValueError("Provide JWT token.")

    @property
    def header(self) -> dict[str, str]:
        """What a request has with it to show who asks."""
        return {"Authorization": f"Bearer {self.token}"}

    def _key(self) -> Any:
        return (*super()._key(), hash(self.token))

    def _make(self) -> Lookup:
        return Lookup(self.lookup_url, self.verify_ssl, token=self.token or None)


class CredentialsBasedLookupClient(TokenBasedLookupClient):
    """A client that changes a username and a password for a token whenever it connects."""

    def __init__(
        self,
        lookup_url: str | None,
        auth_url: str | None,
        username: str | None,
        password: str | None,
        verify_ssl: bool = True,
    ) -> None:
        self.auth_url = auth_url
        self.username = username
        self.password = password
        super().__init__(lookup_url=lookup_url, verify_ssl=verify_ssl)

    async def authenticate(self) -> str:
        """Asks for a token, and gives it. `RuntimeError` if there is none to be had."""
        if not self.auth_url or self.username is None or self.password is None:
            _refuse(None)
        account = (self.auth_url, self.username, self.password)
        generator = Lookup(self.lookup_url, self.verify_ssl, None, *account)
        try:
            token, _ = await self._made(generator.token())
        except Error as error:
            _refuse(error)
        self._lookup = generator
        return str(token)

    async def connect(self) -> None:
        """Asks for a token."""
        self.token = await self.authenticate()
        await super().connect()


class ConfigurationBasedAuthenticatedLookupClient(CredentialsBasedLookupClient):
    """A client of the configured server, with the configured token if that is good, or another.

    A token that a generator has given is written to dtool's file if `cache_token`, and the file is of this server.
    """

    def __init__(
        self,
        lookup_url: str | None = None,
        auth_url: str | None = None,
        username: str | None = None,
        password: str | None = None,
        verify_ssl: bool | None = None,
        cache_token: bool = True,
    ) -> None:
        self.cache_token = cache_token
        self._given = (lookup_url, auth_url)
        super().__init__(
            lookup_url=Config.lookup_url if lookup_url is None else lookup_url,
            auth_url=Config.auth_url if auth_url is None else auth_url,
            username=username,
            password=password,
            verify_ssl=Config.verify_ssl if verify_ssl is None else verify_ssl,
        )
        self.token = Config.token
        self._is_connected = False

    def _key(self) -> Any:
        told = (self._given, self.username, hash(self.password), self.verify_ssl)
        environment = [(name, hash(value)) for name, value in os.environ.items() if name.startswith("DSERVER_")]
        return (type(self)._key, os.getpid(), told, tuple(sorted(environment)), _version_of_file())

    def _make(self) -> Lookup:
        url, generator = self._given
        return Lookup.configured(url, self.verify_ssl, generator, self.username, self.password)

    async def connect(self) -> None:
        """Gets a token: one that is at hand and not over, or another. No request is made where there is one."""
        try:
            await self.create_session()
            assert self._lookup is not None
            self.token, is_new = await self._made(self._lookup.token())
        except AuthenticationError as error:
            await self._log_in(error)
        else:
            self._write(is_new)
        self._is_connected = True

    async def authenticate(self) -> str:
        """Asks for a token, and gives it; or the one in use, where no username and password are given here."""
        if self.username is not None and self.password is not None:
            return await super().authenticate()
        await self.connect()
        return str(self.token)

    async def close(self) -> None:
        """Ends it. Connections stay open for the next client of the same server and user, for a while."""
        await super().close()
        self._is_connected = False

    async def has_valid_token(self) -> bool:
        """Whether the server takes the token; it is asked."""
        if not self.token:
            return False
        lookup = Lookup(self.lookup_url, self.verify_ssl, token=self.token)
        return Answer(*await self._made(lookup.api("get_config", [], None))).status == 200

    async def _ask(self, operation: str, body: Any = None, /, **parameters: Any) -> Answer:
        if not self._is_connected:
            await self.connect()
        try:
            answer = await super()._answer(operation, body, parameters)
            if answer.is_refused():
                raise answer.error or AuthenticationError()
        except AuthenticationError as error:
            await self._log_in(error)
            answer = await super()._answer(operation, body, parameters)
        if answer.error is not None and _raises_errors():
            raise answer.error
        return answer

    async def _log_in(self, refusal: AuthenticationError) -> None:
        """With what somebody is asked for, where that is more than what was refused."""
        if not (self.auth_url and Config._asks()) or (self.username is not None and self.password is not None):
            _refuse(refusal)
        given = (self.username, self.password)
        self.username = Config.username if self.username is None else self.username
        self.password = Config._asked_password() if self.password is None else self.password
        try:
            self.token = await super().authenticate()
        except RuntimeError:
            Config._forget()
            raise
        finally:
            (self.username, self.password) = given
        if not Config.cache:
            # The token is kept, and not what gives one.
            self._lookup = Lookup(self.lookup_url, self.verify_ssl, token=self.token)
        assert self._lookup is not None
        self._write(True)
        _keep(self._key(), self._lookup)

    def _write(self, is_new: bool) -> None:
        of_file = str(file_settings().get(DSERVER_URL_KEY, "")).rstrip("/")
        # A token of another server must not become that of the file's.
        if not (self.cache_token and is_new and self.token and of_file == (self.lookup_url or "").rstrip("/")):
            return
        try:
            Config.token = self.token
        except LocalError as error:
            import logging

            logging.getLogger(__name__).warning("The token is not kept: %s", error)
        else:
            if self._lookup is not None:
                _keep(self._key(), self._lookup)


class ConfigurationBasedLookupClient:
    """Gives an `UnauthenticatedLookupClient` unless `DSERVER_DISABLE_AUTHENTICATION` says no, or else a
    `ConfigurationBasedAuthenticatedLookupClient`."""

    def __new__(  # type: ignore[misc]
        cls,
        lookup_url: str | None = None,
        auth_url: str | None = None,
        username: str | None = None,
        password: str | None = None,
        verify_ssl: bool | None = None,
        disable_authentication: bool | None = None,
        cache_token: bool = True,
    ) -> UnauthenticatedLookupClient:
        if disable_authentication is None:
            disable_authentication = Config.disable_authentication
        if disable_authentication is True:
            return UnauthenticatedLookupClient(
                lookup_url=Config.lookup_url if lookup_url is None else lookup_url,
                verify_ssl=Config.verify_ssl if verify_ssl is None else verify_ssl,
            )
        return ConfigurationBasedAuthenticatedLookupClient(
            lookup_url, auth_url, username, password, verify_ssl, cache_token
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        pass


class LookupClient(CredentialsBasedLookupClient):
    """The old name of `CredentialsBasedLookupClient`."""


def waits(function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Calls a method of a configured client, and waits. It needs no event loop, and does not mind one that runs."""
    client = ConfigurationBasedAuthenticatedLookupClient()
    client._face = PLAIN
    called = _call(client, function, arguments, options)
    try:
        # Each of its calls waits by itself, so nothing is ever suspended.
        called.send(None)
    except StopIteration as end:
        return end.value
    called.close()
    raise RuntimeError(f"{function.__name__} waits for something that is no call")


async def awaits(function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Calls a method of a configured client, to be awaited."""
    return await _call(ConfigurationBasedAuthenticatedLookupClient(), function, arguments, options)


async def _call(
    client: ConfigurationBasedAuthenticatedLookupClient,
    function: Callable[..., Any],
    arguments: tuple[Any, ...],
    options: dict[str, Any],
) -> Any:
    await client.connect()
    return await function(client, *arguments, **options)


def _refuse(error: Error | None) -> NoReturn:
    """That there is no token is told as of old; why, by the cause."""
    if error is None or isinstance(error, AuthenticationError) or error.object is not None:
        raise RuntimeError("Authentication failed") from error
    raise error


def _raises_errors() -> bool:
    return bool(getattr(sys.modules[__name__.rpartition(".core")[0]], "raise_errors"))


def _version_of_file() -> Any:
    try:
        told = os.stat(dtool_config_path() or "")
    except OSError:
        return None
    return (told.st_ino, told.st_size, told.st_mtime_ns)

"""What scripts do with the old client's session: empty its cache, and turn it off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .exceptions import asking

if TYPE_CHECKING:
    from .client import ApiClient

_WHY = "there is no session of requests': whimbrel.coscine.Client has settings, and all calls of the service"


class Cache:
    """The answers that are kept."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client

    def clear(self) -> None:
        """Forgets all answers that this process keeps."""
        with asking:
            self._client._client.clear_cache()

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"{name}: {_WHY}")


class Settings:
    """How answers are kept."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client

    @property
    def disabled(self) -> bool:
        """Whether no answer is kept."""
        return self._client._settings["cache"] == "off"

    @disabled.setter
    def disabled(self, value: bool) -> None:
        self._client.enable_caching(not value)


class Session:
    """`client.session`."""

    def __init__(self, client: ApiClient) -> None:
        self.cache = Cache(client)
        self.settings = Settings(client)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"{name}: {_WHY}")

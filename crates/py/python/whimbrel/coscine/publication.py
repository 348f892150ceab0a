"""Publication: who advises on it, and what was asked of them."""

from __future__ import annotations

from datetime import datetime

from .._record import Record


class PublicationService(Record):
    """Who helps an organization's people to publish; `organization_ror` is what they are asked by."""

    __slots__ = ()
    _shown = ("display_name", "organization_ror")

    display_name: str
    email: str
    description: str | None
    organization_ror: str | None


class PublicationRequest(Record):
    """A request to publish resources of a project."""

    __slots__ = ()
    _shown = ("id", "publication_service_ror_id")

    id: str | None
    message: str | None
    publication_service_ror_id: str | None
    date_created: datetime | None

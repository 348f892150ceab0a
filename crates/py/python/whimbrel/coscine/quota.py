"""Space, in bytes, as exact as the service's numbers: about 7 digits."""

from __future__ import annotations

from .._record import Record, Records


class ResourceQuota(Record):
    """The space of a resource, in bytes.

    - `used`: what its files take; `None` where the service does not tell, as of a GitLab.
    - `versions`: what old versions of files take of that, where they were asked for and the type has versions.
    - `reserved`: what is kept for it.
    """

    __slots__ = ()
    _shown = ("used", "reserved")

    resource_id: str
    used: int | None
    versions: int | None
    reserved: int | None


class ProjectQuota(Record):
    """The space of a project on one type of resource, in bytes.

    - `used`: what the files of all its resources take.
    - `reserved`: what is kept for its resources.
    - `allocated`: what its resources may reserve together; `Project.set_quota` changes it.
    - `maximum`: how far that can be raised without an application.
    """

    __slots__ = ()
    _shown = ("resource_type", "used", "reserved", "allocated", "maximum")

    resource_type_id: str
    resource_type: str
    used: int | None
    reserved: int | None
    allocated: int | None
    maximum: int | None

    @property
    def resources(self) -> Records[ResourceQuota]:
        """Resource by resource."""
        return Records(map(ResourceQuota, self["resources"]))

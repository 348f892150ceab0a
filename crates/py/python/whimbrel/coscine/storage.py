"""Where a resource's data lie."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._client import secret
from .._handle import Inner
from .._native import Token
from .._record import Records
from .catalogue import GitLabBranch, GitLabProject

if TYPE_CHECKING:
    from ._submit import SubmitGitLab


class Repository:
    """A project of a GitLab, as a resource is made of it.

    - `url`: of the repository; `project_id`: its number in the GitLab; `branch`.
    - `access_token`: a token of the GitLab for this project. Coscine keeps it; nothing here shows it.
    - `terms_accepted`: you have read and accepted the terms of service for such resources.

    Of a resource that is there, only branch and token can be changed.
    """

    def __init__(
        self,
        access_token: str | Token,
        *,
        branch: str,
        url: str = "",
        project_id: int = 0,
        terms_accepted: bool = False,
    ) -> None:
        self.access_token = secret(access_token)
        self.branch = branch
        self.url = url
        self.project_id = project_id
        self.terms_accepted = terms_accepted

    def told(self) -> dict[str, Any]:
        """All but the token."""
        return {
            "url": self.url,
            "project_id": self.project_id,
            "branch": self.branch,
            "terms_accepted": self.terms_accepted,
        }

    def __repr__(self) -> str:
        return f"Repository(url={self.url!r}, project_id={self.project_id!r}, branch={self.branch!r})"


class GitLab(Inner):
    """A GitLab as Coscine sees it; see `Client.gitlab`. Coscine asks it on your behalf, so it gets to know the token."""

    __slots__ = ()
    _shown = ("domain",)

    domain: str

    if TYPE_CHECKING:

        @property
        def submit(self) -> SubmitGitLab: ...

    def projects(self) -> Records[GitLabProject]:
        """The projects that the token opens."""
        return self._call(self._native.gitlab_projects(self.domain, self._within), _projects)

    def project(self, id: int) -> GitLabProject:
        """One project, by its number."""
        return self._call(self._native.gitlab_project(self.domain, self._within, id), GitLabProject)

    def branches(self, id: int) -> Records[GitLabBranch]:
        """The branches of a project, by its number."""
        return self._call(self._native.gitlab_branches(self.domain, self._within, id), _branches)


def _projects(told: list[Any]) -> Records[GitLabProject]:
    return Records(map(GitLabProject, told))


def _branches(told: list[Any]) -> Records[GitLabBranch]:
    return Records(map(GitLabBranch, told))

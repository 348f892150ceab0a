"""Coscine, RWTH's platform for research data.

>>> from whimbrel import coscine
>>> resource = coscine.Client().project("Demo").resource("Files")
>>> [file.path for file in resource.files("2026/february")]
['2026/february/c.csv']
"""

from __future__ import annotations

from .catalogue import (
    Discipline,
    GitLabBranch,
    GitLabProject,
    Language,
    License,
    Notification,
    Organization,
    ResourceType,
    Role,
    Title,
    Visibility,
)
from .client import Client
from .file import File, Head, MetadataVersion, Node, Provenance
from .form import Field, Finding, Form
from .member import Invitation, Member
from .metadata import Metadata
from .pid import Pid, PidTarget
from .platform import Hit, Kpi, Message, StorageKpi
from .project import Branch, Project
from .publication import PublicationRequest, PublicationService
from .quota import ProjectQuota, ResourceQuota
from .resource import Level, Resource
from .secret import S3, Keys, Secret
from .storage import GitLab, Repository
from .transfer import Cost, Plan, Report, Step
from .user import ApiToken, Me, OptOut, Terms, User
from .vocabulary import ApplicationProfile, Term, Vocabulary

__all__ = [
    "ApiToken",
    "ApplicationProfile",
    "Branch",
    "Client",
    "Cost",
    "Discipline",
    "Field",
    "File",
    "Finding",
    "Form",
    "GitLab",
    "GitLabBranch",
    "GitLabProject",
    "Head",
    "Hit",
    "Invitation",
    "Keys",
    "Kpi",
    "Language",
    "Level",
    "License",
    "Me",
    "Member",
    "Message",
    "Metadata",
    "MetadataVersion",
    "Node",
    "Notification",
    "OptOut",
    "Organization",
    "Pid",
    "PidTarget",
    "Plan",
    "Project",
    "ProjectQuota",
    "Provenance",
    "PublicationRequest",
    "PublicationService",
    "Report",
    "Repository",
    "Resource",
    "ResourceQuota",
    "ResourceType",
    "Role",
    "S3",
    "Secret",
    "Step",
    "StorageKpi",
    "Term",
    "Terms",
    "Title",
    "User",
    "Visibility",
    "Vocabulary",
]

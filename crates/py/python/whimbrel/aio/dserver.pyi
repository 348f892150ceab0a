"""Written by crates/py/faces.py from the sources of `whimbrel.dserver`; not to be edited."""

from __future__ import annotations
from collections.abc import Awaitable
from collections.abc import Iterable
from collections.abc import Mapping
from datetime import datetime
from os import PathLike
from typing import Any
from typing import Unpack
from whimbrel._client import Settings
from whimbrel._native import Token
from whimbrel._progress import Progress
from whimbrel._record import Record
from whimbrel._record import Records
from whimbrel.aio._listing import AsyncListing
from whimbrel.aio._many import AsyncMany
from whimbrel.dserver._asked import Named
from whimbrel.dserver._asked import Texts
from whimbrel.dserver._submit import SubmitClient
from whimbrel.dserver._submit import SubmitDataset
from whimbrel.dserver._submit import SubmitGraph
from whimbrel.dserver.content import Downloaded as Downloaded
from whimbrel.dserver.content import Existing as Existing
from whimbrel.dserver.content import Finding as Finding
from whimbrel.dserver.content import Uploaded as Uploaded
from whimbrel.dserver.content import Verified as Verified
from whimbrel.dserver.manifest import Item as Item
from whimbrel.dserver.manifest import Manifest as Manifest
from whimbrel.dserver.readme import Readme as Readme
from whimbrel.dserver.registration import Registration as Registration
from whimbrel.dserver.server import Feature as Feature
from whimbrel.dserver.server import Features as Features
from whimbrel.dserver.user import BaseUri as BaseUri
from whimbrel.dserver.user import Right as Right
from whimbrel.dserver.user import Summary as Summary
from whimbrel.dserver.user import User as User

class Client:
    """A client of a dserver.

    Without arguments it goes where dtool goes: `DSERVER_URL`, `DSERVER_TOKEN` and the others of the environment and of
    `~/.config/dtool/dtool.json`. What is given counts before that:

    - `url`: the server. What the environment or the file have of tokens for another server is not shown to this one.
    - `token`: shown to `url` and to nobody else.
    - `token_generator_url`, `username`, `password`: where tokens come from, and whose. The password goes to that
      generator (or to the one that is configured for this server) and to nobody else. A token that the environment or the
      file has of another user is not used then.
    - `interactive`: whether a password that is missing is asked for, on a terminal.
    - all else is in `Settings`.

    A client pickles as what it is set to, without token and password: elsewhere they are looked for in the environment and
    in `dtool.json` there.

    >>> from whimbrel import dserver
    >>> client = dserver.Client()
    >>> "dserver" in " ".join(client.versions())
    True
    """
    def __init__(self, url: str | None=None, token: str | Token | None=None, *, token_generator_url: str | None=None, username: str | None=None, password: str | Token | None=None, interactive: bool=True, **settings: Unpack[Settings]) -> None: ...
    def search(self, words: str | None=None, *, text: str | None=None, tags: Texts=(), creators: Texts=(), base_uris: Texts=(), uuids: Texts=(), sort: Texts=()) -> AsyncListing[Dataset]:
        """Datasets that have these words, tags, creators...; without any, all that the user can see.
    
        `words` is what one types: words, `"a phrase"`, `-without`, and `tag:steel`, `creator:ada`, `base:s3://bucket`,
        `uuid:26f2...` among them. `text` is words and nothing else. Words are alternatives; tags must all be there;
        creators, base URIs and UUIDs are alternatives each. The server knows English endings (`simulate` finds
        `simulation`) and no parts of words.
    
        `sort` is one or several of `name`, `created_at`, `frozen_at`, `creator_username`, `base_uri`, `uri`, `uuid`, with
        a `-` before it the other way round.
    
        >>> from whimbrel import dserver
        >>> client = dserver.Client()
        >>> found = client.search("campaign tag:simulation", creators="ada", sort="-created_at")
        >>> len(found), [it.name for it in found]
        (2, ['simulation-run-12', 'simulation-run-00'])
    
        Raises `InvalidError` at once for `-tag:steel` and the like: words can be left out, filters can't.
        """
    def query(self, query: Mapping[str, Any]) -> AsyncListing[Dataset]:
        """The datasets that a query of MongoDB finds, sorted by nothing.
    
        Its fields are a dataset's and `readme`, `manifest`, `annotations`, `tags`; a readme is data there:
        `{"readme.owners.name": "Ada Lovelace", "readme.temperature": {"$gt": 300}}`.
    
        >>> from whimbrel import dserver
        >>> found = dserver.Client().query({"readme.temperature": {"$gt": 307}})
        >>> sorted(it.name for it in found)
        ['sequencing-run-18', 'tribology-run-19']
        """
    def aggregate(self, stages: Iterable[Mapping[str, Any]]) -> AsyncListing[Record]:
        """What a pipeline of MongoDB makes of the datasets.
    
        The server leaves out each row's `_id`: a `$project` gives what is grouped by another name. It computes the whole
        anew for each page of 100 rows: sort by what is unique. Raises `NotFoundError` where the server does not offer it,
        as by default.
        """
    def copies(self, uuid: str) -> AsyncListing[Dataset]:
        """Every copy of the dataset of this UUID that the user can see."""
    def dataset(self, uri: str) -> Awaitable[Dataset]:
        """The dataset at this URI.
    
        Raises `ForbiddenError` for a base URI that the user can't search; 0.22 says the same of one that nobody
        registered.
        """
    def lookup(self, uuid: str) -> Awaitable[Records[Dataset]]:
        """Where the dataset of this UUID is, one entry a copy, at least one. Raises `NotFoundError` if the user can see none."""
    def find(self, dataset: str) -> Awaitable[Records[Dataset]]:
        """The copies of a dataset by its UUID, by the URI of one, or by an address `dserver://host/...`; at least one."""
    def readme(self, dataset: Named) -> Awaitable[Readme]:
        """The descriptive metadata of a dataset: a text, with `.yaml()`."""
    def manifest(self, dataset: Named) -> Awaitable[Manifest]:
        """The items of a dataset."""
    def tags(self, dataset: Named) -> Awaitable[list[str]]:
        """The tags of a dataset."""
    def annotations(self, dataset: Named) -> Awaitable[dict[str, Any]]:
        """The annotations of a dataset, exactly as the server gives them.
    
        0.22 makes text of every value (of `{"a": 1}` Python's `"{'a': 1}"`), later releases give JSON.
        """
    def graph(self, uuid: str | Dataset, *, keys: Texts=()) -> Awaitable[Graph]:
        """Where the dataset of this UUID comes from, and what was made of it: all datasets that are connected with it.
    
        `keys` say where the UUIDs of other datasets stand, such as `"annotations.source_dataset_uuid"`; without any, the
        server's do (most often `readme.derived_from.uuid`).
        """
    def readmes(self, datasets: Iterable[Named], *, limit: int=16) -> AsyncMany[Readme]:
        """The readmes of many datasets: pairs of a URI, and its readme or its error, as they arrive.
    
        One that fails does not fail the others. `limit` are asked for at once, and no more than the client's
        `requests_at_once`. `all()` gives them by URI.
    
        >>> from whimbrel import dserver, errors
        >>> client = dserver.Client()
        >>> for uri, readme in client.readmes(client.search("tag:tribology"), limit=32):
        ...     if not isinstance(readme, errors.Error):
        ...         assert readme.yaml()["project"] == "tribology campaign"
        """
    def manifests(self, datasets: Iterable[Named], *, limit: int=16) -> AsyncMany[Manifest]:
        """The items of many datasets; as `readmes`."""
    def annotations_of_many(self, datasets: Iterable[Named], *, limit: int=16) -> AsyncMany[dict[str, Any]]:
        """The annotations of many datasets; as `readmes`."""
    def tags_of_many(self, datasets: Iterable[Named], *, limit: int=16) -> AsyncMany[list[str]]:
        """The tags of many datasets; as `readmes`."""
    def download(self, dataset: Named, into: str | PathLike[str]='.', *, existing: Existing='refuse', jobs: int=8, progress: Progress=None) -> Awaitable[Downloaded]:
        """Fetches a dataset (its URI, its UUID, or what a search gave) into a folder of its own name below `into`.
    
        The folder is what dtool reads. Links that the server signs are the first choice, then what the URI's scheme
        allows: `file`, `s3`, `ecs`, `http`, `https`; keys to buckets are those of dtool's configuration. `jobs` items come
        at once, large ones in ranges, and each is hashed: one that is not what the manifest says is not kept. The folder is
        a frozen dataset only when all of it is there; a run that was cut short is gone on with by the same call.
    
        `existing` is what to do with the same dataset if it is there already: its items are hashed, and a wrong one is an
        error (`"refuse"`), nobody looks at them (`"skip"`), they are repaired (`"overwrite"`, `"update"`).
    
        `progress` is a function of the bytes moved and in all, called ten times a second at most; `False` for none; by
        default it is shown on a terminal and in a notebook.
    
        Raises `PartialError`, or the item's own error, if an item failed; the error has `report`, and `failed`: pairs of a
        path and why.
        """
    def upload(self, folder: str | PathLike[str], base_uri: str, *, jobs: int=8, progress: Progress=None) -> Awaitable[Uploaded]:
        """Sends the frozen dataset of a folder to a base URI, by links that the server signs, and registers it there.
    
        It is registered only when all of it is there; the same call goes on with what was cut short. Raises
        `ConflictError` if it is there already, and for a folder that is not what its manifest says.
        """
    def verify(self, folder: str | PathLike[str], *, against: Named | None=None, jobs: int=8) -> Awaitable[Verified]:
        """Compares the items of a dataset's folder with its own manifest, or with the server's (`against` its URI or UUID).
    
        Each is hashed. What it gives is true if all is whole.
        """
    def register(self, dataset: Registration) -> Awaitable[None]:
        """Puts a dataset into the index, in place of what is there under its URI. Its content is where it is."""
    def register_from(self, source: str | PathLike[str], *, base_uri: str | None=None) -> Awaitable[str]:
        """Puts a dataset into the index with what is told of it where it lies: a folder here, or a URI. Gives its URI.
    
        Another machine may call the same place by another name: with `base_uri` it is registered there.
        """
    def delete(self, dataset: Named) -> Awaitable[None]:
        """Takes a dataset out of the index; its content stays where it is.
    
        A server of version 0.22 forgets it only in `dataset`, `lookup` and the summary: searches, readme, manifest, tags
        and annotations still answer.
        """
    def replace_readme(self, dataset: Named, text: str) -> Awaitable[None]:
        """Puts another text in place of a readme. For servers after 0.22."""
    def replace_tags(self, dataset: Named, tags: Texts) -> Awaitable[None]:
        """Puts other tags in place of all that a dataset has. For servers after 0.22."""
    def add_tag(self, dataset: Named, tag: str) -> Awaitable[None]:
        """Adds a tag. For servers after 0.22."""
    def remove_tag(self, dataset: Named, tag: str) -> Awaitable[None]:
        """Takes a tag away. For servers after 0.22."""
    def replace_annotations(self, dataset: Named, annotations: Mapping[str, Any]) -> Awaitable[None]:
        """Puts other annotations in place of all that a dataset has. For servers after 0.22."""
    def set_annotation(self, dataset: Named, name: str, value: Any) -> Awaitable[None]:
        """Sets one annotation, to any JSON. For servers after 0.22."""
    def remove_annotation(self, dataset: Named, name: str) -> Awaitable[None]:
        """Takes one annotation away. For servers after 0.22."""
    def me(self) -> Awaitable[User]:
        """The user whose token this is."""
    def summary(self) -> Awaitable[Summary]:
        """Counts over all datasets that the user can see.
    
        A server of version 0.22 fails with 500 if one of them was registered without its size.
        """
    def summary_of(self, username: str) -> Awaitable[Summary]:
        """The same for another user; for administrators."""
    def users(self) -> AsyncListing[User]:
        """All users; for administrators."""
    def user(self, username: str) -> Awaitable[User]:
        """One user with its rights: oneself, or any for administrators."""
    def register_user(self, username: str, *, is_admin: bool=False) -> Awaitable[None]:
        """Makes a user known, or says anew whether it is an administrator; for administrators."""
    def delete_user(self, username: str) -> Awaitable[None]:
        """Takes a user and its rights away; for administrators."""
    def rename_me(self, display_name: str) -> Awaitable[User]:
        """Gives the own user another name for people. For servers after 0.22."""
    def rename_user(self, username: str, display_name: str) -> Awaitable[User]:
        """Gives a user another name for people; for administrators. For servers after 0.22."""
    def base_uris(self) -> AsyncListing[BaseUri]:
        """All base URIs; for administrators."""
    def base_uri(self, base_uri: str) -> Awaitable[BaseUri]:
        """One base URI with its rights; for administrators."""
    def register_base_uri(self, base_uri: str, *, may_search: Texts=(), may_register: Texts=()) -> Awaitable[None]:
        """Makes a base URI known, or replaces all its rights; for administrators. `grant` and `revoke` change one right.
    
        Raises `NotFoundError` if a user is not known: the server leaves such a one out without a word, so it is asked what
        it has kept. All other rights are as given then.
        """
    def delete_base_uri(self, base_uri: str) -> Awaitable[None]:
        """Takes a base URI away; for administrators."""
    def grant(self, username: str, base_uri: str, right: Right) -> Awaitable[None]:
        """Gives a user a right at a base URI; for administrators.
    
        A server of 0.22 has no single rights: all are read, changed and written, in which another administrator's change
        at the same moment can be lost.
        """
    def revoke(self, username: str, base_uri: str, right: Right) -> Awaitable[None]:
        """Takes a right from a user at a base URI; for administrators. As `grant`."""
    def versions(self) -> Awaitable[dict[str, str]]:
        """The versions of the server and of its plugins; any server tells them without a token."""
    def features(self) -> Awaitable[Features]:
        """What the server can do."""
    def config(self) -> Awaitable[dict[str, Any]]:
        """The server's configuration; secrets are left out by the server."""
    def health(self) -> Awaitable[dict[str, Any]]:
        """Whether the server and its parts are well, in its own words. For servers after 0.22."""
    def clear_cache(self) -> Awaitable[None]:
        """Forgets all answers that are kept: for all clients of this process, or for all that use the same file.
    
        Writes of one's own make old what they change by themselves; this is for what others have changed just now.
        """
    def api(self, operation_id: str, /, body: Any=None, **parameters: Any) -> Awaitable[Any]:
        """Any operation of the service by its id, as `whimbrel api` names it.
    
        `parameters` are those of its path, its query and its headers under the service's own names; of a list each value is
        sent, and `None` is none. A `body` is sent as JSON, or as it is if it is bytes. What comes is objects, if it is JSON,
        and bytes if not; an error raises.
    
        >>> from whimbrel import dserver
        >>> client = dserver.Client()
        >>> len(client.api("search_datasets", {"free_text": "simulation"}, page_size=1))
        1
        """
    @property
    def url(self) -> str: ...
    @property
    def submit(self) -> SubmitClient: ...

class Dataset(Record):
    """A dataset in the server's index. Two copies of one dataset have one UUID and two URIs.

    >>> from whimbrel import dserver
    >>> dataset = dserver.Client().search("tag:microscopy creator:emmy").first()
    >>> dataset.name, dataset.number_of_items, f"{dataset.created_at:%Y-%m-%d}"
    ('microscopy-run-05', 1, '2024-01-01')
    >>> dataset.readme().yaml()["temperature"]
    295
    """
    uri: str
    uuid: str
    name: str
    base_uri: str | None
    creator_username: str
    created_at: datetime | None
    frozen_at: datetime | None
    number_of_items: int | None
    size_in_bytes: int | None
    def readme(self) -> Awaitable[Readme]:
        """Its descriptive metadata: a text, with `.yaml()`."""
    def manifest(self) -> Awaitable[Manifest]:
        """Its items."""
    def tags(self) -> Awaitable[list[str]]:
        """Its tags."""
    def annotations(self) -> Awaitable[dict[str, Any]]:
        """Its annotations, exactly as the server gives them: 0.22 makes text of every value."""
    def graph(self, *, keys: Texts=()) -> Awaitable[Graph]:
        """Where it comes from, and what was made of it: all datasets that are connected with it.
    
        `keys` say where the UUIDs of other datasets stand, such as `"annotations.source_dataset_uuid"`; without any, the
        server's do.
        """
    def copies(self) -> AsyncListing[Dataset]:
        """Every copy of it that the user can see, this one among them."""
    def download(self, into: str | PathLike[str]='.', *, existing: Existing='refuse', jobs: int=8, progress: Progress=None) -> Awaitable[Downloaded]:
        """Fetches it into a folder of its own name below `into`; see `Client.download`."""
    def delete(self) -> Awaitable[None]:
        """Takes it out of the index; its content stays where it is. See `Client.delete`."""
    def replace_readme(self, text: str) -> Awaitable[None]:
        """Puts another text in place of its readme. For servers after 0.22."""
    def replace_tags(self, tags: Texts) -> Awaitable[None]:
        """Puts other tags in place of all that it has. For servers after 0.22."""
    def add_tag(self, tag: str) -> Awaitable[None]:
        """Adds a tag. For servers after 0.22."""
    def remove_tag(self, tag: str) -> Awaitable[None]:
        """Takes a tag away. For servers after 0.22."""
    def replace_annotations(self, annotations: Mapping[str, Any]) -> Awaitable[None]:
        """Puts other annotations in place of all that it has. For servers after 0.22."""
    def set_annotation(self, name: str, value: Any) -> Awaitable[None]:
        """Sets one annotation, to any JSON. For servers after 0.22."""
    def remove_annotation(self, name: str) -> Awaitable[None]:
        """Takes one annotation away. For servers after 0.22."""
    @property
    def submit(self) -> SubmitDataset: ...

class Graph(Record):
    """The datasets from which one was derived, those derived from it, and so on: all that are connected with it.

    In a notebook it is its drawing. `networkx.DiGraph(graph.edges)` makes a graph of networkx of it.

    >>> from whimbrel import dserver
    >>> dataset = dserver.Client().search("uuid:00000004-0000-4000-8000-000000000004").first()
    >>> graph = dataset.graph()
    >>> graph.derived_from(dataset.uuid)
    ['00000001-0000-4000-8000-000000000001']
    >>> graph.nodes[graph.derivatives(dataset.uuid)[0]].name
    'tribology-run-07'
    """
    root: str
    @property
    def nodes(self) -> dict[str, Dataset | None]:
        """Each dataset by its UUID; `None` for one that others name and that is not registered, or not for this user."""
    @property
    def edges(self) -> list[tuple[str, str]]:
        """Pairs of UUIDs: a dataset, and one that it was derived from."""
    def derived_from(self, uuid: str) -> list[str]:
        """The UUIDs of the datasets from which this one was derived."""
    def derivatives(self, uuid: str) -> list[str]:
        """The UUIDs of the datasets that were derived from this one."""
    def to_svg(self) -> str:
        """The drawing as a picture."""
    def to_html(self) -> str:
        """The drawing as a page of its own, in which the datasets' details are shown."""
    def to_dot(self) -> str:
        """The graph for Graphviz."""
    def to_mermaid(self) -> str:
        """The graph for Mermaid, which Markdown shows in many places."""
    def to_tree(self) -> str:
        """The graph as indented lines of text."""
    @property
    def submit(self) -> SubmitGraph: ...

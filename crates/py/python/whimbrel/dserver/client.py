"""The client of a dserver."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any

from .._client import Client as Base
from .._client import Settings, secret
from .._many import Many
from .._native import Dserver, Token
from .._progress import Progress
from .._record import Listing, Record, Records
from . import content
from ._asked import Named, Texts, checked, plain, question, texts, uri, uris
from .content import Downloaded, Existing, Uploaded, Verified
from .dataset import Dataset
from .graph import Graph
from .manifest import Manifest
from .readme import Readme
from .registration import Registration
from .server import Features
from .user import BaseUri, Right, Summary, User

if TYPE_CHECKING:
    from typing import Unpack

    from ._submit import SubmitClient


class Client(Base):
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

    _make = Dserver

    if TYPE_CHECKING:

        @property
        def submit(self) -> SubmitClient: ...

    def __init__(
        self,
        url: str | None = None,
        token: str | Token | None = None,
        *,
        token_generator_url: str | None = None,
        username: str | None = None,
        password: str | Token | None = None,
        interactive: bool = True,
        **settings: Unpack[Settings],
    ) -> None:
        # Nobody sees them in a traceback.
        token, password = secret(token), secret(password)
        super().__init__(url, token, dict(settings), token_generator_url, username, password, interactive)

    # Datasets that are looked for.

    def search(
        self,
        words: str | None = None,
        *,
        text: str | None = None,
        tags: Texts = (),
        creators: Texts = (),
        base_uris: Texts = (),
        uuids: Texts = (),
        sort: Texts = (),
    ) -> Listing[Dataset]:
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
        wanted = {
            "words": words,
            "text": text,
            "tags": texts(tags),
            "creators": texts(creators),
            "base_uris": texts(base_uris),
            "uuids": texts(uuids),
            "sort": texts(sort),
        }
        return self._list(self._native.search(wanted), self._of(Dataset))

    def query(self, query: Mapping[str, Any]) -> Listing[Dataset]:
        """The datasets that a query of MongoDB finds, sorted by nothing.

        Its fields are a dataset's and `readme`, `manifest`, `annotations`, `tags`; a readme is data there:
        `{"readme.owners.name": "Ada Lovelace", "readme.temperature": {"$gt": 300}}`.

        >>> from whimbrel import dserver
        >>> found = dserver.Client().query({"readme.temperature": {"$gt": 307}})
        >>> sorted(it.name for it in found)
        ['sequencing-run-18', 'tribology-run-19']
        """
        return self._list(self._native.query(question(query)), self._of(Dataset))

    def aggregate(self, stages: Iterable[Mapping[str, Any]]) -> Listing[Record]:
        """What a pipeline of MongoDB makes of the datasets.

        The server leaves out each row's `_id`: a `$project` gives what is grouped by another name. It computes the whole
        anew for each page of 100 rows: sort by what is unique. Raises `NotFoundError` where the server does not offer it,
        as by default.
        """
        return self._list(self._native.aggregate(question(list(stages))), Record)

    def copies(self, uuid: str) -> Listing[Dataset]:
        """Every copy of the dataset of this UUID that the user can see."""
        return self._list(self._native.copies(uuid), self._of(Dataset))

    # One dataset. It is named by its URI, or by what a search gave.

    def dataset(self, uri: str) -> Dataset:
        """The dataset at this URI.

        Raises `ForbiddenError` for a base URI that the user can't search; 0.22 says the same of one that nobody
        registered.
        """
        return self._call(self._native.dataset(checked(uri)), self._of(Dataset))

    def lookup(self, uuid: str) -> Records[Dataset]:
        """Where the dataset of this UUID is, one entry a copy, at least one. Raises `NotFoundError` if the user can see none."""
        return self._call(self._native.lookup(uuid), self._records(Dataset))

    def find(self, dataset: str) -> Records[Dataset]:
        """The copies of a dataset by its UUID, by the URI of one, or by an address `dserver://host/...`; at least one."""
        return self._call(self._native.find(dataset), self._records(Dataset))

    def readme(self, dataset: Named) -> Readme:
        """The descriptive metadata of a dataset: a text, with `.yaml()`."""
        return self._call(self._native.readme(uri(dataset)), Readme)

    def manifest(self, dataset: Named) -> Manifest:
        """The items of a dataset."""
        return self._call(self._native.manifest(uri(dataset)), Manifest)

    def tags(self, dataset: Named) -> list[str]:
        """The tags of a dataset."""
        return self._call(self._native.tags(uri(dataset)))

    def annotations(self, dataset: Named) -> dict[str, Any]:
        """The annotations of a dataset, exactly as the server gives them.

        0.22 makes text of every value (of `{"a": 1}` Python's `"{'a': 1}"`), later releases give JSON.
        """
        return self._call(self._native.annotations(uri(dataset)))

    def graph(self, uuid: str | Dataset, *, keys: Texts = ()) -> Graph:
        """Where the dataset of this UUID comes from, and what was made of it: all datasets that are connected with it.

        `keys` say where the UUIDs of other datasets stand, such as `"annotations.source_dataset_uuid"`; without any, the
        server's do (most often `readme.derived_from.uuid`).
        """
        uuid = uuid if isinstance(uuid, str) else uuid["uuid"]
        return self._call(self._native.graph(uuid, texts(keys)), self._of(Graph))

    # The same of many, at once.

    def readmes(self, datasets: Iterable[Named], *, limit: int = 16) -> Many[Readme]:
        """The readmes of many datasets: pairs of a URI, and its readme or its error, as they arrive.

        One that fails does not fail the others. `limit` are asked for at once, and no more than the client's
        `requests_at_once`. `all()` gives them by URI.

        >>> from whimbrel import dserver, errors
        >>> client = dserver.Client()
        >>> for uri, readme in client.readmes(client.search("tag:tribology"), limit=32):
        ...     if not isinstance(readme, errors.Error):
        ...         assert readme.yaml()["project"] == "tribology campaign"
        """
        names = uris(datasets)
        return self._many(self._native.readmes(names, limit), names, Readme)

    def manifests(self, datasets: Iterable[Named], *, limit: int = 16) -> Many[Manifest]:
        """The items of many datasets; as `readmes`."""
        names = uris(datasets)
        return self._many(self._native.manifests(names, limit), names, Manifest)

    def annotations_of_many(self, datasets: Iterable[Named], *, limit: int = 16) -> Many[dict[str, Any]]:
        """The annotations of many datasets; as `readmes`."""
        names = uris(datasets)
        return self._many(self._native.annotations_of_many(names, limit), names, dict)

    def tags_of_many(self, datasets: Iterable[Named], *, limit: int = 16) -> Many[list[str]]:
        """The tags of many datasets; as `readmes`."""
        names = uris(datasets)
        return self._many(self._native.tags_of_many(names, limit), names, list)

    # Content.

    def download(
        self,
        dataset: Named,
        into: str | PathLike[str] = ".",
        *,
        existing: Existing = "refuse",
        jobs: int = 8,
        progress: Progress = None,
    ) -> Downloaded:
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
        return self._call(content.download(self._native, dataset, into, existing, jobs, progress), Downloaded)

    def upload(
        self, folder: str | PathLike[str], base_uri: str, *, jobs: int = 8, progress: Progress = None
    ) -> Uploaded:
        """Sends the frozen dataset of a folder to a base URI, by links that the server signs, and registers it there.

        It is registered only when all of it is there; the same call goes on with what was cut short. Raises
        `ConflictError` if it is there already, and for a folder that is not what its manifest says.
        """
        return self._call(content.upload(self._native, folder, base_uri, jobs, progress), Uploaded)

    def verify(
        self, folder: str | PathLike[str], *, against: Named | None = None, jobs: int = 8
    ) -> Verified:
        """Compares the items of a dataset's folder with its own manifest, or with the server's (`against` its URI or UUID).

        Each is hashed. What it gives is true if all is whole.
        """
        known = None if against is None else uri(against)
        return self._call(self._native.verify(fspath(folder), known, jobs), Verified)

    # Datasets, registered and described.

    def register(self, dataset: Registration) -> None:
        """Puts a dataset into the index, in place of what is there under its URI. Its content is where it is."""
        return self._call(self._native.register(plain(dataset)))

    def register_from(self, source: str | PathLike[str], *, base_uri: str | None = None) -> str:
        """Puts a dataset into the index with what is told of it where it lies: a folder here, or a URI. Gives its URI.

        Another machine may call the same place by another name: with `base_uri` it is registered there.
        """
        return self._call(self._native.register_from(fspath(source), base_uri))

    def delete(self, dataset: Named) -> None:
        """Takes a dataset out of the index; its content stays where it is.

        A server of version 0.22 forgets it only in `dataset`, `lookup` and the summary: searches, readme, manifest, tags
        and annotations still answer.
        """
        return self._call(self._native.delete(uri(dataset)))

    def replace_readme(self, dataset: Named, text: str) -> None:
        """Puts another text in place of a readme. For servers after 0.22."""
        return self._call(self._native.replace_readme(uri(dataset), text))

    def replace_tags(self, dataset: Named, tags: Texts) -> None:
        """Puts other tags in place of all that a dataset has. For servers after 0.22."""
        return self._call(self._native.replace_tags(uri(dataset), texts(tags)))

    def add_tag(self, dataset: Named, tag: str) -> None:
        """Adds a tag. For servers after 0.22."""
        return self._call(self._native.add_tag(uri(dataset), tag))

    def remove_tag(self, dataset: Named, tag: str) -> None:
        """Takes a tag away. For servers after 0.22."""
        return self._call(self._native.remove_tag(uri(dataset), tag))

    def replace_annotations(self, dataset: Named, annotations: Mapping[str, Any]) -> None:
        """Puts other annotations in place of all that a dataset has. For servers after 0.22."""
        return self._call(self._native.replace_annotations(uri(dataset), plain(annotations)))

    def set_annotation(self, dataset: Named, name: str, value: Any) -> None:
        """Sets one annotation, to any JSON. For servers after 0.22."""
        return self._call(self._native.set_annotation(uri(dataset), name, plain(value)))

    def remove_annotation(self, dataset: Named, name: str) -> None:
        """Takes one annotation away. For servers after 0.22."""
        return self._call(self._native.remove_annotation(uri(dataset), name))

    # Users, and what they may do.

    def me(self) -> User:
        """The user whose token this is."""
        return self._call(self._native.me(), User)

    def summary(self) -> Summary:
        """Counts over all datasets that the user can see.

        A server of version 0.22 fails with 500 if one of them was registered without its size.
        """
        return self._call(self._native.summary(), Summary)

    def summary_of(self, username: str) -> Summary:
        """The same for another user; for administrators."""
        return self._call(self._native.summary_of(username), Summary)

    def users(self) -> Listing[User]:
        """All users; for administrators."""
        return self._list(self._native.users(), User)

    def user(self, username: str) -> User:
        """One user with its rights: oneself, or any for administrators."""
        return self._call(self._native.user(username), User)

    def register_user(self, username: str, *, is_admin: bool = False) -> None:
        """Makes a user known, or says anew whether it is an administrator; for administrators."""
        return self._call(self._native.register_user(username, is_admin))

    def delete_user(self, username: str) -> None:
        """Takes a user and its rights away; for administrators."""
        return self._call(self._native.delete_user(username))

    def rename_me(self, display_name: str) -> User:
        """Gives the own user another name for people. For servers after 0.22."""
        return self._call(self._native.rename_me(display_name), User)

    def rename_user(self, username: str, display_name: str) -> User:
        """Gives a user another name for people; for administrators. For servers after 0.22."""
        return self._call(self._native.rename_user(username, display_name), User)

    def base_uris(self) -> Listing[BaseUri]:
        """All base URIs; for administrators."""
        return self._list(self._native.base_uris(), BaseUri)

    def base_uri(self, base_uri: str) -> BaseUri:
        """One base URI with its rights; for administrators."""
        return self._call(self._native.base_uri(base_uri), BaseUri)

    def register_base_uri(self, base_uri: str, *, may_search: Texts = (), may_register: Texts = ()) -> None:
        """Makes a base URI known, or replaces all its rights; for administrators. `grant` and `revoke` change one right.

        Raises `NotFoundError` if a user is not known: the server leaves such a one out without a word, so it is asked what
        it has kept. All other rights are as given then.
        """
        return self._call(self._native.register_base_uri(base_uri, texts(may_search), texts(may_register)))

    def delete_base_uri(self, base_uri: str) -> None:
        """Takes a base URI away; for administrators."""
        return self._call(self._native.delete_base_uri(base_uri))

    def grant(self, username: str, base_uri: str, right: Right) -> None:
        """Gives a user a right at a base URI; for administrators.

        A server of 0.22 has no single rights: all are read, changed and written, in which another administrator's change
        at the same moment can be lost.
        """
        return self._call(self._native.grant(username, base_uri, right))

    def revoke(self, username: str, base_uri: str, right: Right) -> None:
        """Takes a right from a user at a base URI; for administrators. As `grant`."""
        return self._call(self._native.revoke(username, base_uri, right))

    # The server itself.

    def versions(self) -> dict[str, str]:
        """The versions of the server and of its plugins; any server tells them without a token."""
        return self._call(self._native.versions())

    def features(self) -> Features:
        """What the server can do."""
        return self._call(self._native.features(), Features)

    def config(self) -> dict[str, Any]:
        """The server's configuration; secrets are left out by the server."""
        return self._call(self._native.config())

    def health(self) -> dict[str, Any]:
        """Whether the server and its parts are well, in its own words. For servers after 0.22."""
        return self._call(self._native.health())

"""No secret of Coscine's is shown, kept or sent where it is not for."""

from __future__ import annotations

import pickle
import traceback

import pytest
from services import Sandbox
from whimbrel import coscine, errors


def test_a_token_is_in_nothing_that_is_shown_or_kept(sandbox: Sandbox) -> None:
    token = sandbox.environment["COSCINE_API_TOKEN"]
    client = coscine.Client(sandbox.coscine_url, token)
    project = client.project("Demo")
    resource = project.resource("Bucket")
    things = [client, client.submit, project, resource, client.me(), resource.file("a"), resource.form()]
    for thing in [*things, *client.tokens(), *project.members(), *resource.files(recursive=True)]:
        shown = f"{thing!r} {thing!s} {getattr(thing, '_repr_html_', str)()} {vars(type(thing))}"
        assert token not in shown
        assert token.encode() not in pickle.dumps(thing)
    listing = resource.files()
    assert token not in f"{listing!r} {vars(listing)}"


def test_a_token_is_in_no_traceback(sandbox: Sandbox) -> None:
    canary = "canary-1234567890"
    client = coscine.Client(sandbox.coscine_url, canary)
    with pytest.raises(errors.AuthenticationError) as raised:
        client.project("Demo")
    assert canary not in _told(raised.value) and raised.value.status == 401
    with pytest.raises(errors.Error) as wrong:
        coscine.Client("no address", canary)
    assert canary not in _told(wrong.value)


def _told(error: BaseException) -> str:
    """All that a traceback with local variables tells of our own frames."""
    frames = [(frame, line) for frame, line in traceback.walk_tb(error.__traceback__)]
    ours = [it for it in frames if it[0].f_code.co_filename != __file__]
    assert ours
    return "".join(traceback.StackSummary.extract(iter(ours), capture_locals=True).format()) + f"{error!r} {vars(error)}"


def test_the_environments_token_goes_to_the_environments_server_only(sandbox: Sandbox) -> None:
    with pytest.raises(errors.AuthenticationError, match="goes nowhere else"):
        coscine.Client("https://coscine.example.org/coscine")


def test_a_new_token_is_told_once_to_who_asks(sandbox: Sandbox) -> None:
    client = coscine.Client()
    made, secret = client.create_token("laptop", 7)
    try:
        assert coscine.Client(token=secret.reveal()).me().id == client.me().id
        assert secret.reveal() not in f"{made!r} {secret!r} {made.to_dict()}"
        with pytest.raises(TypeError):
            pickle.dumps(secret)
        assert client.token("laptop") == client.token(made.id)
    finally:
        made.revoke()
    with pytest.raises(errors.AuthenticationError):
        coscine.Client(token=secret.reveal(), cache="off").me()


def test_a_listing_keeps_no_links_to_content(sandbox: Sandbox) -> None:
    # Who has one has the file.
    for name in ("Files", "Bucket"):
        resource = coscine.Client().project("Demo").resource(name)
        for file in resource.files(recursive=True):
            assert "actions" not in file and "://" not in str(file.to_dict())
        assert "options" not in resource["type"]

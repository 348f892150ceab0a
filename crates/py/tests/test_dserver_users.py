"""Users, base URIs and rights; for administrators."""

from __future__ import annotations

import pytest
from services import Sandbox

from whimbrel import dserver, errors

BASE = "file://localhost/dtool/base1"


@pytest.fixture
def admin(sandbox: Sandbox) -> dserver.Client:
    return dserver.Client(token=sandbox.tokens["DSERVER_TOKEN"]["admin"], cache="off")


def test_everybody_knows_who_they_are_and_what_they_can_see(sandbox: Sandbox, admin: dserver.Client) -> None:
    client = dserver.Client(cache="off")
    assert client.me().username == "testuser" and not client.me().is_admin and admin.me().is_admin
    assert client.user("testuser").register_permissions_on_base_uris == [BASE]
    assert client.summary().number_of_datasets >= 20 and client.summary().datasets_per_tag["simulation"] == 5
    assert admin.summary_of("nobody").number_of_datasets == 0
    with pytest.raises(errors.ForbiddenError):
        client.users().all()


def test_users_and_rights_are_changed_without_losing_others(admin: dserver.Client) -> None:
    place = "s3://rights"
    admin.register_user("zoe", is_admin=True)
    assert admin.user("zoe").is_admin and "zoe" in [it.username for it in admin.users()]
    admin.register_base_uri(place, may_search=["admin", "testuser"], may_register="admin")
    admin.grant("zoe", place, "search")
    admin.revoke("testuser", place, "search")
    assert admin.base_uri(place).users_with_search_permissions == ["admin", "zoe"]
    assert place in [it.base_uri for it in admin.base_uris()]
    with pytest.raises(errors.NotFoundError, match="does not know the user nemo"):
        admin.register_base_uri(place, may_search=["admin", "nemo"])
    with pytest.raises(errors.InvalidError, match="search or register"):
        admin.grant("zoe", place, "read")  # type: ignore[arg-type]
    admin.delete_base_uri(place)
    admin.delete_user("zoe")
    assert "zoe" not in [it.username for it in admin.users()]


def test_the_server_tells_what_it_is(sandbox: Sandbox) -> None:
    client = dserver.Client()
    assert client.versions()["dservercore"] == "0.22.0" and client.config()
    features = client.features()
    assert features.has("graph") and not features.has("signed-urls") and "health" in features.missing
    with pytest.raises(errors.NotFoundError, match="after 0.22"):
        client.health()


def test_a_user_without_rights_finds_nothing(sandbox: Sandbox) -> None:
    nobody = dserver.Client(token=sandbox.tokens["DSERVER_TOKEN"]["nobody"], cache="off")
    assert nobody.search().all() == [] and nobody.search().first() is None

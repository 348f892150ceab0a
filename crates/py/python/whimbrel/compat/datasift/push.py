"""Subscriptions: what a stream or a query finds, delivered."""

from __future__ import annotations

from typing import Any

from .request import Request, given


class Push:
    """`client.push`."""

    def __init__(self, request: Request) -> None:
        self._request = request

    def validate(self, output_type: str, output_params: dict[str, Any]) -> Any:
        """Checks where something would be delivered."""
        return self._request.post("validate_push", {"output_type": output_type, "output_params": output_params})

    def _create(
        self, source: dict[str, str], name: str, output_type: str, output_params: dict[str, Any], options: dict[str, Any]
    ) -> Any:
        body = {"name": name, "output_type": output_type, "output_params": output_params}
        return self._request.post("create_push", body | source | options)

    def create_from_hash(
        self,
        stream: str,
        name: str,
        output_type: str,
        output_params: dict[str, Any],
        initial_status: str | None = None,
        start: int | None = None,
        end: int | None = None,
    ) -> Any:
        """Subscribes to a live stream; `start` and `end` are seconds since 1970."""
        options = given(initial_status=initial_status, start=start, end=end)
        return self._create({"hash": stream}, name, output_type, output_params, options)

    def create_from_historics(
        self,
        historics_id: str,
        name: str,
        output_type: str,
        output_params: dict[str, Any],
        initial_status: str | None = None,
        start: int | None = None,
        end: int | None = None,
    ) -> Any:
        """Subscribes to what a query of the archive finds."""
        options = given(initial_status=initial_status, start=start, end=end)
        return self._create({"historics_id": historics_id}, name, output_type, output_params, options)

    create = create_from_historics

    def pause(self, subscription_id: str) -> Any:
        """Has a subscription pause; what is found in the next hour waits."""
        return self._request.post("pause_push", {"id": subscription_id})

    def resume(self, subscription_id: str) -> Any:
        """Has a subscription go on."""
        return self._request.post("resume_push", {"id": subscription_id})

    def update(self, subscription_id: str, output_params: dict[str, Any], name: str | None = None) -> Any:
        """Changes where, and under which name."""
        return self._request.post("update_push", {"id": subscription_id, "output_params": output_params} | given(name=name))

    def stop(self, subscription_id: str) -> Any:
        """Ends a subscription once all is delivered."""
        return self._request.post("stop_push", {"id": subscription_id})

    def delete(self, subscription_id: str) -> Any:
        """Deletes a subscription, delivered or not."""
        return self._request.post("delete_push", {"id": subscription_id})

    def log(
        self,
        subscription_id: str | None = None,
        page: int | None = None,
        per_page: int | None = None,
        order_by: str | None = None,
        order_dir: str | None = None,
    ) -> Any:
        """A page of what has happened to a subscription, or to all."""
        options = given(id=subscription_id, page=page, per_page=per_page, order_by=order_by, order_dir=order_dir)
        return self._request.get("list_push_log", **options)

    def get(
        self,
        subscription_id: str | None = None,
        stream: str | None = None,
        historics_id: str | None = None,
        page: int | None = None,
        per_page: int | None = None,
        order_by: str | None = None,
        order_dir: str | None = None,
        include_finished: Any = None,
    ) -> Any:
        """One subscription, or a page of all, of a stream's or of a query's."""
        options = given(
            id=subscription_id,
            hash=stream,
            historics_id=historics_id,
            page=page,
            per_page=per_page,
            order_by=order_by,
            order_dir=order_dir,
        )
        if include_finished is not None:
            options["include_finished"] = 1 if include_finished else 0
        return self._request.get("list_push", **options)

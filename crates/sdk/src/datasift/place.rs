//! A request goes where its operation is, whatever its ids are.

use middleware::{
    Error, Operation, Request,
    layer::{Around, Next},
};
use tower::ServiceExt as _;

/// Refuses a request whose path is not its operation's. No way of writing an id of `..` keeps a URL from taking it as a step
/// upwards, and an empty one leaves a list: the deletion of a token would be that of its identity.
#[derive(Clone, Copy, Debug)]
pub(super) struct InPlace;

impl Around for InPlace {
    async fn around<S: Next>(self, next: S, request: Request) -> middleware::Result {
        match Operation::of(&request) {
            Some(operation) if !is_in_place(operation.path, request.uri().path()) => {
                Err(Error::invalid("an id or a name in its path is empty, `.` or `..`, and none is"))
            }
            _ => next.oneshot(request).await,
        }
    }
}

/// Whether a path ends as the template does, with something in each of its places.
fn is_in_place(template: &str, path: &str) -> bool {
    let mut path = path.rsplit('/');
    template.rsplit('/').filter(|it| !it.is_empty()).all(|wanted| match path.next() {
        Some("" | "." | "..") | None => false,
        Some(segment) => wanted.starts_with('{') || segment == wanted,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_went_up_or_has_an_empty_place_is_none_of_its_operation() {
        let token = "/account/identity/{identity_id}/token/{service}";
        assert!(is_in_place(token, "/v1.6/account/identity/a/token/facebook"));
        assert!(is_in_place(token, "/account/identity/a%2Fb/token/..."));
        assert!(is_in_place("/{source_id}", "/a") && is_in_place("/pull", "/v1.6/pull"));
        for wrong in [
            "/v1.6/account/identity/a/",
            "/v1.6/account/identity/a/token/",
            "/v1.6/account/identity//token/b",
            "/v1.6/account/token/b",
            "/v1.6/account/identity/a/token/..",
        ] {
            assert!(!is_in_place(token, wrong), "{wrong}");
        }
        assert!(!is_in_place("/{source_id}", "/"));
    }
}

//! A request goes where its operation is, whatever its ids are.

use middleware::{
    Error, Operation, Request,
    layer::{Around, Next},
};
use tower::ServiceExt as _;

/// Refuses a request whose path is not its operation's. No way of writing an id of `..` keeps a URL from taking it as a step
/// upwards, and an empty one leaves a list: the deletion of a token would be that of its identity.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InPlace;

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

/// Whether a path ends as the template does, with something in each of its places; the path of a file is several segments.
fn is_in_place(template: &str, path: &str) -> bool {
    if !template.contains('{') {
        return true;
    }
    let (mut places, mut segments) = (template.rsplit('/'), path.rsplit('/'));
    // As nearly all are: a segment a place.
    let is_plain = places.all(|wanted| match segments.next() {
        Some("" | "." | "..") | None => wanted.is_empty(),
        Some(segment) => wanted.starts_with('{') || wanted.is_empty() || segment == wanted,
    });
    is_plain || ends(&template.split('/').skip(1).collect::<Vec<_>>(), &path.split('/').collect::<Vec<_>>())
}

fn ends(template: &[&str], path: &[&str]) -> bool {
    let Some((wanted, before)) = template.split_last() else { return true };
    let is_named = |segment: &&str| !matches!(*segment, "" | "." | "..");
    if wanted.starts_with('{') {
        let named = path.iter().rev().take_while(|it| is_named(it)).count();
        return (1..=named).any(|n| ends(before, &path[..path.len() - n]));
    }
    path.split_last().is_some_and(|(last, rest)| last == wanted && ends(before, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Kind, dserver};

    #[tokio::test]
    async fn what_would_go_elsewhere_is_not_sent() {
        let client = dserver::Client::builder().url("http://127.0.0.1:1").build().unwrap();
        for name in ["..", ".", ""] {
            assert_eq!(client.delete_user(name).await.unwrap_err().kind(), Kind::Invalid, "{name:?}");
        }
    }

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
        let member = "/api/v2/projects/{projectId}/members/{membershipId}";
        assert!(is_in_place(member, "/coscine/api/v2/projects/p/members/m"));
        assert!(
            !is_in_place(member, "/coscine/api/v2/projects/p/")
                && !is_in_place(member, "/coscine/api/v2/projects/p/members/")
        );
    }

    #[test]
    fn the_path_of_a_file_is_several_segments() {
        let file = "/resources/{resourceId}/files/{encodedPath}/content";
        assert!(is_in_place(file, "/v2/resources/r/files/a/b/c/content"));
        assert!(is_in_place(file, "/v2/resources/r/files/content/content"));
        assert!(
            !is_in_place(file, "/v2/resources/r/files/content") && !is_in_place(file, "/v2/resources/r/files//content")
        );
    }
}

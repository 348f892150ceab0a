//! Where tokens come from: the classic generator, and those of the LDAP and OAuth2 plugins, on a port of their own.

use std::{sync::Arc, time::Duration};

use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Limited};
use serde_json::{Value, json};

use super::{LARGEST_BODY, PASSWORD, answer, token::Issuer};
use crate::{
    Body,
    answer::Answer,
    server::{Serves, Side},
};

/// What a plan of faults and the report call its routes.
pub(crate) const OPERATIONS: [&str; 5] =
    ["generate_token", "generate_token_ldap", "get_token", "refresh_token", "verify_token"];

/// A user's name and [`PASSWORD`] for a token; who has a good token may have another. Any name is taken: whether its owner
/// is known is dserver's business.
pub(crate) struct TokenGenerator {
    issuer: Arc<Issuer>,
    /// How long its tokens are good, in whole seconds.
    life: Duration,
}

impl TokenGenerator {
    pub fn new(issuer: Arc<Issuer>, life: Duration) -> Self {
        Self { issuer, life }
    }

    async fn call(&self, request: Request<Body>) -> Answer {
        let operation = self.operation(request.method(), request.uri().path());
        let (parts, body) = request.into_parts();
        let body = Limited::new(body, LARGEST_BODY).collect().await;
        let body = body.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        // The classic one reads JSON whatever the header says.
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        let life = parts.uri.query().and_then(|it| it.strip_prefix("seconds=")?.parse().ok());
        let life = life.map_or(self.life, Duration::from_secs);
        let token = |user: &str| self.issuer.issue(user, life);
        match operation {
            "generate_token" => match authenticated(&body) {
                Some(user) => answer::ok(&json!({ "token": token(user) })),
                None => answer::json(StatusCode::UNAUTHORIZED, &json!({ "error": "invalid credentials" })),
            },
            "generate_token_ldap" => match authenticated(&body) {
                Some(user) => answer::ok(&json!({ "token": token(user), "username": user, "token_type": "bearer" })),
                None => answer::message(StatusCode::UNAUTHORIZED, "Invalid username or password"),
            },
            "get_token" => match self.issuer.identity(&parts.headers) {
                Err(refused) => refused,
                Ok(user) => answer::ok(&json!({ "token": token(&user), "username": user, "token_type": "Bearer" })),
            },
            // The plugin for OAuth2 takes the token in the body, and has words of its own.
            "refresh_token" | "verify_token" => match body["token"].as_str() {
                None => answer::json(StatusCode::BAD_REQUEST, &json!({ "error": "Missing token" })),
                Some(old) => match self.issuer.verify(old) {
                    Err(_) => answer::json(StatusCode::UNAUTHORIZED, &json!({ "error": "Invalid or expired token" })),
                    Ok(user) if operation == "verify_token" => {
                        answer::ok(&json!({ "valid": true, "claims": { "sub": user } }))
                    }
                    Ok(user) => answer::ok(&json!({ "token": token(&user), "token_type": "Bearer" })),
                },
            },
            // As Flask says where only another method is known.
            _ if ["/token", "/auth/ldap/token", "/auth/refresh", "/auth/verify"].contains(&parts.uri.path()) => {
                answer::problem(StatusCode::METHOD_NOT_ALLOWED)
            }
            _ => answer::problem(StatusCode::NOT_FOUND),
        }
    }
}

fn authenticated(body: &Value) -> Option<&str> {
    body["username"].as_str().filter(|user| !user.is_empty() && body["password"] == PASSWORD)
}

impl Serves for TokenGenerator {
    const SIDE: Side = Side::Tokens;

    fn operation(&self, method: &Method, path: &str) -> &'static str {
        match (method, path) {
            (&Method::POST, "/token") => "generate_token",
            (&Method::POST, "/auth/ldap/token") => "generate_token_ldap",
            (&Method::GET | &Method::POST, "/auth/token") => "get_token",
            (&Method::POST, "/auth/refresh") => "refresh_token",
            (&Method::POST, "/auth/verify") => "verify_token",
            _ => "unknown",
        }
    }

    async fn serve(&self, request: Request<Body>) -> Answer {
        let mut answer = self.call(request).await;
        answer.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
        answer
    }

    fn unauthorized(&self) -> Answer {
        answer::json(StatusCode::UNAUTHORIZED, &json!({ "error": "invalid credentials" }))
    }
}

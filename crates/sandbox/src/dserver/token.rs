//! Tokens as dserver takes them: JWTs that say to be RS256. The signature is a keyed hash of the length of one, so that
//! no key has to be made and nobody else's token is good.

use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::Utc;
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};

use super::{Refused, answer::told};

pub(crate) const YEAR: Duration = Duration::from_secs(365 * 86_400);

/// Bytes of an RSA signature with a key of 2048 bits.
const SIGNATURE: usize = 256;

/// Makes tokens and knows its own again.
pub(crate) struct Issuer {
    key: [u8; 32],
}

impl Issuer {
    pub fn new() -> Self {
        let mut key = [0; 32];
        key.fill_with(|| fastrand::u8(..));
        Self { key }
    }

    /// A token of this user, good for so long, in whole seconds.
    pub fn issue(&self, user: &str, life: Duration) -> String {
        let now = Utc::now().timestamp();
        let claims = json!({
            "fresh": false, "iat": now, "jti": format!("{:032x}", fastrand::u128(..)), "type": "access", "sub": user,
            "nbf": now, "exp": now + life.as_secs() as i64,
        });
        let part = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let signed = format!("{}.{}", part(br#"{"alg":"RS256","typ":"JWT"}"#), part(claims.to_string().as_bytes()));
        format!("{signed}.{}", part(&self.signature(&signed)))
    }

    fn signature(&self, signed: &str) -> [u8; SIGNATURE] {
        let mut signature = [0; SIGNATURE];
        blake3::Hasher::new_keyed(&self.key).update(signed.as_bytes()).finalize_xof().fill(&mut signature);
        signature
    }

    /// Whose token these headers hold; refused in flask-jwt-extended's words.
    pub fn identity(&self, headers: &HeaderMap) -> Refused<String> {
        let Some(given) = headers.get(header::AUTHORIZATION).filter(|it| !it.is_empty()) else {
            return Err(told(StatusCode::UNAUTHORIZED, "Missing Authorization Header"));
        };
        let mut words = given.to_str().unwrap_or_default().split_whitespace();
        let expected = "Expected 'Authorization: Bearer <JWT>'";
        if words.next() != Some("Bearer") {
            let message = format!("Missing 'Bearer' type in 'Authorization' header. {expected}");
            return Err(told(StatusCode::UNAUTHORIZED, &message));
        }
        match (words.next(), words.next()) {
            (Some(token), None) => self.verify(token),
            _ => Err(told(StatusCode::UNPROCESSABLE_ENTITY, &format!("Bad Authorization header. {expected}"))),
        }
    }

    /// Whose token it is.
    pub fn verify(&self, token: &str) -> Refused<String> {
        let malformed = |message: &str| told(StatusCode::UNPROCESSABLE_ENTITY, message);
        let Some((signed, signature)) = token.rsplit_once('.').filter(|(signed, _)| signed.contains('.')) else {
            return Err(malformed("Not enough segments"));
        };
        let decode = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).ok();
        let (head, claims) = signed.split_once('.').unwrap_or_default();
        if decode(head).and_then(|it| serde_json::from_slice::<Value>(&it).ok()).is_none() {
            return Err(malformed("Invalid header padding"));
        }
        if decode(signature).is_none_or(|it| it != self.signature(signed)) {
            return Err(malformed("Signature verification failed"));
        }
        let claims = decode(claims).and_then(|it| serde_json::from_slice::<Value>(&it).ok()).unwrap_or_default();
        match (claims["sub"].as_str(), claims["exp"].as_i64()) {
            (Some(user), Some(expires)) if expires > Utc::now().timestamp() => Ok(user.to_owned()),
            _ => Err(told(StatusCode::UNAUTHORIZED, "Token has expired")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_own_tokens_are_good_and_only_for_their_time() {
        let (issuer, other) = (Issuer::new(), Issuer::new());
        let token = issuer.issue("ada", Duration::from_secs(60));
        assert_eq!(issuer.verify(&token).ok().as_deref(), Some("ada"));
        assert_eq!(token.split('.').nth(2).map(str::len), Some(342), "as long as RS256's");
        let refused = |token: &str, by: &Issuer| by.verify(token).unwrap_err().status().as_u16();
        assert_eq!(refused(&token, &other), 422);
        assert_eq!(refused("abc", &issuer), 422);
        assert_eq!(refused(&issuer.issue("ada", Duration::ZERO), &issuer), 401);
        let renamed = token.replace(token.split('.').nth(1).unwrap(), &BASE64_URL_SAFE_NO_PAD.encode("{}"));
        assert_eq!(refused(&renamed, &issuer), 422);
    }
}

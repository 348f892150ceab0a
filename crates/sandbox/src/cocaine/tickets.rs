//! Tickets, by which services know who calls: given by `tvm`, good for a while, demanded where a test wants them to be.

use std::time::{Duration, Instant};

use super::services::Refusal;

/// Who gets tickets.
pub const CLIENT: u64 = 42;
/// By this.
pub const SECRET: &str = "secret-of-the-sandbox";

/// Of errors about who calls.
const SECURITY: u64 = 9;
const TOKEN_NOT_FOUND: i64 = 1;
const UNAUTHORIZED: i64 = 2;

/// Those that were given.
#[derive(Default)]
pub struct Tickets {
    /// How long each is good, where they are demanded.
    demanded: Option<Duration>,
    given: u64,
    good: Vec<(Vec<u8>, Instant)>,
}

impl Tickets {
    pub fn demand(&mut self, good_for: Duration) {
        self.demanded = Some(good_for);
    }

    pub fn expire(&mut self) {
        self.good.clear();
    }

    /// One for who has the secret.
    pub fn give(&mut self, client: u64, secret: &[u8], grant: &[u8]) -> Result<Vec<u8>, Refusal> {
        if (client, secret, grant) != (CLIENT, SECRET.as_bytes(), b"client_credentials") {
            return Err(Refusal(SECURITY, UNAUTHORIZED, format!("client {client} is not authorized")));
        }
        Ok(self.another())
    }

    /// One in place of another that is still good.
    pub fn renew(&mut self, old: &[u8]) -> Result<Vec<u8>, Refusal> {
        self.check(old)?;
        Ok(self.another())
    }

    fn another(&mut self) -> Vec<u8> {
        self.given += 1;
        let ticket = format!("3:serv:{}", self.given).into_bytes();
        self.good.push((ticket.clone(), Instant::now()));
        ticket
    }

    fn check(&self, ticket: &[u8]) -> Result<(), Refusal> {
        let good_for = self.demanded.unwrap_or(Duration::MAX);
        let is_good = self.good.iter().any(|(it, given)| it == ticket && given.elapsed() < good_for);
        match is_good {
            true => Ok(()),
            false => Err(Refusal(SECURITY, UNAUTHORIZED, "unauthorized".to_owned())),
        }
    }

    /// Why this header is refused, where tickets are demanded.
    pub fn refuses(&self, authorization: Option<&[u8]>) -> Option<Refusal> {
        self.demanded?;
        let ticket = authorization.and_then(|it| it.strip_prefix(b"TVM "));
        match ticket {
            Some(ticket) => self.check(ticket).err(),
            None => Some(Refusal(SECURITY, TOKEN_NOT_FOUND, "token not found".to_owned())),
        }
    }
}

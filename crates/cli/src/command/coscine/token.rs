use serde_json::json;
use whimbrel::secrecy::ExposeSecret as _;

use super::Session;
use crate::{args::coscine::Token, exit::Done, output::Column};

const TOKEN: [Column; 4] = [("name", "/name"), ("created", "/creationDate"), ("expires", "/expiryDate"), ("id", "/id")];

pub(super) async fn run(at: Session<'_>, command: Token) -> Done {
    let tokens = at.client.tokens();
    match command {
        Token::List(limit) => at.output.list(tokens, &TOKEN, limit).await,
        Token::Show { token } => at.output.thing(tokens.find(&token).await?),
        Token::Create { name, days } => {
            let (token, secret) = at.client.create_token(&name, days).await?;
            let until = token.details().expiry_date.as_deref().unwrap_or("nobody knows when");
            at.output.note(format!("the token {name:?} is good until {until}; keep it, it is told only now"));
            if at.output.is_table() {
                // Alone, so that it can go into a file.
                return at.output.plain(format!("{}\n", secret.expose_secret()).as_bytes());
            }
            let mut shown = json!(token.details());
            shown["token"] = secret.expose_secret().into();
            at.output.thing(shown)
        }
        Token::Revoke { token, sure } => {
            let token = tokens.find(&token).await?;
            let deed = format!("end the life of the token {:?} ({})", token.name(), token.id());
            at.undoable(sure, &deed, token.revoke()).await
        }
    }
}

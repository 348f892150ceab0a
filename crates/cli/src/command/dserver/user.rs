use super::Session;
use crate::{args::Limit, exit::Done, output::Column};

const USER: [Column; 3] = [("name", "/username"), ("display name", "/display_name"), ("admin", "/is_admin")];

pub(super) async fn run(at: Session<'_>, name: Option<String>, limit: Limit) -> Done {
    match name {
        Some(name) => at.output.thing(at.client.user(&name).await?),
        None => at.output.list(at.client.users(), &USER, limit).await,
    }
}

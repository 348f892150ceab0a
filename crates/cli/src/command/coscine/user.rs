use super::Session;
use crate::{args::coscine::User, exit::Done, output::Column};

const USER: [Column; 3] = [("name", "/displayName"), ("email", "/email"), ("id", "/id")];

pub(super) async fn run(at: Session<'_>, command: User) -> Done {
    let User::Find { text, limit } = command;
    at.output.all(at.client.users(&text).await?, &USER, limit).await
}

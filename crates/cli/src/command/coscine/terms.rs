use super::Session;
use crate::{
    args::coscine::{Terms, TermsCommand},
    exit::Done,
};

pub(super) async fn run(at: Session<'_>, terms: Terms) -> Done {
    match terms.command {
        None => at.output.thing(at.client.terms_of_service().await?),
        Some(TermsCommand::Accept { version }) => {
            let me = at.client.me().await?;
            at.told(me.accept_terms(&version), &format!("you have accepted version {version}")).await
        }
    }
}

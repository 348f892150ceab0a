use whimbrel::dserver::Right;

use super::Session;
use crate::{
    args::dserver::{BaseUriCommand, BaseUris, RightName},
    exit::Done,
    output::Column,
};

const BASE_URI: [Column; 1] = [("base uri", "/base_uri")];

pub(super) async fn run(at: Session<'_>, said: BaseUris) -> Done {
    match (said.command, said.base_uri) {
        (Some(BaseUriCommand::Grant(it)), _) => {
            at.client.grant(&it.user, &it.base_uri, it.right.into()).await?;
            at.output.note(format!("{} may now {} at {}", it.user, it.right.deed(), it.base_uri));
            Ok(())
        }
        (Some(BaseUriCommand::Revoke(it)), _) => {
            at.client.revoke(&it.user, &it.base_uri, it.right.into()).await?;
            at.output.note(format!("{} may not {} at {} any more", it.user, it.right.deed(), it.base_uri));
            Ok(())
        }
        (None, Some(base_uri)) => at.output.thing(at.client.base_uri(&base_uri).await?),
        (None, None) => at.output.list(at.client.base_uris(), &BASE_URI, said.limit).await,
    }
}

impl RightName {
    fn deed(self) -> &'static str {
        match self {
            Self::Search => "search",
            Self::Register => "register datasets",
        }
    }
}

impl From<RightName> for Right {
    fn from(name: RightName) -> Self {
        match name {
            RightName::Search => Self::Search,
            RightName::Register => Self::Register,
        }
    }
}

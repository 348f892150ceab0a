//! `whimbrel coscine`: one noun a file, each thin over the SDK.

mod catalogue;
mod gitlab;
mod invitation;
pub(crate) mod me;
mod member;
mod notification;
mod pid;
mod profile;
pub(crate) mod project;
mod publication;
mod quota;
mod report;
pub(crate) mod resource;
mod search;
mod status;
mod terms;
mod token;
mod user;
mod vocabulary;

use std::path::Path;

use futures::{StreamExt as _, stream};
use whimbrel::{Error, Kind, coscine, secrecy::SecretString};

use crate::{
    args::{
        Global, Sure,
        coscine::{Coscine, Rdf},
    },
    exit::Done,
    output::Output,
    session,
};

/// How many requests are made at once where each is small. The client's own quota holds beside it.
const AT_ONCE: usize = 8;

/// What each command has at hand.
pub(crate) struct Session<'g> {
    pub client: coscine::Client,
    pub output: Output,
    global: &'g Global,
}

impl<'g> Session<'g> {
    pub(crate) fn new(global: &'g Global) -> Done<Self> {
        Ok(Self { client: session::coscine(global)?, output: Output::new(global), global })
    }

    /// Does what can't be undone, if that is meant, and says that it is done.
    async fn undoable(&self, sure: Sure, deed: &str, work: impl Future<Output = whimbrel::Result<()>>) -> Done {
        session::sure(sure.yes, deed).await?;
        self.told(work, &format!("done: {deed}")).await
    }

    /// Does what has no result, and says that it is done.
    async fn told(&self, work: impl Future<Output = whimbrel::Result<()>>, what: &str) -> Done {
        work.await?;
        self.output.note(what);
        Ok(())
    }

    async fn secret(&self, what: &'static str, from: Option<&Path>) -> Done<SecretString> {
        session::secret(self.global, what, from).await
    }
}

pub(crate) async fn run(global: &Global, command: Coscine) -> Done {
    let at = Session::new(global)?;
    match command {
        Coscine::Project(command) => project::run(at, command).await,
        Coscine::Resource(command) => resource::run(at, command).await,
        Coscine::Member(command) => member::run(at, command).await,
        Coscine::Invitation(command) => invitation::run(at, command).await,
        Coscine::Invite(invite) => invitation::send(at, invite).await,
        Coscine::Quota(quota) => quota::run(at, quota).await,
        Coscine::Profile(command) => profile::run(at, command).await,
        Coscine::Vocabulary(command) => vocabulary::run(at, command).await,
        Coscine::Catalogue(command) => catalogue::run(at, command).await,
        Coscine::Search(search) => search::run(at, search).await,
        Coscine::Publication(command) => publication::run(at, command).await,
        Coscine::Me(me) => me::run(at, me).await,
        Coscine::User(command) => user::run(at, command).await,
        Coscine::Token(command) => token::run(at, command).await,
        Coscine::Notification(command) => notification::run(at, command).await,
        Coscine::Terms(terms) => terms::run(at, terms).await,
        Coscine::Status(status) => status::run(at, status).await,
        Coscine::Pid(command) => pid::run(at, command).await,
        Coscine::Gitlab(command) => gitlab::run(at, command).await,
        Coscine::Report(command) => report::run(at, command).await,
    }
}

/// Takes what was said on the command line into a form.
macro_rules! say {
    ($form:expr, $said:expr; $($field:ident)*) => {{
        let (mut form, said) = ($form, $said);
        $(if let Some(value) = said.$field {
            form = form.$field(value);
        })*
        form
    }};
}
use say;

impl From<Rdf> for coscine::Rdf {
    fn from(rdf: Rdf) -> Self {
        match rdf {
            Rdf::Turtle => Self::Turtle,
            Rdf::Jsonld => Self::JsonLd,
        }
    }
}

/// The results of all, in their order, a few at once.
async fn each<T>(work: impl IntoIterator<Item = impl Future<Output = T>>) -> Vec<T> {
    stream::iter(work).buffered(AT_ONCE).collect().await
}

/// The end of a command of which `failed` of `all` parts failed.
fn ended(failed: usize, all: usize) -> Done {
    match failed {
        0 => Ok(()),
        _ => Err(Error::new(Kind::Partial, format!("{failed} of {all} failed")).into()),
    }
}

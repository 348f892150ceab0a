//! Direct queries to MongoDB.

use http::StatusCode;
use serde_json::{Map, Value};

use super::{
    Ask, Refused, Service,
    answer::problem,
    datasets::criteria,
    input::{self, Field, Kind},
    mongo::Filter,
    page::{Page, PastTheEnd},
    state::{Dataset, State},
};

static QUERY: [Field; 6] = [
    Field::new("creator_usernames", Kind::List(&Kind::Text)),
    Field::new("base_uris", Kind::List(&Kind::Text)),
    Field::new("uuids", Kind::List(&Kind::Uuid)),
    Field::new("tags", Kind::List(&Kind::Text)),
    Field::new("aggregation", Kind::List(&Kind::Map)),
    Field::new("query", Kind::Map),
];

/// What a query asks for, and who asks.
pub(super) struct Query {
    pub given: Map<String, Value>,
    pub page: Page,
    pub user: String,
}

impl Service {
    pub(super) fn query(&self, ask: &Ask) -> Refused {
        let query = self.read_query(ask)?;
        let state = self.state();
        let wanted = match query.given.get("query") {
            Some(Value::Object(wanted)) => Filter::parse(wanted)?,
            _ => Filter::All(vec![]),
        };
        let found: Vec<&Dataset> =
            query.seen(&state)?.into_iter().filter(|it| wanted.finds(&it.document(), Some(it))).collect();
        Ok(query.page.answer(&found, PastTheEnd::Empty, |it| it.query_row()))
    }

    pub(super) fn read_query(&self, ask: &Ask) -> Refused<Query> {
        let given = input::body(ask, &QUERY)?;
        let page = Page::of(ask)?;
        let user = self.identity(ask)?;
        Ok(Query { given, page, user })
    }
}

impl Query {
    /// What the user can see of what the criteria beside the query name.
    pub fn seen<'s>(&self, state: &'s State) -> Refused<Vec<&'s Dataset>> {
        if state.user(&self.user).is_none() {
            return Err(problem(StatusCode::UNAUTHORIZED));
        }
        let wanted = self.given.get("base_uris").and_then(Value::as_array);
        let is_wanted = |it: &&Dataset| wanted.is_none_or(|wanted| wanted.iter().any(|uri| *uri == it.base_uri));
        Ok(state.seen_by(&self.user).filter(criteria(&self.given)).filter(is_wanted).collect())
    }
}

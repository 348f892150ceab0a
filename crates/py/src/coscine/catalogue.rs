//! What Coscine offers to choose from.

use pyo3::prelude::*;

use super::Coscine;
use crate::{call::Call, list::List};

/// A list that is read whole, and one of it by name or id.
macro_rules! listed {
    ($($list:ident $one:ident)*) => {
        #[pymethods]
        impl Coscine {$(
            fn $list(&self) -> List {
                self.list(|client| Ok(client.$list()), |item| item)
            }

            fn $one(&self, name: String) -> PyResult<Call> {
                self.call(|client| async move { client.$list().named(&name).await })
            }
        )*}
    };
}

listed! {
    disciplines discipline
    languages language
    licenses license
    notifications notification
    roles role
    titles title
    visibilities visibility
}

#[pymethods]
impl Coscine {
    fn organizations(&self, matching: Option<String>, language: Option<String>, advising: bool) -> List {
        self.list(
            move |client| {
                let mut all = client.organizations();
                if let Some(text) = &matching {
                    all = all.matching(text);
                }
                if let Some(language) = &language {
                    all = all.language(language);
                }
                Ok(if advising { all.advising() } else { all })
            },
            |organization| organization,
        )
    }

    fn organization(&self, ror: String) -> PyResult<Call> {
        self.call(|client| async move { client.organization(&ror).await })
    }
}

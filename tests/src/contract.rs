//! What the generated calls need.

use std::fmt::Debug;

use raw::{Error, ResponseValue};
use serde::de::DeserializeOwned;

/// A body, made from what the document says of it.
///
/// # Panics
/// If the type does not take it.
pub fn json<T: DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

/// What a call gave, in a form to compare.
pub fn told<T: Debug>(result: Result<ResponseValue<T>, Error<()>>) -> String {
    match result {
        Ok(value) => format!("{} {:#?}", value.status().as_u16(), value.into_inner()),
        Err(Error::UnexpectedResponse(answer)) => format!("error {}", answer.status().as_u16()),
        Err(error) => format!("error {error:?}"),
    }
}

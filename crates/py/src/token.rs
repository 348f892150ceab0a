//! A token, as Python may hold it: nothing shows it, and a pickle has a reference to it in its place.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, PoisonError},
};

use pyo3::prelude::*;
use whimbrel::secrecy::{ExposeSecret as _, SecretString};

use crate::error;

/// What was given to this process, and to those that it was forked from.
static GIVEN: LazyLock<Mutex<HashMap<u128, SecretString>>> = LazyLock::new(Mutex::default);

/// A token that was given. In another process, where it is not known, the environment or a stored one takes its place.
#[pyclass(frozen, module = "whimbrel._native")]
pub(crate) struct Token {
    reference: u128,
    secret: Option<SecretString>,
}

impl Token {
    pub(crate) fn secret(&self) -> Option<SecretString> {
        self.secret.clone()
    }

    /// Where nothing else can take its place.
    pub(crate) fn needed(&self) -> PyResult<SecretString> {
        let missing = "the token was given in another process, which alone knows it: give it again";
        self.secret().ok_or_else(|| error::raised(whimbrel::Error::new(whimbrel::Kind::Unauthenticated, missing)))
    }
}

#[pymethods]
impl Token {
    #[new]
    fn new(token: String) -> Self {
        let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
        // One that is given with each of many clients is kept once.
        let known = given.iter().find(|(_, secret)| secret.expose_secret() == token).map(|(known, _)| *known);
        let reference = known.unwrap_or_else(|| uuid::Uuid::new_v4().as_u128());
        let secret = given.entry(reference).or_insert_with(|| token.into()).clone();
        Self { reference, secret: Some(secret) }
    }

    /// The token of this reference, if this process knows it.
    #[staticmethod]
    fn known(reference: u128) -> Self {
        let secret = GIVEN.lock().unwrap_or_else(PoisonError::into_inner).get(&reference).cloned();
        Self { reference, secret }
    }

    /// Whether it is known here.
    #[getter]
    fn is_known(&self) -> bool {
        self.secret.is_some()
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (u128,))> {
        Ok((py.get_type::<Self>().getattr("known")?, (self.reference,)))
    }

    fn __repr__(&self) -> &'static str {
        "<token>"
    }
}

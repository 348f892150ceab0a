#![doc = include_str!("../README.md")]

mod datatype;
mod error;
mod field;
mod loader;
mod profile;
pub mod rdf;
mod record;
mod report;
mod shape;
mod table;
mod vocabulary;

pub use error::{Error, Result};
pub use field::{Field, Nested, Pattern};
pub use loader::Loader;
pub use profile::Profile;
pub use record::{Filled, Filling, Record, Value};
pub use report::{Finding, Left, Report};
pub use table::{Format, Place, Row, Table};
pub use vocabulary::{Vocabularies, Vocabulary};

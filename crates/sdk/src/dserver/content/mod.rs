//! The content of datasets that a server knows: it gives out no bytes itself, but tells where they are, and with a plugin
//! signs links to them.

mod download;
mod signed;
mod upload;
mod verify;

pub use download::{Download, Fetched, Route};
pub use upload::{Upload, Uploaded};

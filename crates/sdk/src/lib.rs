//! One fast, concurrent, cached client for research-data services.
//!
//! - [`coscine`]: RWTH's platform for research data: projects, resources, files and their metadata.
//! - [`dserver`]: dtool's lookup server: datasets by text, tag, UUID and URI.
//! - [`datasift`]: filters over social data, live and from the archive.
//! - [`cocaine`]: services and apps of a Cocaine cloud.
//! - [`dtool`]: datasets where they lie, in folders, buckets and on the web, without any server.
//! - [`transfer`]: what a transfer of files shows and reports.
//! - [`ro_crate`]: metadata that travel with files, for software that knows no service.
//! - [`gather`]: many calls at once, and each outcome where it is wanted.
//! - [`api`]: any operation of a service by its id.
//!
//! What a service lists is [`Paged`]: `use whimbrel::Paged as _;` gives every list its `page(n)`, `pages()` and `stream()`.
//!
//! Every client is made by a [`Builder`], and every request of it goes through one stack: cache, deadline, retry, limit,
//! auth, timeout (see [`middleware`]). Every failure is an [`Error`] that says what to do.

pub mod api;
mod builder;
pub mod cocaine;
mod connect;
pub mod coscine;
pub mod datasift;
pub mod dserver;
pub mod dtool;
mod error;
pub mod gather;
mod list;
mod origin;
mod page;
mod per_process;
mod place;
mod probe;
pub mod ro_crate;
mod shared;
pub mod transfer;

pub use builder::{Builder, CacheMode, Service, Settings};
pub use connect::Connection;
pub use error::{Error, Kind, Result, printable};
pub use list::List;
pub use origin::{origin, same_origin, without_account};
pub use page::{Page, Paged};
pub use probe::Probe;

/// What layers, credential sources and cache stores of your own are made of.
pub use middleware;
/// Application profiles, records, tables.
pub use shapes;

/// What moments come in.
pub use jiff;
/// What secrets come in: in no `Debug`, and wiped from memory.
pub use secrecy;

//! Cocaine's protocol: MessagePack frames over TCP, many channels on a connection, services that a locator finds.
//!
//! ```text
//! Service      a name: resolved, connected, connected anew; calls with a deadline
//!   Locator    which addresses and which methods a name stands for
//!   Connection one task that writes and reads; ids of channels are made where they are written
//!     channel  Sender and Receiver: each goes along its dispatch tree
//!       Frame  however the bytes are cut; Headers; Value
//! ```
//!
//! Both generations of the protocol are spoken behind one face: that of 0.12 ([`Protocol::V1`]) and that of 0.11
//! ([`Protocol::V0`]). It knows no service but the locator.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod channel;
mod connection;
mod endpoint;
mod error;
mod frame;
mod headers;
mod locator;
mod service;
mod tree;
mod value;

pub use channel::{Receiver, Sender};
pub use endpoint::Endpoint;
pub use error::{Category, Error, Kind, Result};
pub use frame::{Decoder, Frame, FrameError, LARGEST_FRAME, Protocol};
pub use headers::{Header, Headers, Name, Table, Trace};
pub use locator::{Locator, Resolved};
pub use service::{Authorization, Builder, Call, Service};
pub use tree::{Api, Method, Tree, TreeError};
pub use value::Value;

//! Tower layers under a generated HTTP client. Knows HTTP, knows no service.
//!
//! ```text
//! generated client -- (request, Operation) --> Stack
//!
//!   trace       one span an operation
//!   cache       a hit costs no slot, no token, no network
//!   deadline    one total time for the call, over all attempts
//!   retry       only what is safe to repeat; Retry-After; a budget
//!     per attempt:
//!   limit       quota, pause gate, concurrency
//!   auth        a fresh credential; 401 -> one refresh -> one replay
//!   timeout     time to response headers, and a stall detector
//!   transport   reqwest
//! ```
//!
//! [`Stack`] is that tower with its type erased once; [`Layers`] builds it in the order above. Each layer is an
//! ordinary [`tower::Layer`] and can be used alone.

#![allow(clippy::manual_async_fn, reason = "an `async fn` keeps its arguments twice: see `layer::Around`")]

mod body;
mod call;
mod error;
mod operation;
mod principal;
mod stack;
mod transport;

pub mod layer;

pub use body::Body;
pub use call::Call;
pub use error::{Error, Kind, Phase};
pub use operation::{Location, Operation, Parameter};
pub use principal::Principal;
pub use stack::{Layers, Stack};
pub use transport::Transport;

/// What travels down the stack.
pub type Request = http::Request<Body>;
/// What comes back up.
pub type Response = http::Response<Body>;
/// A response, or why there is none.
pub type Result<T = Response, E = Error> = std::result::Result<T, E>;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

//! The generated clients: one module and one cargo feature a service.
//!
//! `client.rs` and `operations.rs` of each service come from `openapi/` by `cargo xtask codegen`; `manual.rs` holds what
//! the generator can't express; this file is the one seam between them and the stack.
//!
//! Errors: no error answer is declared, so each arrives whole as [`Error::UnexpectedResponse`], be it JSON, HTML or
//! nothing. A failure of the stack arrives as [`Error::CommunicationError`]; `middleware::Error::from_reqwest` gives it
//! back.

#[cfg(feature = "datasift")]
pub mod loose;
#[cfg(feature = "coscine")]
pub mod multipart;
pub mod path;

pub use progenitor_client::{ByteStream, Error, ResponseValue};

/// A service's module: its client, joined to the stack.
macro_rules! service {
    ($(#[$doc:meta])* $feature:literal, $name:ident $(, $manual:ident)?) => {
        $(#[$doc])*
        #[cfg(feature = $feature)]
        pub mod $name {
            #[allow(clippy::all, clippy::pedantic, missing_docs, rust_2018_idioms, unreachable_pub, unused_imports)]
            #[rustfmt::skip]
            mod client;
            $(mod $manual;)?
            /// One constant an operation.
            #[rustfmt::skip]
            pub mod operations;

            pub use client::{Client, builder, types};

            impl progenitor_client::ClientHooks<middleware::Stack> for Client {
                async fn exec(
                    &self,
                    mut request: reqwest::Request,
                    info: &progenitor_client::OperationInfo,
                ) -> reqwest::Result<reqwest::Response> {
                    // The generator's own idea; no service asks for it.
                    request.headers_mut().remove("api-version");
                    use progenitor_client::ClientInfo as _;
                    match self.inner().exec(request, operations::by_id(info.operation_id)).await {
                        Ok(answer) => Ok(answer),
                        Err(error) => Err(error.into_reqwest().await),
                    }
                }
            }
        }
    };
}

service!(
    /// Coscine's API, version 2.
    "coscine", coscine, manual
);
service!(
    /// DataSift's API, version 1.6.
    "datasift", datasift, manual
);
service!(
    /// dserver, dtool's lookup server, version 0.22 and what is to come.
    "dserver", dserver
);

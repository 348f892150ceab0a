use http::Method;

/// What is being called. Every request in the stack has one among its extensions, so that a layer decides by
/// operation and not by URL.
///
/// `cargo xtask codegen` writes one constant an operation; for a client without them [`Operation::new`] will do.
///
/// ```
/// use http::Method;
/// use whimbrel_middleware::Operation;
///
/// const GET_ITEM: Operation = Operation::new("get_item", Method::GET, "/items/{id}", "items");
/// assert!(GET_ITEM.is_idempotent());
/// ```
#[derive(Clone, Debug)]
pub struct Operation {
    /// The document's `operationId` in snake case, as the generated client names the operation.
    pub id: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path template, relative to the base URL: `/items/{id}`.
    pub path: &'static str,
    /// The document's first tag; empty where it has none.
    pub tag: &'static str,
    /// One line on what it does; empty where the document is silent.
    pub summary: &'static str,
    /// Path, query and header parameters, in the document's order.
    pub parameters: &'static [Parameter],
    /// The media type of the request body; `None` where the operation takes none.
    pub request: Option<&'static str>,
    /// The media type of the successful answer; `None` where it has no body.
    pub response: Option<&'static str>,
    /// The document advises against it.
    pub deprecated: bool,
}

/// One parameter of an [`Operation`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The name on the wire.
    pub name: &'static str,
    /// Where it stands in the request.
    pub location: Location,
    /// Whether the document demands it.
    pub required: bool,
    /// Whether it may be given more than once.
    pub repeated: bool,
}

/// Where a [`Parameter`] stands in the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    /// In the path template.
    Path,
    /// In the query.
    Query,
    /// A header.
    Header,
}

impl Operation {
    /// An operation of which no more is known.
    pub const fn new(id: &'static str, method: Method, path: &'static str, tag: &'static str) -> Self {
        Self { id, method, path, tag, summary: "", parameters: &[], request: None, response: None, deprecated: false }
    }

    /// Sending it twice has the effect of sending it once, by its method (RFC 9110, 9.2.2). A service may know
    /// better; see [`layer::Retry::repeatable`](crate::layer::Retry::repeatable).
    pub fn is_idempotent(&self) -> bool {
        self.method.is_idempotent()
    }

    /// The operation of a request in the stack. `None` for a request that did not come through a
    /// [`Stack`](crate::Stack).
    pub fn of<B>(request: &http::Request<B>) -> Option<&Self> {
        request.extensions().get()
    }
}

/// Operations are one if they have one id.
impl PartialEq for Operation {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Operation {}

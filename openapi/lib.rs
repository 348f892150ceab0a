//! Each service's document as it came, and our corrections to it as overlays, for what needs them when it runs.
//!
//! They are a crate so that a crate which is packed brings them along; nothing is known of them here.

/// Coscine's document.
pub const COSCINE: &str = include_str!("coscine.json");
/// `DataSift`'s document.
pub const DATASIFT: &str = include_str!("datasift.json");
/// dserver's document.
pub const DSERVER: &str = include_str!("dserver.json");
/// What is wrong in it.
pub const DSERVER_OVERLAY: &str = include_str!("dserver.overlay.json");
/// What its coming release adds.
pub const DSERVER_NEXT_OVERLAY: &str = include_str!("dserver.next.overlay.json");

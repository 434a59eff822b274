//! What `sam deploy` ships beside functions: the relay as a container image, and the pages.
//!
//! A function of the stack that CloudFormation calls as a custom resource. The relay's static
//! binary lies beside it in its zip and becomes an image of one layer; the pages are inside the
//! binary and become objects. So nobody who deploys needs a container tool, and no second step. It
//! decides nothing else: no versions are kept or chosen here.

mod image;
mod page;
mod registry;
mod request;

pub use image::Image;
pub use page::{clear, publish};
pub use registry::push;
pub use request::{Asked, Outcome, Request, Wanted, answer};

//! Publishes what `sam deploy` ships beside functions: the relay as a container image, and the
//! pages.
//!
//! A function of the stack that CloudFormation calls as a custom resource. The relay's static
//! binary lies beside it in the function's zip and becomes an image of one layer; the pages are
//! embedded in the function's binary and become objects. A deployment therefore needs no container
//! tool and no second step. The publisher neither keeps nor chooses versions.

mod image;
mod page;
mod registry;
mod request;

pub use image::Image;
pub use page::{clear, publish};
pub use registry::push;
pub use request::{Asked, Outcome, Request, Wanted, answer};

//! The host's ports in the cloud.

/// The ports of one function: `S` sends text messages, `O` keeps objects; [`Without`] where the function's role does neither.
pub struct Cloud<S, O> {
    sms: S,
    objects: O,
}

/// A part of [`Cloud`] that a function goes without: asked all the same, it says so, as its role would.
#[derive(Clone, Copy, Debug, Default)]
pub struct Without;

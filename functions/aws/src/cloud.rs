//! The host's ports in the cloud.

use crate::{Sockets, Table};

/// The ports of one function: `S` sends text messages, `O` keeps objects; [`Without`] where the function's role does neither.
pub struct Cloud<S, O> {
    /// What is remembered.
    pub table: Table,
    /// Who is connected.
    pub sockets: Sockets,
    /// Text messages.
    pub sms: S,
    /// Uploads and pictures.
    pub objects: O,
}

/// A part of [`Cloud`] that a function goes without: asked all the same, it says so, as its role would.
#[derive(Clone, Copy, Debug, Default)]
pub struct Without;

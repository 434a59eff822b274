//! What a page tells the other one of itself.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ZoomLevel;
use crate::relay::is_false;

/// A message between two pages, once a second as a string on the channel `live`, never over the
/// socket. The receiving page checks it, because the relay does not read it. It may be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Told {
    /// How this page is.
    State {
        /// The newest event that it knows of. A page that knows less, and hears nothing from the
        /// server, tests its connection.
        head: u32,
        /// Frames a second that its camera gives; absent while none is sent, or not counted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        camera_fps: Option<u32>,
        /// The share of the other page's packets that did not reach it lately, in percent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        lost_percent: Option<u32>,
        /// What the relay can send to it at present, in bit/s; absent if unknown.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        down_bps: Option<u32>,
        /// Its camera comes as still pictures, because a link carries no video.
        #[serde(default, skip_serializing_if = "is_false")]
        #[ts(as = "Option<bool>", optional)]
        stills: bool,
        /// The light beside its camera is on; absent where the camera has none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        torch: Option<bool>,
        /// How far its camera zooms; absent where it cannot.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        zoom: Option<ZoomLevel>,
        /// The agent asks for a call that uses little data.
        #[serde(default, skip_serializing_if = "is_false")]
        #[ts(as = "Option<bool>", optional)]
        saves: bool,
    },
}

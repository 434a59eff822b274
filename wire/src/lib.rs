//! Every message that passes between two processes of Sightline, with its limits.
//!
//! This crate has types only: it decides nothing, opens nothing and has no clock. A value of one of
//! these types is valid by construction, because decoding enforces the limits; no later code checks
//! them again. `README.md` describes the protocol in prose, `samples/` holds one golden sample per
//! message, and `web/src/wire/` is the TypeScript made from these types.
//!
//! Four conversations use it: a page and the host over the WebSocket ([`FromPage`], [`ToPage`]), a
//! page and the HTTP API ([`api`]), a relay and the host over its own WebSocket ([`FromRelay`],
//! [`ToRelay`]), and the relay with a page over the data channels ([`Beat`]). Besides, a process
//! tells watchers how it is ([`Health`]).

mod agents;
mod alike;
pub mod api;
mod api_key;
mod audit;
pub mod beside;
mod brand;
mod case;
mod code;
mod command;
mod decode;
mod digest;
mod digits;
mod embed;
mod event;
mod figures;
mod folded;
mod guest;
mod health;
mod id;
mod ink;
mod lines;
mod moment;
mod number;
mod page;
mod picture;
mod refusal;
mod relay;
mod schema;
mod seat;
mod seen;
mod text;
mod told;
pub mod v1;
mod webhook;

pub use agents::{AgentLine, AgentLines, SetAccess};
pub use api_key::{
    API_KEYS_MAX, ApiKeyLine, ApiKeyList, ApiKeySecret, KeyScope, MadeKey, MakeKey, NoKey, NoScope,
};
pub use audit::{AUDIT_LINES_MAX, AuditDeed, AuditLine, AuditLines};
pub use beside::{Arrival, BrowserKind, NOTE_VERSIONS_MAX, NOTES_MAX, Stars, SystemKind};
pub use brand::{
    Brand, BrandSettings, BrandShades, Colour, LOGO_BYTES_MAX, LOGO_SIDE_MAX, LogoFault, LogoMark,
    NoColour,
};
pub use code::{InviteCode, NoCode};
pub use command::{
    AnnotationCommand, ChatCommand, GuestCommand, ScreenshotsCommand, SessionCommand,
};
pub use decode::{Undecodable, decode_page, decode_relay, read_json};
pub use digest::{BadDigest, Digest};
pub use digits::decimal_digit;
pub use embed::{
    DOOR_EMBED, DOOR_HEADER, DOOR_SUBPROTOCOL, EMBED_S, EMBED_TOKEN_S, EmbedOrigin, EmbedOrigins,
    EmbedToken, EnterEmbed, NoEmbedOrigin, NoEmbedToken,
};
pub use event::{EndReason, Event, EventKind, LobbyStep, PublicFact, SmsFailure};
pub use figures::{
    BrowserCount, EXPORT_CALLS_MAX, EndCount, ExportFormat, FIGURE_DAYS_MAX, FigureBin, FigureDay,
    Figures, Funnel, KeptDays, NotJoined, NotJoinedCount, SystemCount,
};
pub use folded::{WORDS_MAX, folded, words};
pub use guest::{Degrees, GeoPlace, GuestAnswer, GuestDevice, GuestWish, LocatedAt, ZoomLevel};
pub use health::{Health, Part};
pub use id::{
    AgentId, ApiKeyId, BadId, InviteSecret, PageId, RelayId, SessionId, SignInId, WebhookId,
};
pub use ink::{
    Ink, InkError, Line, LinePlace, Passing, Piece, Point, Pressure, StepNumber, Stroke, Strokes,
};
pub use lines::{READY_LINES_MAX, ReadyLineList, ReadyLines};
pub use moment::{MOMENTS_MAX, Moment, Moments};
pub use page::{
    AnnotationHears, AnnotationSays, Attached, Batch, ChatHears, ChatSays, Done, FirstOffer,
    FromPage, PageHears, PageSays, Presence, ScreenshotsHears, ScreenshotsSays, SessionHears,
    SessionSays, SignalingHears, SignalingSays, ToPage,
};
pub use picture::{
    BOARD_STROKES_MAX, CaptureTrouble, Object, PICTURE_PIXELS_MAX, PICTURE_SIDE_MAX, PICTURES_MAX,
    PictureSource, UPLOAD_S, UPLOAD_TYPE, Upload, UploadBytes, UtcOffset,
};
pub use refusal::Refusal;
pub use relay::{
    Beat, FromRelay, GoneWhy, OfferFault, OfferRefusal, RelayHears, RelaySays, ToRelay,
};
pub use seat::{Seat, Seats};
pub use text::{
    ChatText, CommentText, DisplayName, LabelText, Language, NoteText, PhoneNumber, ReadyLine,
    Reference, Sdp, TextError,
};
pub use told::Told;
pub use webhook::{
    DeliveryLine, DeliveryList, DeliveryOutcome, DeliveryPhase, MadeWebhook, MakeWebhook,
    MessageId, MessageKind, NoMessage, NoWebhookSecret, SwitchWebhook, WEBHOOKS_MAX, WebhookLine,
    WebhookList, WebhookSecret,
};

/// The WebSocket subprotocol, which is the protocol's version. A server speaks this version and the
/// previous one.
pub const SUBPROTOCOL: &str = "sightline.1";

/// The header of an HTTP request in which a page names itself: addresses are written down by
/// proxies, and a page's id is not for others.
pub const PAGE_HEADER: &str = "sightline-page";

/// Longest message in either direction, in bytes. A browser sends one WebSocket frame per message,
/// and API Gateway closes a connection whose frame exceeds 32 KB (Amazon API Gateway quotas,
/// "WebSocket frame size").
pub const MESSAGE_BYTES_MAX: usize = 24 * 1024;

/// Longest message a relay forwards on a data channel, in bytes. Longer ones are dropped.
pub const CHANNEL_MESSAGE_BYTES_MAX: usize = 16 * 1024;

/// WebSocket close code for a page whose subprotocol the server does not speak: the page reloads
/// once.
pub const CLOSE_VERSION: u16 = 4406;

/// WebSocket close code for a connection that has no right to be here any more: its agent signed
/// out, or its link was taken back. A new handshake is refused with 401, or its `attach` with
/// `no_seat`.
pub const CLOSE_RIGHTS: u16 = 4401;

/// WebSocket close code for a connection that went on flooding after a warning.
pub const CLOSE_FLOOD: u16 = 4429;

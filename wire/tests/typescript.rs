//! The TypeScript made from these types is committed, and stale TypeScript fails.

#![allow(clippy::unwrap_used)] // A test that cannot read its samples has failed.

use sightline_wire::{api, beside, *};
use ts_rs::{Config, TS};

#[test]
fn the_committed_typescript_is_what_these_types_make() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../web/src/wire/generated.ts");
    let made = typescript();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &made).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == made,
        "web/src/wire/generated.ts is stale: run `UPDATE=1 cargo test -p sightline-wire`"
    );
}

const HEADER: &str = "// Made from the crate `wire`; do not edit. To make it again: UPDATE=1 cargo test -p sightline-wire\n\n";

fn typescript() -> String {
    let mut text = HEADER.to_owned();
    for (name, value) in constants() {
        text.push_str(&format!("export const {name} = {value};\n"));
    }
    for declarations in [values(), messages(), figures(), brand(), bodies()] {
        text.push_str(&declarations);
    }
    text
}

/// Limits and codes that the pages need.
fn constants() -> Vec<(&'static str, String)> {
    vec![
        ("SUBPROTOCOL", format!("{SUBPROTOCOL:?}")),
        ("PAGE_HEADER", format!("{PAGE_HEADER:?}")),
        ("DOOR_HEADER", format!("{DOOR_HEADER:?}")),
        ("DOOR_EMBED", format!("{DOOR_EMBED:?}")),
        ("DOOR_SUBPROTOCOL", format!("{DOOR_SUBPROTOCOL:?}")),
        ("EMBED_S", EMBED_S.to_string()),
        ("MESSAGE_BYTES_MAX", MESSAGE_BYTES_MAX.to_string()),
        (
            "CHANNEL_MESSAGE_BYTES_MAX",
            CHANNEL_MESSAGE_BYTES_MAX.to_string(),
        ),
        ("SDP_BYTES_MAX", Sdp::BYTES_MAX.to_string()),
        ("MOMENTS_MAX", MOMENTS_MAX.to_string()),
        ("CLOSE_VERSION", CLOSE_VERSION.to_string()),
        ("CLOSE_FLOOD", CLOSE_FLOOD.to_string()),
        ("DISPLAY_NAME_MAX", DisplayName::UNITS_MAX.to_string()),
        ("CHAT_TEXT_MAX", ChatText::UNITS_MAX.to_string()),
        ("REFERENCE_MIN", Reference::UNITS_MIN.to_string()),
        ("REFERENCE_MAX", Reference::UNITS_MAX.to_string()),
        ("NUMBER_MAX", api::StartCall::NUMBER_BYTES_MAX.to_string()),
        ("CODE_TYPED_MAX", InviteCode::TYPED_BYTES_MAX.to_string()),
        ("NOTE_TEXT_MAX", NoteText::UNITS_MAX.to_string()),
        ("COMMENT_TEXT_MAX", CommentText::UNITS_MAX.to_string()),
        ("API_KEYS_MAX", API_KEYS_MAX.to_string()),
        ("READY_LINES_MAX", READY_LINES_MAX.to_string()),
        ("LOGO_BYTES_MAX", LOGO_BYTES_MAX.to_string()),
        ("WEBHOOKS_MAX", WEBHOOKS_MAX.to_string()),
        ("FIGURE_DAYS_MAX", FIGURE_DAYS_MAX.to_string()),
        ("EXPORT_CALLS_MAX", EXPORT_CALLS_MAX.to_string()),
        ("WEBHOOK_URL_MAX", MakeWebhook::URL_BYTES_MAX.to_string()),
        ("NOTES_MAX", NOTES_MAX.to_string()),
        ("LABEL_TEXT_MAX", LabelText::UNITS_MAX.to_string()),
        ("LINE_POINTS_MAX", Line::POINTS_MAX.to_string()),
        ("LINE_PLACE_MAX", LinePlace::MAX.to_string()),
        ("STROKES_MAX", Strokes::COUNT_MAX.to_string()),
        ("STEP_MAX", StepNumber::MAX.to_string()),
        ("UPLOAD_BYTES_MAX", UploadBytes::MAX.to_string()),
        ("UPLOAD_TYPE", format!("{UPLOAD_TYPE:?}")),
        ("UPLOAD_S", UPLOAD_S.to_string()),
        ("PICTURE_PIXELS_MAX", PICTURE_PIXELS_MAX.to_string()),
        ("ZOOM_MAX", ZoomLevel::MAX.to_string()),
        ("PICTURES_MAX", PICTURES_MAX.to_string()),
        ("BOARD_STROKES_MAX", BOARD_STROKES_MAX.to_string()),
    ]
}

/// Declares each type, with its documentation in front.
macro_rules! declare {
    ($($type:ty),* $(,)?) => {{
        let config = Config::default();
        let mut text = String::new();
        $( text.push_str(&declaration(<$type>::docs(), <$type>::decl(&config))); )*
        text
    }};
}

fn declaration(docs: Option<String>, declaration: String) -> String {
    format!("\n{}export {declaration}\n", docs.unwrap_or_default())
}

/// What messages are made of, and events.
fn values() -> String {
    declare!(
        SessionId,
        Digest,
        PageId,
        AgentId,
        ApiKeyId,
        ApiKeySecret,
        WebhookId,
        WebhookSecret,
        MessageId,
        EmbedOrigin,
        EmbedToken,
        RelayId,
        InviteSecret,
        InviteCode,
        DisplayName,
        ChatText,
        ReadyLine,
        LabelText,
        NoteText,
        CommentText,
        Reference,
        PhoneNumber,
        Language,
        Sdp,
        Seat,
        Point,
        Line,
        Pressure,
        StepNumber,
        LinePlace,
        Ink,
        Stroke,
        Strokes,
        Passing,
        Piece,
        Object,
        Upload,
        UploadBytes,
        UtcOffset,
        CaptureTrouble,
        PictureSource,
        GuestDevice,
        GuestWish,
        GuestAnswer,
        ZoomLevel,
        GeoPlace,
        LocatedAt,
        Event,
        EventKind,
        PublicFact,
        LobbyStep,
        SmsFailure,
        EndReason,
        Refusal,
        Stars,
        Arrival,
        BrowserKind,
        SystemKind,
    )
}

/// Messages over the WebSocket and over data channels.
fn messages() -> String {
    declare!(
        FromPage,
        PageSays,
        SessionSays,
        FirstOffer,
        Moment,
        Moments,
        SessionCommand,
        SignalingSays,
        ChatSays,
        ChatCommand,
        AnnotationSays,
        AnnotationCommand,
        ScreenshotsSays,
        ScreenshotsCommand,
        GuestCommand,
        Presence,
        ToPage,
        PageHears,
        SessionHears,
        Attached,
        Batch,
        Done,
        SignalingHears,
        ChatHears,
        AnnotationHears,
        ScreenshotsHears,
        OfferFault,
        GoneWhy,
        Beat,
        Told,
    )
}

/// Bodies about figures.
fn figures() -> String {
    declare!(
        Funnel,
        FigureDay,
        NotJoined,
        NotJoinedCount,
        EndCount,
        BrowserCount,
        SystemCount,
        FigureBin,
        KeptDays,
        ExportFormat,
        Figures,
    )
}

/// The business's colour and logo.
fn brand() -> String {
    declare!(
        Colour,
        Brand,
        BrandShades,
        LogoMark,
        BrandSettings,
        LogoFault,
    )
}

/// Bodies of the HTTP API.
fn bodies() -> String {
    declare!(
        api::LinkSecret,
        api::HeldUp,
        api::Look,
        api::LinkState,
        api::OnceToken,
        api::Me,
        api::Entrance,
        api::SignInBy,
        api::SignedOut,
        api::Role,
        api::StartCall,
        api::Started,
        api::SendAgain,
        api::FreshLink,
        api::ShownCode,
        api::Log,
        api::Calls,
        api::Call,
        api::Erased,
        AgentLines,
        AgentLine,
        SetAccess,
        EmbedOrigins,
        EnterEmbed,
        AuditLines,
        AuditLine,
        AuditDeed,
        ApiKeyList,
        ApiKeyLine,
        KeyScope,
        MakeKey,
        MadeKey,
        ReadyLineList,
        ReadyLines,
        WebhookList,
        WebhookLine,
        MakeWebhook,
        MadeWebhook,
        SwitchWebhook,
        DeliveryList,
        DeliveryLine,
        DeliveryPhase,
        DeliveryOutcome,
        MessageKind,
        api::CallPictures,
        api::CallPicture,
        api::SentPicture,
        api::CallPhase,
        api::ApiRefusal,
        api::ApiError,
        api::ReadNumber,
        api::NumberReading,
        api::NumberRead,
        api::NumberKind,
        api::Texting,
        api::NumberFault,
        beside::Rate,
        beside::WriteNote,
        beside::Notes,
        beside::Note,
        beside::NoteVersion,
        beside::Rating,
        beside::CallDetail,
        beside::SeatQuality,
        beside::MinuteQuality,
    )
}

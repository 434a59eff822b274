// Made from the crate `wire`; do not edit. To make it again: UPDATE=1 cargo test -p sightline-wire

export const SUBPROTOCOL = "sightline.1";
export const PAGE_HEADER = "sightline-page";
export const DOOR_HEADER = "sightline-door";
export const DOOR_EMBED = "embed";
export const DOOR_SUBPROTOCOL = "door.embed";
export const EMBED_S = 3600;
export const MESSAGE_BYTES_MAX = 24576;
export const CHANNEL_MESSAGE_BYTES_MAX = 16384;
export const SDP_BYTES_MAX = 16384;
export const MOMENTS_MAX = 3;
export const CLOSE_VERSION = 4406;
export const CLOSE_FLOOD = 4429;
export const DISPLAY_NAME_MAX = 40;
export const CHAT_TEXT_MAX = 2000;
export const REFERENCE_MIN = 8;
export const REFERENCE_MAX = 20;
export const NUMBER_MAX = 160;
export const CODE_TYPED_MAX = 160;
export const NOTE_TEXT_MAX = 4000;
export const COMMENT_TEXT_MAX = 1000;
export const API_KEYS_MAX = 20;
export const READY_LINES_MAX = 30;
export const LOGO_BYTES_MAX = 262144;
export const WEBHOOKS_MAX = 10;
export const FIGURE_DAYS_MAX = 93;
export const EXPORT_CALLS_MAX = 50000;
export const WEBHOOK_URL_MAX = 1000;
export const NOTES_MAX = 50;
export const LABEL_TEXT_MAX = 80;
export const LINE_POINTS_MAX = 512;
export const LINE_PLACE_MAX = 4095;
export const STROKES_MAX = 16;
export const STEP_MAX = 99;
export const UPLOAD_BYTES_MAX = 8388608;
export const UPLOAD_TYPE = "image/jpeg";
export const UPLOAD_S = 120;
export const PICTURE_PIXELS_MAX = 12000000;
export const ZOOM_MAX = 1000;
export const PICTURES_MAX = 50;
export const BOARD_STROKES_MAX = 1000;

/**
 * One assistance session: from the invite to the end of the call. Not a secret.
 *
 * 128 bits; as text, 22 characters of unpadded base64url (RFC 4648 section 5).
 */
export type SessionId = string;

/**
 * The SHA-256 (FIPS 180-4) of a picture's bytes as they are stored: 64 lower-case hexadecimal
 * digits as text.
 */
export type Digest = string;

/**
 * One load of a page, made by the page; it survives a reload of the same tab. Who speaks is
 * decided by the cookie of the connection. Among the pages that have the customer's cookie,
 * the id tells the one that holds the seat, which alone reads the log: so no other page is
 * told it, and it is in no address and no log.
 *
 * 128 bits; as text, 22 characters of unpadded base64url (RFC 4648 section 5).
 */
export type PageId = string;

/**
 * One agent: a hash of the identity provider's issuer and subject.
 *
 * 128 bits; as text, 22 characters of unpadded base64url (RFC 4648 section 5).
 */
export type AgentId = string;

/**
 * One key of the API for other programs: the beginning of its hash. Not a secret.
 *
 * 128 bits; as text, 22 characters of unpadded base64url (RFC 4648 section 5).
 */
export type ApiKeyId = string;

/**
 * A key of the API: `slk_` and 32 bytes as base64url. `Debug` does not show it.
 */
export type ApiKeySecret = string;

/**
 * One webhook: where another program hears of calls. Not a secret.
 *
 * 128 bits; as text, 22 characters of unpadded base64url (RFC 4648 section 5).
 */
export type WebhookId = string;

/**
 * What signs the messages of a webhook: `whsec_` and 32 bytes as base64, as the Standard Webhooks
 * have it. `Debug` does not show it.
 */
export type WebhookSecret = string;

/**
 * Names a message in `webhook-id`: `msg_<call>_<number>`, `msg_test_<number>` for a test. Numbers
 * of one call rise. All webhooks hear of one event under one name.
 */
export type MessageId = string;

/**
 * The origin of a page that may hold the agent's page: `https://`, a name of the DNS and perhaps a
 * port, spelled as browsers spell it, so that two are the same if their texts are.
 */
export type EmbedOrigin = string;

/**
 * A token that signs an agent in at the page `/embed`, once.
 */
export type EmbedToken = string;

/**
 * One relay process, chosen again at each start.
 *
 * 128 bits; as text, 22 characters of unpadded base64url (RFC 4648 section 5).
 */
export type RelayId = string;

/**
 * The secret of an invite link, from the system's generator. It lets its owner enter; only its
 * hash is stored, and its `Debug` shows nothing.
 *
 * 128 bits; as text, 22 characters of unpadded base64url (RFC 4648 section 5).
 */
export type InviteSecret = string;

/**
 * A short spelling of an invite's secret: [`InviteCode::LEN`] of [`InviteCode::ALPHABET`].
 *
 * It is read as people type it: in either case, in full-width letters, with digits of any script.
 * Spaces, dashes, other punctuation and invisible characters are ignored. Its `Debug` shows
 * nothing.
 */
export type InviteCode = string;

/**
 * A person's name on the screen, at most 40 units. Personal: `Debug` hides it.
 */
export type DisplayName = string;

/**
 * One line of chat, at most 2,000 units, line breaks allowed. `Debug` hides it.
 */
export type ChatText = string;

/**
 * A line of chat that is ready to be sent: as long as [`ChatText`], in one line. `Debug` hides
 * it.
 */
export type ReadyLine = string;

/**
 * A label on a picture, at most 80 units in one line. `Debug` hides it.
 */
export type LabelText = string;

/**
 * A note on a call, at most 4,000 units, line breaks allowed. `Debug` hides it.
 */
export type NoteText = string;

/**
 * What a person says with a rating, at most 1,000 units, line breaks allowed. `Debug` hides
 * it.
 */
export type CommentText = string;

/**
 * The agent's reference for a call, 8 to 20 units.
 */
export type Reference = string;

/**
 * A telephone number in E.164 form: `+`, then 7 to 15 digits (ITU-T E.164 section 6). The host
 * checks whether it is possible. `Debug` hides it.
 */
export type PhoneNumber = string;

/**
 * A language tag of BCP 47, such as `en` or `pt-BR`.
 */
export type Language = string;

/**
 * A session description (RFC 8866), at most 16 KiB of printable ASCII in lines. Not trimmed, since
 * its lines end in CR LF. `Debug` hides it.
 *
 * Quotes and backslashes are refused: nothing that this protocol keeps of a description has them,
 * and they are twice as long in JSON. So every hop can tell from the description's own length how
 * long its message becomes, whatever envelope it puts around it.
 */
export type Sdp = string;

/**
 * A seat of a session.
 */
export type Seat = "agent" | "customer";

/**
 * A place on a picture: `[x, y]`, from the left and from the top, 0 to 65,535 on each side.
 */
export type Point = [number, number];

/**
 * The line of a pen: places one after the other, flat as `[x, y, x, y, …]`.
 */
export type Line = number[];

/**
 * How hard a pen pressed, one value a point, 0 to 255 for none to full.
 */
export type Pressure = number[];

/**
 * Number of a step, 1 to 99.
 */
export type StepNumber = number;

/**
 * Place of a point in a line in progress, from 0. A page goes on drawing beyond the last and shows
 * the rest when the stroke is finished.
 */
export type LinePlace = number;

/**
 * What was drawn.
 */
export type Ink = { "tool": "pen", 
/**
 * Where it went.
 */
line: Line, 
/**
 * How hard it pressed, if the device measures it. Ignored unless it has one value per
 * point.
 */
pressure?: Pressure, } | { "tool": "arrow", 
/**
 * Its tail.
 */
from: Point, 
/**
 * Its head.
 */
to: Point, } | { "tool": "circle", 
/**
 * One corner of the box.
 */
from: Point, 
/**
 * The other.
 */
to: Point, } | { "tool": "box", 
/**
 * One corner.
 */
from: Point, 
/**
 * The other.
 */
to: Point, } | { "tool": "text", 
/**
 * The start of the line, at half its height.
 */
at: Point, 
/**
 * The words.
 */
text: LabelText, } | { "tool": "step", 
/**
 * Its middle.
 */
at: Point, 
/**
 * Its number, from 1.
 */
number: StepNumber, };

/**
 * A finished stroke.
 */
export type Stroke = { 
/**
 * A random number from the page that draws. It ties the finished stroke to its pieces. It is
 * not the stroke's id, which is the number of its event.
 */
mark: number, } & ({ "tool": "pen", 
/**
 * Where it went.
 */
line: Line, 
/**
 * How hard it pressed, if the device measures it. Ignored unless it has one value per
 * point.
 */
pressure?: Pressure, } | { "tool": "arrow", 
/**
 * Its tail.
 */
from: Point, 
/**
 * Its head.
 */
to: Point, } | { "tool": "circle", 
/**
 * One corner of the box.
 */
from: Point, 
/**
 * The other.
 */
to: Point, } | { "tool": "box", 
/**
 * One corner.
 */
from: Point, 
/**
 * The other.
 */
to: Point, } | { "tool": "text", 
/**
 * The start of the line, at half its height.
 */
at: Point, 
/**
 * The words.
 */
text: LabelText, } | { "tool": "step", 
/**
 * Its middle.
 */
at: Point, 
/**
 * Its number, from 1.
 */
number: StepNumber, });

/**
 * Finished strokes of one command, in the order in which they were drawn.
 */
export type Strokes = Stroke[];

/**
 * A message between two pages while a person draws or points. Never stored; losing one costs a
 * moment. It travels as a string on the channel `live`, or inside
 * [`crate::AnnotationSays::Passing`] while that is not open. The receiving page checks it, because
 * the relay does not read it.
 */
export type Passing = { "type": "ink", 
/**
 * On which picture.
 */
picture: number, 
/**
 * The mark of the stroke; the finished one carries the same.
 */
mark: number, 
/**
 * Counts up per stroke: the piece with the highest step is the newest.
 */
step: number, 
/**
 * The stroke is finished, and follows in the log. It stays until the log tells otherwise.
 */
done?: boolean, } & ({ "tool": "pen", 
/**
 * The place of the first of these points in the line, from 0.
 */
start: LinePlace, 
/**
 * The points.
 */
line: Line, 
/**
 * How hard it pressed at these.
 */
pressure?: Pressure, } | { "tool": "arrow", 
/**
 * Its tail.
 */
from: Point, 
/**
 * Its head.
 */
to: Point, } | { "tool": "circle", 
/**
 * One corner of its box.
 */
from: Point, 
/**
 * The other.
 */
to: Point, } | { "tool": "box", 
/**
 * One corner.
 */
from: Point, 
/**
 * The other.
 */
to: Point, }) | { "type": "dropped", 
/**
 * On which picture.
 */
picture: number, 
/**
 * Which stroke.
 */
mark: number, } | { "type": "pointer", 
/**
 * On which picture; absent for the live picture of the customer's camera.
 */
picture?: number, 
/**
 * Where.
 */
at?: Point, } | { "type": "compose", 
/**
 * Which picture.
 */
picture: number, };

/**
 * A piece of a stroke in progress.
 */
export type Piece = { "tool": "pen", 
/**
 * The place of the first of these points in the line, from 0.
 */
start: LinePlace, 
/**
 * The points.
 */
line: Line, 
/**
 * How hard it pressed at these.
 */
pressure?: Pressure, } | { "tool": "arrow", 
/**
 * Its tail.
 */
from: Point, 
/**
 * Its head.
 */
to: Point, } | { "tool": "circle", 
/**
 * One corner of its box.
 */
from: Point, 
/**
 * The other.
 */
to: Point, } | { "tool": "box", 
/**
 * One corner.
 */
from: Point, 
/**
 * The other.
 */
to: Point, };

/**
 * A stored picture. The number of the event `capture_asked` names it.
 */
export type Object = { "of": "base", 
/**
 * Which.
 */
picture: number, } | { "of": "sent", 
/**
 * Which.
 */
picture: number, 
/**
 * The event.
 */
through: number, };

/**
 * The purpose of an upload.
 */
export type Upload = { "kind": "sharp", 
/**
 * Of which picture.
 */
picture: number, 
/**
 * The number of the request: 1, and one more for each repeat.
 */
attempt: number, } | { "kind": "quick", 
/**
 * Of which picture.
 */
picture: number, } | { "kind": "sent", 
/**
 * Which picture.
 */
picture: number, 
/**
 * The event up to which strokes are in it: the newest that changed the picture's board
 * (`drawn`, `undone`, `redone`, `cleared`), or `capture_asked` itself. So the same strokes
 * have one number.
 */
through: number, };

/**
 * Length of an upload, bytes: 1 to 8 MiB.
 */
export type UploadBytes = number;

/**
 * Minutes that a clock is ahead of UTC: -14 h to +14 h.
 */
export type UtcOffset = number;

/**
 * Why the customer's page could not take or upload a picture.
 */
export type CaptureTrouble = "camera_off" | "in_background" | "no_picture" | "upload_failed" | "canvas_blocked";

/**
 * Where a picture comes from.
 */
export type PictureSource = "camera" | "gallery";

/**
 * What the agent can switch off at once.
 */
export type GuestDevice = "microphone" | "camera" | "torch";

/**
 * What the agent asks the customer for.
 */
export type GuestWish = "microphone" | "camera" | "flip" | "torch" | "location";

/**
 * How a request went on.
 */
export type GuestAnswer = "allowed" | "done" | "not_now" | "no_answer" | "denied" | "absent" | "busy" | "unsupported" | "no_position" | "interrupted";

/**
 * How far the camera zooms: a share of what its track offers, in per mille. 0 shows the most.
 */
export type ZoomLevel = number;

/**
 * Where a phone said that it is (WGS 84). Whole numbers, so that nobody rounds it again.
 */
export type GeoPlace = { 
/**
 * Degrees north, times 100,000.
 */
latitude_e5: number, 
/**
 * Degrees east, times 100,000.
 */
longitude_e5: number, 
/**
 * The phone is within so many metres of it, by its own judgement.
 */
accuracy_m: number, };

/**
 * Where the customer was when the server heard of it.
 */
export type LocatedAt = { 
/**
 * When the server heard of it, epoch milliseconds.
 */
at_ms: number, 
/**
 * Degrees north, times 100,000.
 */
latitude_e5: number, 
/**
 * Degrees east, times 100,000.
 */
longitude_e5: number, 
/**
 * The phone is within so many metres of it, by its own judgement.
 */
accuracy_m: number, };

/**
 * A durable event of a session. Events are numbered without gaps from 1.
 */
export type Event = { 
/**
 * Its place in the session's log, from 1.
 */
seq: number, 
/**
 * When the server took it, epoch milliseconds; never earlier than the previous event.
 */
at_ms: number, } & ({ "type": "invite_issued", 
/**
 * The inviting agent's name; the business's if the call waits for an agent.
 */
agent_name: DisplayName, 
/**
 * The language of the text message.
 */
language: Language, 
/**
 * The invited number; the agent only.
 */
number?: PhoneNumber, 
/**
 * The agent's reference; the agent only.
 */
reference?: Reference, 
/**
 * When the invite expires, epoch milliseconds.
 */
expires_at_ms: number, } | { "type": "call_taken", 
/**
 * The agent's name.
 */
agent_name: DisplayName, } | { "type": "joined", 
/**
 * Whose.
 */
seat: Seat, 
/**
 * The person's name.
 */
name: DisplayName, 
/**
 * The person already speaks on the telephone: no microphone, no sound.
 */
video_only: boolean, } | { "type": "moved", 
/**
 * Whose.
 */
seat: Seat, 
/**
 * The person speaks on the telephone there: no microphone, no sound.
 */
video_only: boolean, } | PublicFact);

/**
 * What happened, as one seat may see it. The host knows more about the first variants than it
 * sends; fields that this seat may not see are absent.
 */
export type EventKind = { "type": "invite_issued", 
/**
 * The inviting agent's name; the business's if the call waits for an agent.
 */
agent_name: DisplayName, 
/**
 * The language of the text message.
 */
language: Language, 
/**
 * The invited number; the agent only.
 */
number?: PhoneNumber, 
/**
 * The agent's reference; the agent only.
 */
reference?: Reference, 
/**
 * When the invite expires, epoch milliseconds.
 */
expires_at_ms: number, } | { "type": "call_taken", 
/**
 * The agent's name.
 */
agent_name: DisplayName, } | { "type": "joined", 
/**
 * Whose.
 */
seat: Seat, 
/**
 * The person's name.
 */
name: DisplayName, 
/**
 * The person already speaks on the telephone: no microphone, no sound.
 */
video_only: boolean, } | { "type": "moved", 
/**
 * Whose.
 */
seat: Seat, 
/**
 * The person speaks on the telephone there: no microphone, no sound.
 */
video_only: boolean, } | PublicFact;

/**
 * What happened, for events that are the same for every seat. A field here is public: every page
 * of the session receives it.
 */
export type PublicFact = { "type": "sms_attempted", 
/**
 * Counts from 1 in the session.
 */
attempt: number, } | { "type": "sms_accepted", 
/**
 * Which attempt.
 */
attempt: number, } | { "type": "sms_failed", 
/**
 * Which attempt.
 */
attempt: number, 
/**
 * Why.
 */
why: SmsFailure, } | { "type": "link_made" } | { "type": "links_renewed" } | { "type": "link_opened" } | { "type": "lobby_reached", 
/**
 * The step.
 */
step: LobbyStep, } | { "type": "renamed", 
/**
 * The name.
 */
name: DisplayName, } | { "type": "lost", 
/**
 * Whose.
 */
seat: Seat, } | { "type": "resumed", 
/**
 * Whose.
 */
seat: Seat, } | { "type": "left", 
/**
 * Whose.
 */
seat: Seat, } | { "type": "media_changed", 
/**
 * Whose.
 */
seat: Seat, 
/**
 * The microphone is on.
 */
microphone: boolean, 
/**
 * The camera is on.
 */
camera: boolean, } | { "type": "said", 
/**
 * Who.
 */
seat: Seat, 
/**
 * The line.
 */
text: ChatText, } | { "type": "zone_told", 
/**
 * Minutes ahead of UTC.
 */
utc_offset_min: UtcOffset, } | { "type": "capture_asked", 
/**
 * Who pressed.
 */
seat: Seat, 
/**
 * Where the picture comes from. Absent for the camera.
 */
source?: PictureSource, } | { "type": "capture_repeated", 
/**
 * Who asks.
 */
seat: Seat, 
/**
 * Which picture.
 */
picture: number, 
/**
 * The number of this request, from 2.
 */
attempt: number, } | { "type": "capture_failed", 
/**
 * Which picture.
 */
picture: number, 
/**
 * Why.
 */
why: CaptureTrouble, } | { "type": "picture_kept", 
/**
 * Which picture.
 */
picture: number, 
/**
 * Pixels.
 */
width: number, 
/**
 * Pixels.
 */
height: number, 
/**
 * It is the frame that the agent saw, not the camera's picture.
 */
low_resolution: boolean, 
/**
 * Of the stored bytes. Absent for pictures from before there were digests.
 */
digest?: Digest, } | { "type": "picture_deleted", 
/**
 * Who pressed.
 */
seat: Seat, 
/**
 * Which picture.
 */
picture: number, } | { "type": "board_opened", 
/**
 * Who opened it.
 */
seat: Seat, 
/**
 * Which picture.
 */
picture: number, } | { "type": "board_closed", 
/**
 * Who closed it.
 */
seat: Seat, 
/**
 * Which picture.
 */
picture: number, } | { "type": "drawn", 
/**
 * Whose.
 */
seat: Seat, 
/**
 * On which picture.
 */
picture: number, 
/**
 * The stroke.
 */
stroke: Stroke, } | { "type": "undone", 
/**
 * Whose.
 */
seat: Seat, 
/**
 * On which picture.
 */
picture: number, 
/**
 * Their numbers, ascending.
 */
strokes: Array<number>, } | { "type": "redone", 
/**
 * Whose.
 */
seat: Seat, 
/**
 * On which picture.
 */
picture: number, 
/**
 * Their numbers, ascending.
 */
strokes: Array<number>, } | { "type": "cleared", 
/**
 * On which picture.
 */
picture: number, } | { "type": "picture_sent", 
/**
 * Who sent it.
 */
seat: Seat, 
/**
 * Which picture.
 */
picture: number, 
/**
 * The event up to which strokes are in it.
 */
through: number, 
/**
 * Pixels.
 */
width: number, 
/**
 * Pixels.
 */
height: number, 
/**
 * Of the stored bytes. Absent for pictures from before there were digests.
 */
digest?: Digest, 
/**
 * Of the base under the strokes, likewise.
 */
base?: Digest, } | { "type": "guest_switched_off", 
/**
 * Which.
 */
device: GuestDevice, } | { "type": "guest_zoomed", 
/**
 * How far.
 */
zoom: ZoomLevel, } | { "type": "guest_asked", 
/**
 * For what.
 */
wish: GuestWish, } | { "type": "guest_answered", 
/**
 * The number of the event that asked.
 */
asked: number, 
/**
 * How.
 */
answer: GuestAnswer, } | { "type": "located", 
/**
 * The number of the event that asked.
 */
asked: number, 
/**
 * Where.
 */
place: GeoPlace, } | { "type": "ended", 
/**
 * Why.
 */
why: EndReason, };

/**
 * How far a customer is before joining, or the obstacle.
 */
export type LobbyStep = "in_lobby" | "asking" | "joining" | "camera_denied" | "camera_absent" | "camera_busy" | "microphone_denied" | "microphone_absent" | "no_answer" | "in_app_browser" | "connection_blocked" | "cookies_blocked";

/**
 * Why a text message did not go out.
 */
export type SmsFailure = "bad_number" | "opted_out" | "throttled" | "spend_limit" | "country_blocked" | "agent_limit" | "number_limit" | "day_limit" | "switched_off" | "trouble";

/**
 * Why a session ended.
 */
export type EndReason = "agent_ended" | "customer_ended" | "invite_cancelled" | "invite_expired" | "nobody_heard" | "too_long";

/**
 * Why a request was refused. The connection and the session stay as they were.
 */
export type Refusal = { "why": "malformed" } | { "why": "unknown_topic" } | { "why": "too_long" } | { "why": "not_attached" } | { "why": "no_seat" } | { "why": "not_yours" } | { "why": "out_of_turn", 
/**
 * The next number that is taken.
 */
expected: number, } | { "why": "seat_taken" } | { "why": "name_taken" } | { "why": "moved" } | { "why": "not_joined" } | { "why": "invite_expired" } | { "why": "invite_cancelled" } | { "why": "call_ended" } | { "why": "already_joined" } | { "why": "too_soon", 
/**
 * Milliseconds to wait.
 */
wait_ms: number, } | { "why": "camera_off" } | { "why": "board_closed" } | { "why": "no_picture" } | { "why": "not_uploaded" } | { "why": "bad_picture" } | { "why": "limit_reached" } | { "why": "too_late" } | { "why": "too_often" } | { "why": "busy" } | { "why": "trouble" };

/**
 * How many stars a person gave, 1 to 5.
 */
export type Stars = number;

/**
 * What a person joined with. A page tells it for display.
 */
export type Arrival = { 
/**
 * The kind of browser.
 */
browser: BrowserKind, 
/**
 * The kind of system.
 */
system: SystemKind, 
/**
 * The language in which the page said what is shared.
 */
language: Language, };

/**
 * A family of browsers.
 */
export type BrowserKind = "safari" | "chrome" | "firefox" | "edge" | "samsung" | "opera" | "in_app" | "other";

/**
 * A family of systems.
 */
export type SystemKind = "iphone" | "ipad" | "android" | "windows" | "mac" | "linux" | "other";

/**
 * A message of a page.
 */
export type FromPage = { 
/**
 * The session.
 */
session: SessionId, 
/**
 * The page that sends it.
 */
page: PageId, 
/**
 * The number of a durable command, absent in all other messages. A page counts its commands
 * from 1, each is answered by [`Done`], and one is under way at a time.
 */
n?: number, } & ({ "topic": "session" } & SessionSays | { "topic": "signaling" } & SignalingSays | { "topic": "chat" } & ChatSays | { "topic": "annotation" } & AnnotationSays | { "topic": "screenshots" } & ScreenshotsSays | { "topic": "guest" } & GuestCommand);

/**
 * A message of a page, by topic.
 */
export type PageSays = { "topic": "session" } & SessionSays | { "topic": "signaling" } & SignalingSays | { "topic": "chat" } & ChatSays | { "topic": "annotation" } & AnnotationSays | { "topic": "screenshots" } & ScreenshotsSays | { "topic": "guest" } & GuestCommand;

/**
 * Topic `session`.
 */
export type SessionSays = { "type": "attach", 
/**
 * For which seat; the connection's cookies must allow it.
 */
seat: Seat, 
/**
 * The page's offer, if it is made already: it saves a round trip. A server of the version
 * before ignores it.
 */
offer?: FirstOffer, } | { "type": "ping", 
/**
 * How well the call ran lately; at most once a minute.
 */
moments?: Moments, } | { "type": "resume", 
/**
 * The last event this page has.
 */
after: number, } | { "type": "leave" } | SessionCommand;

/**
 * An offer that comes with `attach`, treated as the message `offer` after it.
 */
export type FirstOffer = { 
/**
 * As in `offer`.
 */
attempt: number, 
/**
 * The offer.
 */
sdp: Sdp, };

/**
 * Some 20 seconds of a call: how sound and picture of the other person came, and what this page
 * sent. What a browser does not count is 0 or absent.
 */
export type Moment = { 
/**
 * How long the picture stood still, milliseconds.
 */
frozen_ms: number, 
/**
 * Sound that was made up because it did not come, per mille.
 */
made_up: number, 
/**
 * Received, kbit/s.
 */
kbit: number, 
/**
 * Packets that were lost on the way here, per mille.
 */
lost: number, 
/**
 * The round trip to the relay, milliseconds.
 */
trip_ms?: number, 
/**
 * The rung on which the own camera was sent, 0 the highest. Absent without a camera.
 */
rung?: number, };

/**
 * Moments in order, from 1 to [`MOMENTS_MAX`].
 */
export type Moments = Moment[];

/**
 * Durable commands of the topic `session`.
 */
export type SessionCommand = { "type": "lobby", 
/**
 * The step.
 */
step: LobbyStep, } | { "type": "rename", 
/**
 * The name.
 */
name: DisplayName, } | { "type": "join", 
/**
 * The person's name. An agent's is ignored, because the sign-in names them.
 */
name: DisplayName, 
/**
 * No microphone and no sound: the person already speaks on the telephone.
 */
video_only: boolean, 
/**
 * The microphone is on.
 */
microphone: boolean, 
/**
 * The camera is on.
 */
camera: boolean, 
/**
 * Move the call here if another page holds the seat.
 */
take: boolean, 
/**
 * What the person joins with. Pages of the version before leave it out.
 */
arrival?: Arrival, } | { "type": "media", 
/**
 * The microphone is on.
 */
microphone: boolean, 
/**
 * The camera is on.
 */
camera: boolean, } | { "type": "zone", 
/**
 * Minutes ahead of UTC.
 */
utc_offset_min: UtcOffset, } | { "type": "cancel" } | { "type": "end" };

/**
 * Topic `signaling`. Nothing here is stored.
 */
export type SignalingSays = { "type": "offer", 
/**
 * Counts up per page, so that the page can ignore late answers.
 */
attempt: number, 
/**
 * The offer.
 */
sdp: Sdp, 
/**
 * A relay that did not answer and is to be avoided.
 */
avoid?: RelayId, } | { "type": "promote" } | { "type": "presence" } & Presence;

/**
 * Topic `chat`.
 */
export type ChatSays = { "type": "typing" } | ChatCommand;

/**
 * Durable commands of the topic `chat`.
 */
export type ChatCommand = { "type": "say", 
/**
 * The line.
 */
text: ChatText, };

/**
 * Topic `annotation`.
 */
export type AnnotationSays = { "type": "passing", 
/**
 * What.
 */
passing: Passing, } | AnnotationCommand;

/**
 * Durable commands of the topic `annotation`. A command changes only the strokes of the seat that
 * sends it, except `clear`.
 */
export type AnnotationCommand = { "type": "draw", 
/**
 * The picture; its board must be the open one.
 */
picture: number, 
/**
 * The strokes.
 */
strokes: Strokes, } | { "type": "undo", 
/**
 * On which picture.
 */
picture: number, } | { "type": "undo_all", 
/**
 * On which picture.
 */
picture: number, } | { "type": "redo", 
/**
 * On which picture.
 */
picture: number, } | { "type": "clear", 
/**
 * On which picture.
 */
picture: number, };

/**
 * Topic `screenshots`.
 */
export type ScreenshotsSays = { "type": "slot", 
/**
 * The purpose of the upload.
 */
upload: Upload, 
/**
 * Its exact length.
 */
bytes: UploadBytes, } | { "type": "view", 
/**
 * Which.
 */
object: Object, } | ScreenshotsCommand;

/**
 * Durable commands of the topic `screenshots`.
 */
export type ScreenshotsCommand = { "type": "capture" } | { "type": "bring" } | { "type": "capture_again", 
/**
 * Which picture.
 */
picture: number, } | { "type": "capture_failed", 
/**
 * Which picture.
 */
picture: number, 
/**
 * The number of the failed request: 1, and one more for each repeat. Older ones are
 * ignored.
 */
attempt: number, 
/**
 * Why.
 */
why: CaptureTrouble, } | { "type": "uploaded", 
/**
 * Which upload; `sharp` or `quick`.
 */
upload: Upload, } | { "type": "send", 
/**
 * Which picture.
 */
picture: number, 
/**
 * The event up to which strokes are in it: the newest known to the page that changed the
 * picture's board, or the picture's own number. So the same strokes have one number.
 */
through: number, 
/**
 * The digest of the base that the strokes were drawn on, as its event names it. Another
 * base is `malformed`. Pages from before there were digests leave it out.
 */
base?: Digest, } | { "type": "delete", 
/**
 * Which picture.
 */
picture: number, } | { "type": "open", 
/**
 * Which picture.
 */
picture: number, } | { "type": "close", 
/**
 * Which picture.
 */
picture: number, };

/**
 * Durable commands of the topic `guest`.
 */
export type GuestCommand = { "type": "switch_off", 
/**
 * Which.
 */
device: GuestDevice, } | { "type": "zoom", 
/**
 * How far.
 */
zoom: ZoomLevel, } | { "type": "ask", 
/**
 * For what.
 */
wish: GuestWish, } | { "type": "answer", 
/**
 * The number of the event that asked.
 */
asked: number, 
/**
 * The answer.
 */
answer: GuestAnswer, } | { "type": "locate", 
/**
 * The number of the event that asked.
 */
asked: number, 
/**
 * Where.
 */
place: GeoPlace, };

/**
 * Passing circumstances of a seat.
 */
export type Presence = { 
/**
 * The page is in the background, or its phone keeps the camera's picture back.
 */
paused: boolean, 
/**
 * Only the camera is paused: the page is in front, and its sound goes on.
 */
camera?: boolean, };

/**
 * A message to a page.
 */
export type ToPage = { 
/**
 * The session; absent only in the refusal of a message without one.
 */
session?: SessionId, } & ({ "topic": "session" } & SessionHears | { "topic": "signaling" } & SignalingHears | { "topic": "chat" } & ChatHears | { "topic": "annotation" } & AnnotationHears | { "topic": "screenshots" } & ScreenshotsHears);

/**
 * A message to a page, by topic.
 */
export type PageHears = { "topic": "session" } & SessionHears | { "topic": "signaling" } & SignalingHears | { "topic": "chat" } & ChatHears | { "topic": "annotation" } & AnnotationHears | { "topic": "screenshots" } & ScreenshotsHears;

/**
 * Topic `session`, towards a page.
 */
export type SessionHears = { "type": "attached" } & Attached | { "type": "pong", 
/**
 * Newest sequence number. A page with a lower head sends `resume`.
 */
head: number, 
/**
 * The server's clock, epoch milliseconds.
 */
now_ms: number, } | { "type": "events" } & Batch | { "type": "done" } & Done | { "type": "refused", } & ({ "why": "malformed" } | { "why": "unknown_topic" } | { "why": "too_long" } | { "why": "not_attached" } | { "why": "no_seat" } | { "why": "not_yours" } | { "why": "out_of_turn", 
/**
 * The next number that is taken.
 */
expected: number, } | { "why": "seat_taken" } | { "why": "name_taken" } | { "why": "moved" } | { "why": "not_joined" } | { "why": "invite_expired" } | { "why": "invite_cancelled" } | { "why": "call_ended" } | { "why": "already_joined" } | { "why": "too_soon", 
/**
 * Milliseconds to wait.
 */
wait_ms: number, } | { "why": "camera_off" } | { "why": "board_closed" } | { "why": "no_picture" } | { "why": "not_uploaded" } | { "why": "bad_picture" } | { "why": "limit_reached" } | { "why": "too_late" } | { "why": "too_often" } | { "why": "busy" } | { "why": "trouble" }) | { "type": "moved" } | { "type": "renewed" } | { "type": "connection", 
/**
 * Whose.
 */
seat: Seat, 
/**
 * The connection exists.
 */
here: boolean, } | { "type": "guest", 
/**
 * Which.
 */
seat: Seat, } | { "type": "closing", 
/**
 * [`crate::CLOSE_VERSION`] or [`crate::CLOSE_FLOOD`].
 */
code: number, };

/**
 * Answer to `attach`.
 */
export type Attached = { 
/**
 * The seat.
 */
seat: Seat, 
/**
 * Newest sequence number.
 */
head: number, 
/**
 * The server's clock, epoch milliseconds.
 */
now_ms: number, 
/**
 * This page holds the seat: it joined before and may go on (a reload).
 */
holds_seat: boolean, 
/**
 * Another page holds the seat: `join` needs `take`.
 */
held_elsewhere: boolean, 
/**
 * The number of this page's next command, as the server remembers it.
 */
next_n: number, 
/**
 * The other seat has a connection.
 */
other_here: boolean, 
/**
 * The attempt of the offer that came with `attach`: it is passed on. A page that sent one and
 * does not find it here sends `offer`.
 */
offered?: number, };

/**
 * Some events in order.
 */
export type Batch = { 
/**
 * In order, without gaps.
 */
events: Array<Event>, 
/**
 * Newest sequence number of the session.
 */
head: number, 
/**
 * The log goes on after these: ask again after the last.
 */
more: boolean, };

/**
 * The answer to a durable command. A repeated command gets its first answer again.
 */
export type Done = { 
/**
 * Which command.
 */
n: number, 
/**
 * Newest sequence number of the session.
 */
head: number, 
/**
 * The refusal, absent if it was done.
 */
refused?: Refusal, };

/**
 * Topic `signaling`, towards a page.
 */
export type SignalingHears = { "type": "answer", 
/**
 * To which attempt.
 */
attempt: number, 
/**
 * The answer.
 */
sdp: Sdp, 
/**
 * Which relay.
 */
relay: RelayId, } | { "type": "offered", 
/**
 * Which attempt.
 */
attempt: number, 
/**
 * Which relay.
 */
relay: RelayId, } | { "type": "no_relay", 
/**
 * Which attempt.
 */
attempt: number, 
/**
 * The offer itself was refused: trying again is useless.
 */
unacceptable: boolean, 
/**
 * What is wrong with an unacceptable offer, as far as the relay said.
 */
fault?: OfferFault, } | { "type": "gone", 
/**
 * The relay.
 */
relay: RelayId, 
/**
 * What the page did to bring it about, if it did.
 */
why?: GoneWhy, } | { "type": "presence" } & Presence;

/**
 * Topic `chat`, towards a page.
 */
export type ChatHears = { "type": "typing" };

/**
 * Topic `annotation`, towards a page.
 */
export type AnnotationHears = { "type": "passing", 
/**
 * What.
 */
passing: Passing, };

/**
 * Topic `screenshots`, towards a page.
 */
export type ScreenshotsHears = { "type": "slot", 
/**
 * For which upload.
 */
upload: Upload, 
/**
 * Where to `PUT`.
 */
url: string, 
/**
 * Headers to send with it, name and value: they are signed.
 */
headers: Array<[string, string]>, } | { "type": "no_slot", 
/**
 * For which upload.
 */
upload: Upload, 
/**
 * Why.
 */
refusal: Refusal, } | { "type": "link", 
/**
 * Which picture.
 */
object: Object, 
/**
 * Where to `GET` it.
 */
url: string, 
/**
 * When the link stops working, epoch milliseconds.
 */
expires_at_ms: number, } | { "type": "no_link", 
/**
 * Which picture.
 */
object: Object, 
/**
 * Why.
 */
refusal: Refusal, };

/**
 * What is wrong with an offer. Everything else that a relay does not know in an offer is ignored.
 */
export type OfferFault = "sections" | "payload_types" | "ice_lite" | "simulcast" | "setup" | "fingerprint" | "too_long" | "codecs" | "malformed";

/**
 * What a page did, so that the relay ended its transport. It may offer again.
 */
export type GoneWhy = "messages" | "work";

/**
 * The relay's own message to a page, twice a second as a *binary* message on the channel `live`.
 * Everything else on the two channels is a string from another page, forwarded unread, so no page
 * can forge a beat.
 */
export type Beat = { 
/**
 * Counts up by one with each beat.
 */
beat: number, 
/**
 * This page's media flows.
 */
speaks: boolean, 
/**
 * The other seat has a connected participant that speaks.
 */
other_here: boolean, 
/**
 * The other seat's picture has a codec that this page did not offer, so it is not forwarded.
 */
undecodable?: boolean, 
/**
 * The other seat's page did not offer the codec of this page's picture, and gets none.
 */
unseen?: boolean, 
/**
 * What the relay can send to this page at present, in bit/s; absent if unknown.
 */
down_bps?: number, 
/**
 * What this page's video may use, by the links of those who receive it, in bit/s; absent if
 * unknown. The relay tells at once that it fell by a quarter.
 */
video_bps?: number, };

/**
 * A message between two pages, once a second as a string on the channel `live`, never over the
 * socket. The receiving page checks it, because the relay does not read it. It may be lost.
 */
export type Told = { "type": "state", 
/**
 * The newest event that it knows of. A page that knows less, and hears nothing from the
 * server, tests its connection.
 */
head: number, 
/**
 * Frames a second that its camera gives; absent while none is sent, or not counted.
 */
camera_fps?: number, 
/**
 * The share of the other page's packets that did not reach it lately, in percent.
 */
lost_percent?: number, 
/**
 * What the relay can send to it at present, in bit/s; absent if unknown.
 */
down_bps?: number, 
/**
 * Its camera comes as still pictures, because a link carries no video.
 */
stills?: boolean, 
/**
 * The light beside its camera is on; absent where the camera has none.
 */
torch?: boolean, 
/**
 * How far its camera zooms; absent where it cannot.
 */
zoom?: ZoomLevel, 
/**
 * The agent asks for a call that uses little data.
 */
saves?: boolean, };

/**
 * How far calls got. Not everybody who joins allows a camera or a microphone.
 */
export type Funnel = { 
/**
 * Calls that ended, in any way.
 */
invited: number, 
/**
 * The customer opened the link.
 */
opened: number, 
/**
 * The customer's browser gave a camera or a microphone.
 */
allowed: number, 
/**
 * The customer joined.
 */
joined: number, };

/**
 * How far the calls of a day got.
 */
export type FigureDay = { 
/**
 * The day (UTC), such as `2026-11-28`.
 */
day: string, 
/**
 * Its calls.
 */
funnel: Funnel, };

/**
 * Why nobody joined a call: the last that stood in the way, or else how it ended.
 */
export type NotJoined = "not_opened" | "cancelled" | "went_away" | "camera_denied" | "camera_absent" | "camera_busy" | "microphone_denied" | "microphone_absent" | "no_answer" | "in_app_browser" | "connection_blocked" | "cookies_blocked";

/**
 * Calls with one reason for that nobody joined.
 */
export type NotJoinedCount = { 
/**
 * The reason.
 */
why: NotJoined, 
/**
 * Their number.
 */
calls: number, };

/**
 * Calls with one reason of their end.
 */
export type EndCount = { 
/**
 * The reason.
 */
why: EndReason, 
/**
 * Their number.
 */
calls: number, };

/**
 * Calls with one family of browsers.
 */
export type BrowserCount = { 
/**
 * The family.
 */
browser: BrowserKind, 
/**
 * Their number.
 */
calls: number, };

/**
 * Calls with one family of systems.
 */
export type SystemCount = { 
/**
 * The family.
 */
system: SystemKind, 
/**
 * Their number.
 */
calls: number, };

/**
 * A bin of a histogram. Bins come in order, and all of them.
 */
export type FigureBin = { 
/**
 * The bin has what is less than this, and not less than the bin before has. Absent for the
 * last one, which has everything else.
 */
below?: number, 
/**
 * Calls in it.
 */
calls: number, };

/**
 * How long things are kept, days.
 */
export type KeptDays = { 
/**
 * The records of a call: its log with the chat, its notes and ratings.
 */
calls: number, 
/**
 * Pictures.
 */
pictures: number, 
/**
 * A call's line in lists. No export goes further back.
 */
lines: number, 
/**
 * Lines of the audit log.
 */
audit: number, 
/**
 * Technical logs. Absent where the operator of the machine keeps them.
 */
logs?: number, 
/**
 * Backups, in which what was deleted is left. Absent where the operator of the machine makes
 * them.
 */
backups?: number, };

/**
 * How an export is written.
 */
export type ExportFormat = "csv" | "json";

/**
 * Answer to `GET /api/figures`. A call belongs to the day (UTC) on which it ended.
 */
export type Figures = { 
/**
 * The first day, such as `2026-11-28`.
 */
from: string, 
/**
 * The last day.
 */
to: string, 
/**
 * How far the calls of the period got.
 */
funnel: Funnel, 
/**
 * The same by day. A day without a call is absent.
 */
days: Array<FigureDay>, 
/**
 * Why nobody joined.
 */
not_joined: Array<NotJoinedCount>, 
/**
 * Why calls that were joined ended.
 */
ended: Array<EndCount>, 
/**
 * Seconds from the invitation to the customer's joining.
 */
joining_s: Array<FigureBin>, 
/**
 * Seconds from the customer's joining to the end.
 */
length_s: Array<FigureBin>, 
/**
 * Pictures kept at the end of a call that was joined.
 */
pictures: Array<FigureBin>, 
/**
 * How agents rated: one star to five.
 */
agent_stars: [number, number, number, number, number], 
/**
 * How customers rated.
 */
customer_stars: [number, number, number, number, number], 
/**
 * The customers' browsers, of calls that were joined.
 */
browsers: Array<BrowserCount>, 
/**
 * Their systems.
 */
systems: Array<SystemCount>, 
/**
 * A joined call is counted this long after its end, minutes: until then it may be rated.
 */
counted_after_min: number, 
/**
 * How long things are kept here. Counts stay for good.
 */
kept: KeptDays, };

/**
 * A colour of sRGB: red, green and blue. `#0a7f5a` as text.
 */
export type Colour = string;

/**
 * What a page shows of the business. Without a colour it keeps its own, without a logo its mark.
 */
export type Brand = { 
/**
 * Shades of the business's colour.
 */
shades?: BrandShades, 
/**
 * Where the logo is, and its size.
 */
logo?: LogoMark, };

/**
 * Roles of the style sheets (`docs/look.md`) that follow the colour of the business: each in light
 * and in dark.
 */
export type BrandShades = { 
/**
 * Links, icons that can be pressed, the ring of the focus.
 */
accent: [Colour, Colour], 
/**
 * The chosen one, the one under the pointer.
 */
"accent-soft": [Colour, Colour], 
/**
 * The button that leads on.
 */
fill: [Colour, Colour], };

/**
 * A logo without its bytes. They are at `GET /api/logo?v=<digest>`.
 */
export type LogoMark = { 
/**
 * Names this very logo.
 */
digest: Digest, 
/**
 * Pixels.
 */
width: number, 
/**
 * Pixels.
 */
height: number, };

/**
 * Answer to `GET /api/brand`: what an admin sees of the brand.
 */
export type BrandSettings = { 
/**
 * The colour as configured.
 */
colour?: Colour, 
/**
 * What light pages show in its place: text in the colour as configured would be too pale.
 */
darkened?: Colour, 
/**
 * The logo.
 */
logo?: LogoMark, 
/**
 * The logo is the operator's, from the start of the server. Admins cannot change it.
 */
logo_is_given: boolean, };

/**
 * Why a file is no logo.
 */
export type LogoFault = "too_many_bytes" | "too_many_pixels" | "other_kind" | "animated" | "damaged";

/**
 * `POST /api/look` and `POST /api/enter`: what the link's fragment carries, or the code that a
 * person typed.
 */
export type LinkSecret = { 
/**
 * The invite's secret.
 */
secret: InviteSecret, } | { 
/**
 * The invite's code, as typed.
 */
code: InviteCode, };

/**
 * `POST /api/sessions/{id}/held-up`: what keeps a customer's page from connecting. Answered 204.
 */
export type HeldUp = { 
/**
 * `connection_blocked` or `cookies_blocked`; any other step is refused.
 */
step: LobbyStep, 
/**
 * The invite's secret, where the browser has no cookie of the seat.
 */
secret?: InviteSecret, 
/**
 * The invite's code, where the browser has neither.
 */
code?: InviteCode, };

/**
 * Answer to `POST /api/look`, `POST /api/enter` and `GET /api/sessions/{id}/seat`. An unknown
 * secret, and a code that is unknown or void, are answered 404, `unknown_link`. Once the session
 * has ended a link says that and nothing else; a browser with the seat's cookie hears the names.
 */
export type Look = { 
/**
 * The state of the link.
 */
state: LinkState, 
/**
 * The session behind it.
 */
session?: SessionId, 
/**
 * The business that invites.
 */
business?: string, 
/**
 * Its colour and its logo.
 */
brand?: Brand, 
/**
 * The person who invites.
 */
agent_name?: DisplayName, 
/**
 * The language the invite was written in.
 */
language: Language, 
/**
 * A customer has joined with this invite: joining here moves the call.
 */
joined: boolean, 
/**
 * Days after which everything kept of the session is deleted, counted from its beginning.
 */
kept_days?: number, 
/**
 * The same for its pictures.
 */
pictures_days?: number, 
/**
 * The same for chat and notes.
 */
notes_days?: number, 
/**
 * The name that the customer gave, for a browser that may take the seat: not in the answer to
 * `POST /api/look`.
 */
name?: DisplayName, };

/**
 * The state of a link.
 */
export type LinkState = "valid" | "expired" | "cancelled" | "ended";

/**
 * `POST /api/sign-in/once`: the desk's one-time link.
 */
export type OnceToken = { 
/**
 * The token of the printed link.
 */
token: InviteSecret, };

/**
 * Answer to `GET /api/me` and to a sign-in.
 */
export type Me = { 
/**
 * The name of the signed-in person.
 */
name: DisplayName, 
/**
 * Their role.
 */
role: Role, 
/**
 * The business.
 */
business: string, 
/**
 * Its colour and its logo.
 */
brand?: Brand, 
/**
 * Languages of text messages.
 */
languages: Array<Language>, 
/**
 * The pause between two text messages of one session, milliseconds.
 */
cool_down_ms: number, 
/**
 * Address of a map, with `{lat}` and `{lon}` where the degrees of a place stand.
 */
maps: string, };

/**
 * Answer to `GET /api/entrance`: how to sign in.
 */
export type Entrance = { 
/**
 * How agents sign in here.
 */
sign_in: SignInBy, };

/**
 * How agents sign in.
 */
export type SignInBy = "link" | "provider";

/**
 * Answer to `POST /api/sign-out`.
 */
export type SignedOut = { 
/**
 * The address that signs out at the identity provider as well. Without that the next sign-in
 * asks for no credentials.
 */
next?: string, };

/**
 * The role of a signed-in person.
 */
export type Role = "agent" | "admin";

/**
 * `POST /api/sessions`: invites a customer.
 */
export type StartCall = { 
/**
 * Made by the page: a second click with the same one is the same call.
 */
request: PageId, 
/**
 * The number as typed; national forms are read in `region`. At most
 * [`StartCall::NUMBER_BYTES_MAX`] bytes.
 */
number: string, 
/**
 * The country of a number without one: two letters of ISO 3166-1.
 */
region: string, 
/**
 * The agent's reference.
 */
reference: Reference, 
/**
 * The language of the text message.
 */
language: Language, 
/**
 * The person has seen how the number is read, and sends although it is unlikely.
 */
confirm?: boolean, };

/**
 * Answer to `POST /api/sessions`.
 */
export type Started = { 
/**
 * The session.
 */
session: SessionId, };

/**
 * `POST /api/sessions/{id}/send`: sends the invite again. Asking twice for one attempt sends one
 * message.
 */
export type SendAgain = { 
/**
 * The attempt this would be (the newest known plus one).
 */
attempt: number, };

/**
 * Answer to `POST /api/sessions/{id}/link`: a fresh link to copy or to show.
 */
export type FreshLink = { 
/**
 * The link.
 */
link: string, };

/**
 * Answer to `GET /api/sessions/{id}/code`: the short code of the invite. It is the same each time.
 */
export type ShownCode = { 
/**
 * The code.
 */
code: InviteCode, 
/**
 * The address of the page that asks for it.
 */
address: string, };

/**
 * Answer to `GET /api/sessions/{id}/log?after=n`, for a page that is far behind.
 */
export type Log = { 
/**
 * In order, without gaps.
 */
events: Array<Event>, 
/**
 * Newest sequence number.
 */
head: number, 
/**
 * The log goes on after these.
 */
more: boolean, };

/**
 * Answer to `GET /api/sessions`: calls, the newest of the agent's own if nothing else was asked
 * for.
 */
export type Calls = { 
/**
 * Newest first, at most 50.
 */
calls: Array<Call>, 
/**
 * There may be more: where to go on, for the parameter of the same name. An answer may have it
 * and few calls or none, because one answer looks at 1,000 entries at most.
 */
after?: string, };

/**
 * One of the agent's calls.
 */
export type Call = { 
/**
 * The session.
 */
session: SessionId, 
/**
 * When it began, epoch milliseconds.
 */
at_ms: number, 
/**
 * The invited number in E.164 form, for inviting again. Lists show it masked. Empty for a call
 * that is reached by a link only.
 */
number: string, 
/**
 * The reference.
 */
reference: Reference, 
/**
 * How far it got.
 */
phase: CallPhase, 
/**
 * The agent who invited. Absent for a call of an earlier version, as all below.
 */
agent?: AgentId, 
/**
 * The agent's name.
 */
agent_name?: DisplayName, 
/**
 * The name that the customer gave last in the call.
 */
customer?: DisplayName, 
/**
 * When the customer joined, epoch milliseconds.
 */
joined_at_ms?: number, 
/**
 * When it ended, epoch milliseconds.
 */
ended_at_ms?: number, 
/**
 * Why it ended.
 */
reason?: EndReason, 
/**
 * The person asked for no more text messages: links and codes still lead in.
 */
opted_out?: boolean, 
/**
 * Pictures that are kept.
 */
pictures?: number, 
/**
 * Pictures that were sent to the chat.
 */
sent?: number, 
/**
 * How the agent rated it.
 */
agent_stars?: Stars, 
/**
 * How the customer rated it.
 */
customer_stars?: Stars, 
/**
 * When its records go, epoch milliseconds. Absent once they have gone.
 */
goes_ms?: number, 
/**
 * When its line in this list goes, likewise.
 */
line_goes_ms?: number, };

/**
 * Answer to `DELETE /api/sessions/{id}`: the call is erased. Names what stays of it elsewhere.
 */
export type Erased = { 
/**
 * The session.
 */
session: SessionId, 
/**
 * Days for which its id stays, and refuses what comes late.
 */
tombstone_days: number, 
/**
 * Days for which the logs have the line that says who erased it and when, and technical lines
 * with its id. Absent where the operator of the machine keeps the logs.
 */
log_days?: number, 
/**
 * Days for which it can be restored from backups. Absent where the operator of the machine
 * makes them.
 */
backup_days?: number, };

/**
 * Answer to `GET /api/agents`.
 */
export type AgentLines = { 
/**
 * By name.
 */
agents: Array<AgentLine>, };

/**
 * An agent who signed in during the last year.
 */
export type AgentLine = { 
/**
 * The agent.
 */
id: AgentId, 
/**
 * The name of the last sign-in.
 */
name: DisplayName, 
/**
 * The role of the last sign-in.
 */
role: Role, 
/**
 * When the agent signed in last, epoch milliseconds.
 */
seen_at_ms: number, 
/**
 * When the agent's access was taken back, epoch milliseconds. Absent while they have it.
 */
revoked_at_ms?: number, 
/**
 * It is the admin who asks.
 */
own: boolean, };

/**
 * `PUT /api/agents/{id}/access`: takes an agent's access back, or gives it again.
 */
export type SetAccess = { 
/**
 * The agent may sign in.
 */
allowed: boolean, };

/**
 * Answer to `GET /api/embed`: whose messages the page listens to.
 */
export type EmbedOrigins = { 
/**
 * The origins of the pages that may hold it.
 */
origins: Array<EmbedOrigin>, };

/**
 * `POST /api/embed`: trades a token for the cookie of the page `/embed`. Answered as `GET /api/me`
 * is.
 */
export type EnterEmbed = { 
/**
 * What the page around it said.
 */
token: EmbedToken, 
/**
 * The origin of that page, as the browser says it.
 */
origin: EmbedOrigin, };

/**
 * Answer to `GET /api/audit`.
 */
export type AuditLines = { 
/**
 * Newest first, at most [`AUDIT_LINES_MAX`].
 */
lines: Array<AuditLine>, 
/**
 * Days for which lines are kept.
 */
kept_days: number, 
/**
 * Where the next answer begins: `after` of its request. Absent at the end.
 */
after?: string, };

/**
 * Who did what.
 */
export type AuditLine = { 
/**
 * When, epoch milliseconds.
 */
at_ms: number, 
/**
 * Who: an agent, or a key of the API. Absent for the operator of the machine.
 */
by?: AgentId, 
/**
 * Their name then. Absent for the operator of the machine.
 */
name?: DisplayName, 
/**
 * What.
 */
deed: AuditDeed, 
/**
 * The call that it was about.
 */
call?: SessionId, 
/**
 * The name of the agent or the key that it was about.
 */
about?: DisplayName, };

/**
 * What is written into the audit log.
 */
export type AuditDeed = "signed_in" | "sign_in_refused" | "case_fetched" | "call_erased" | "key_made" | "key_revoked" | "access_taken" | "access_given" | "webhook_made" | "webhook_switched" | "webhook_rotated" | "webhook_removed" | "lines_changed" | "logo_set" | "logo_removed" | "audit_read" | "figures_read" | "calls_exported" | "other";

/**
 * Answer to `GET /api/keys`.
 */
export type ApiKeyList = { 
/**
 * In the order in which they were made, at most [`API_KEYS_MAX`].
 */
keys: Array<ApiKeyLine>, };

/**
 * A key as lists show it.
 */
export type ApiKeyLine = { 
/**
 * Names the key. It tells nothing of its secret.
 */
id: ApiKeyId, 
/**
 * What it is for. Notes that were written with it have this name.
 */
name: DisplayName, 
/**
 * The admin who made it. Absent for a key that the operator of the machine made.
 */
maker?: DisplayName, 
/**
 * What it opens.
 */
scopes: Array<KeyScope>, 
/**
 * When it was made, epoch milliseconds.
 */
made_at_ms: number, 
/**
 * When it was used last, to within a minute, epoch milliseconds.
 */
used_at_ms?: number, 
/**
 * When it ends, epoch milliseconds.
 */
expires_at_ms?: number, };

/**
 * What a key opens.
 */
export type KeyScope = "invite" | "read" | "case" | "erase" | "embed";

/**
 * `POST /api/keys`: makes a key.
 */
export type MakeKey = { 
/**
 * What it is for.
 */
name: DisplayName, 
/**
 * What it opens: one scope at least.
 */
scopes: Array<KeyScope>, 
/**
 * Days until it ends, 1 to [`MakeKey::DAYS_MAX`]. Without them it stays until it is revoked.
 */
days?: number, };

/**
 * Answer to `POST /api/keys`.
 */
export type MadeKey = { 
/**
 * The key. No later answer has it.
 */
secret: ApiKeySecret, 
/**
 * The same as in the list.
 */
key: ApiKeyLine, };

/**
 * Answer to `GET /api/lines` and `PUT /api/lines`, and the body of the latter.
 */
export type ReadyLineList = { 
/**
 * Counts the changes of the list. In a `PUT`, the one that it replaces. 0: there was none yet.
 */
revision: number, 
/**
 * The lines.
 */
lines: ReadyLines, };

/**
 * Lines in the order in which agents see them, at most [`READY_LINES_MAX`], each once: a repeat is
 * dropped.
 */
export type ReadyLines = ReadyLine[];

/**
 * Answer to `GET /api/webhooks`.
 */
export type WebhookList = { 
/**
 * In the order in which they were made, at most [`WEBHOOKS_MAX`].
 */
webhooks: Array<WebhookLine>, };

/**
 * A webhook as lists show it.
 */
export type WebhookLine = { 
/**
 * Names the webhook.
 */
id: WebhookId, 
/**
 * Whom it tells.
 */
name: DisplayName, 
/**
 * Where its messages go.
 */
url: string, 
/**
 * The admin who made it.
 */
maker: DisplayName, 
/**
 * When it was made, epoch milliseconds.
 */
made_at_ms: number, 
/**
 * It hears of calls.
 */
on: boolean, 
/**
 * When it was switched off because its receiver answered that it is gone for good (410), epoch
 * milliseconds.
 */
gone_at_ms?: number, 
/**
 * Until when its messages carry a signature by the secret before, too, epoch milliseconds.
 */
rotating_until_ms?: number, };

/**
 * `POST /api/webhooks`: makes a webhook.
 */
export type MakeWebhook = { 
/**
 * Whom it tells.
 */
name: DisplayName, 
/**
 * An `https` address without a user, of at most [`MakeWebhook::URL_BYTES_MAX`] bytes.
 */
url: string, };

/**
 * Answer to `POST /api/webhooks` and to `POST /api/webhooks/{id}/rotate`.
 */
export type MadeWebhook = { 
/**
 * The secret. No later answer has it.
 */
secret: WebhookSecret, 
/**
 * The same as in the list.
 */
webhook: WebhookLine, };

/**
 * `PUT /api/webhooks/{id}`: switches a webhook.
 */
export type SwitchWebhook = { 
/**
 * It hears of calls from now on, or does not.
 */
on: boolean, };

/**
 * Answer to `GET /api/webhooks/{id}/deliveries`.
 */
export type DeliveryList = { 
/**
 * The newest first, of seven days.
 */
deliveries: Array<DeliveryLine>, 
/**
 * There may be more: ask again with `after` set to this value.
 */
after?: string, };

/**
 * The delivery of a message.
 */
export type DeliveryLine = { 
/**
 * Names the message.
 */
id: MessageId, 
/**
 * What it says.
 */
kind: MessageKind, 
/**
 * Why the call ended.
 */
reason?: EndReason, 
/**
 * When it happened, epoch milliseconds.
 */
at_ms: number, 
/**
 * How often it was sent.
 */
attempts: number, 
/**
 * When it was sent last, epoch milliseconds.
 */
tried_at_ms?: number, 
/**
 * What became of that.
 */
outcome?: DeliveryOutcome, } & ({ "phase": "waiting", 
/**
 * Epoch milliseconds.
 */
due_at_ms: number, } | { "phase": "delivered" } | { "phase": "dead" });

/**
 * How far a delivery got.
 */
export type DeliveryPhase = { "phase": "waiting", 
/**
 * Epoch milliseconds.
 */
due_at_ms: number, } | { "phase": "delivered" } | { "phase": "dead" };

/**
 * What became of an attempt.
 */
export type DeliveryOutcome = { "outcome": "answered", 
/**
 * The status of HTTP. A redirect is not followed.
 */
status: number, } | { "outcome": "late" } | { "outcome": "not_found" } | { "outcome": "forbidden" } | { "outcome": "not_reached" } | { "outcome": "not_trusted" } | { "outcome": "switched_off" };

/**
 * What happened, as a webhook's message says it.
 */
export type MessageKind = "invite.opened" | "call.joined" | "call.ended" | "picture.kept" | "call.rated" | "case.erased" | "webhook.test";

/**
 * Answer to `GET /api/sessions/{id}/pictures`: what is stored of the call's pictures. Each address
 * is valid for five minutes.
 */
export type CallPictures = { 
/**
 * In the order in which they were asked for.
 */
pictures: Array<CallPicture>, };

/**
 * A picture of a call, of which the base or what was sent is stored.
 */
export type CallPicture = { 
/**
 * The number of the event that asked for it.
 */
picture: number, 
/**
 * When it was asked for, epoch milliseconds.
 */
at_ms: number, 
/**
 * Where it comes from.
 */
source: PictureSource, 
/**
 * The address of the base. Absent for a picture that was deleted after it was sent.
 */
base?: string, 
/**
 * Of the base, pixels.
 */
width?: number, 
/**
 * Of the base, pixels.
 */
height?: number, 
/**
 * With strokes, as sent to the chat; oldest first.
 */
sent: Array<SentPicture>, };

/**
 * A picture with strokes, as sent to the chat.
 */
export type SentPicture = { 
/**
 * The event up to which strokes are in it.
 */
through: number, 
/**
 * Its address.
 */
url: string, };

/**
 * How far a call got.
 */
export type CallPhase = "waiting" | "live" | "ended";

/**
 * The body of every answer that is not 2xx.
 */
export type ApiRefusal = { "error": "unknown_link" } | { "error": "not_found" } | { "error": "not_signed_in" } | { "error": "sign_in_link_spent" } | { "error": "wrong_origin" } | { "error": "not_admin" } | { "error": "call_running" } | { "error": "own_access" } | { "error": "changed_meanwhile" } | { "error": "wrong_host" } | { "error": "malformed" } | { "error": "too_long" } | { "error": "bad_number", 
/**
 * Why.
 */
why?: NumberFault, } | { "error": "number_unlikely", 
/**
 * How the number is read.
 */
reading: NumberReading, } | { "error": "bad_logo", 
/**
 * Why.
 */
why: LogoFault, } | { "error": "logo_given" } | { "error": "unknown_language" } | { "error": "too_often" } | { "error": "refused", } & ({ "why": "malformed" } | { "why": "unknown_topic" } | { "why": "too_long" } | { "why": "not_attached" } | { "why": "no_seat" } | { "why": "not_yours" } | { "why": "out_of_turn", 
/**
 * The next number that is taken.
 */
expected: number, } | { "why": "seat_taken" } | { "why": "name_taken" } | { "why": "moved" } | { "why": "not_joined" } | { "why": "invite_expired" } | { "why": "invite_cancelled" } | { "why": "call_ended" } | { "why": "already_joined" } | { "why": "too_soon", 
/**
 * Milliseconds to wait.
 */
wait_ms: number, } | { "why": "camera_off" } | { "why": "board_closed" } | { "why": "no_picture" } | { "why": "not_uploaded" } | { "why": "bad_picture" } | { "why": "limit_reached" } | { "why": "too_late" } | { "why": "too_often" } | { "why": "busy" } | { "why": "trouble" }) | { "error": "trouble" };

/**
 * The error of a request.
 */
export type ApiError = { "error": "unknown_link" } | { "error": "not_found" } | { "error": "not_signed_in" } | { "error": "sign_in_link_spent" } | { "error": "wrong_origin" } | { "error": "not_admin" } | { "error": "call_running" } | { "error": "own_access" } | { "error": "changed_meanwhile" } | { "error": "wrong_host" } | { "error": "malformed" } | { "error": "too_long" } | { "error": "bad_number", 
/**
 * Why.
 */
why?: NumberFault, } | { "error": "number_unlikely", 
/**
 * How the number is read.
 */
reading: NumberReading, } | { "error": "bad_logo", 
/**
 * Why.
 */
why: LogoFault, } | { "error": "logo_given" } | { "error": "unknown_language" } | { "error": "too_often" } | { "error": "refused", } & ({ "why": "malformed" } | { "why": "unknown_topic" } | { "why": "too_long" } | { "why": "not_attached" } | { "why": "no_seat" } | { "why": "not_yours" } | { "why": "out_of_turn", 
/**
 * The next number that is taken.
 */
expected: number, } | { "why": "seat_taken" } | { "why": "name_taken" } | { "why": "moved" } | { "why": "not_joined" } | { "why": "invite_expired" } | { "why": "invite_cancelled" } | { "why": "call_ended" } | { "why": "already_joined" } | { "why": "too_soon", 
/**
 * Milliseconds to wait.
 */
wait_ms: number, } | { "why": "camera_off" } | { "why": "board_closed" } | { "why": "no_picture" } | { "why": "not_uploaded" } | { "why": "bad_picture" } | { "why": "limit_reached" } | { "why": "too_late" } | { "why": "too_often" } | { "why": "busy" } | { "why": "trouble" }) | { "error": "trouble" };

/**
 * `POST /api/number`: asks how the server reads a number. Nothing is stored or sent.
 */
export type ReadNumber = { 
/**
 * The number as typed; at most [`crate::api::StartCall::NUMBER_BYTES_MAX`] bytes.
 */
number: string, 
/**
 * The country of a number without one: two letters of ISO 3166-1.
 */
region: string, };

/**
 * How the server reads a number: the answer to `POST /api/number`, and part of the error
 * `number_unlikely`.
 */
export type NumberReading = { 
/**
 * Whether it receives text messages.
 */
texting: Texting, 
/**
 * The other number that was perhaps meant: it has the same digits, with the first ones as the
 * country code.
 */
other?: NumberRead, 
/**
 * The number in E.164 form.
 */
number: PhoneNumber, 
/**
 * The same as its country writes it, such as `+47 470 75 955`.
 */
formatted: string, 
/**
 * Its country: two letters of ISO 3166-1. Numbers of no country (satellites, international
 * services) have none.
 */
region?: string, 
/**
 * Its kind.
 */
kind: NumberKind, };

/**
 * A number, and what the numbering plans say about it.
 */
export type NumberRead = { 
/**
 * The number in E.164 form.
 */
number: PhoneNumber, 
/**
 * The same as its country writes it, such as `+47 470 75 955`.
 */
formatted: string, 
/**
 * Its country: two letters of ISO 3166-1. Numbers of no country (satellites, international
 * services) have none.
 */
region?: string, 
/**
 * Its kind.
 */
kind: NumberKind, };

/**
 * The kind of a number, as the numbering plans assign it.
 */
export type NumberKind = "mobile" | "fixed_line" | "fixed_line_or_mobile" | "voip" | "toll_free" | "premium_rate" | "shared_cost" | "personal" | "pager" | "company_wide" | "voicemail" | "unassigned";

/**
 * Whether a number receives text messages.
 */
export type Texting = "usual" | "unassigned" | "fixed_line" | "no_telephone" | "two_readings" | "kind_refused" | "region_refused";

/**
 * Why what was typed is no telephone number.
 */
export type NumberFault = "letters" | "extension" | "signs" | "short" | "long" | "country" | "digits";

/**
 * `PUT /api/sessions/{id}/rating`, by either seat in the ten minutes after the call. A later one
 * replaces it. Answered 204.
 */
export type Rate = { 
/**
 * Whose rating it is. A browser may have the cookies of both seats.
 */
seat: Seat, 
/**
 * How the call was.
 */
stars: Stars, 
/**
 * What the person says about it.
 */
comment?: CommentText, };

/**
 * `POST /api/sessions/{id}/notes` writes a note, `PUT /api/sessions/{id}/notes/{n}` edits one.
 * Both answer [`Notes`].
 */
export type WriteNote = { 
/**
 * The text.
 */
text: NoteText, };

/**
 * All notes of a call, in the order of their beginning.
 */
export type Notes = { 
/**
 * The notes.
 */
notes: Array<Note>, };

/**
 * A note.
 */
export type Note = { 
/**
 * Its number, from 1.
 */
n: number, 
/**
 * What it said and says, the newest text last. Never empty.
 */
texts: Array<NoteVersion>, };

/**
 * What a note says since a time.
 */
export type NoteVersion = { 
/**
 * Who wrote it.
 */
author: DisplayName, 
/**
 * When, epoch milliseconds.
 */
at_ms: number, 
/**
 * The text.
 */
text: NoteText, };

/**
 * A rating of one seat.
 */
export type Rating = { 
/**
 * Whose.
 */
seat: Seat, 
/**
 * The stars.
 */
stars: Stars, 
/**
 * What the person says about it.
 */
comment?: CommentText, 
/**
 * When it was given last, epoch milliseconds.
 */
at_ms: number, };

/**
 * Answer to `GET /api/sessions/{id}`, for the call's agent and for admins. The log stands at
 * `GET /api/sessions/{id}/log`, the pictures at `GET /api/sessions/{id}/pictures`.
 */
export type CallDetail = { 
/**
 * The session.
 */
session: SessionId, 
/**
 * The agent's reference.
 */
reference: Reference, 
/**
 * The invited number. Pages show it masked.
 */
number?: PhoneNumber, 
/**
 * The agent's name.
 */
agent_name: DisplayName, 
/**
 * The customer's last name in the call.
 */
customer_name?: DisplayName, 
/**
 * The customer's clock, once known.
 */
utc_offset_min?: UtcOffset, 
/**
 * When the call was begun, epoch milliseconds.
 */
at_ms: number, 
/**
 * Why it ended. Absent while it runs.
 */
ended?: EndReason, 
/**
 * What the customer joined with.
 */
arrival?: Arrival, 
/**
 * The signed-in person may rate the call until then, epoch milliseconds. Absent where they
 * may not.
 */
rate_until_ms?: number, 
/**
 * Where the customer was last, if the agent asked and the customer allowed it.
 */
located?: LocatedAt, 
/**
 * The ratings that were given.
 */
ratings: Array<Rating>, 
/**
 * The notes.
 */
notes: Array<Note>, 
/**
 * How the call ran, for each seat the newest minutes.
 */
quality: Array<SeatQuality>, 
/**
 * When chat, notes, ratings and quality go, epoch milliseconds.
 */
goes_ms: number, 
/**
 * When its line in the list goes, likewise.
 */
line_goes_ms: number, 
/**
 * When its pictures go, likewise.
 */
pictures_go_ms: number, 
/**
 * Days that the lobby named when the customer joined: for pictures, then for chat and notes.
 * Today's where nobody joined, and in calls of the version before.
 */
kept_days: [number, number], };

/**
 * How the call ran for one seat.
 */
export type SeatQuality = { 
/**
 * Whose.
 */
seat: Seat, 
/**
 * Minutes in which its page told something, the earliest first.
 */
minutes: Array<MinuteQuality>, };

/**
 * One minute of it.
 */
export type MinuteQuality = { 
/**
 * When it began, epoch milliseconds.
 */
at_ms: number, 
/**
 * Some 20 seconds each.
 */
moments: Array<Moment>, };

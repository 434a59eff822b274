// Made from the crate `wire`; do not edit. To make it again: UPDATE=1 cargo test -p sightline-wire

export const SUBPROTOCOL = "sightline.1";
export const MESSAGE_BYTES_MAX = 24576;
export const CHANNEL_MESSAGE_BYTES_MAX = 16384;
export const CLOSE_VERSION = 4406;
export const CLOSE_FLOOD = 4429;
export const DISPLAY_NAME_MAX = 40;
export const CHAT_TEXT_MAX = 2000;
export const REFERENCE_MIN = 8;
export const REFERENCE_MAX = 20;
export const NUMBER_MAX = 40;

/**
 * One assistance session: from the invite to the end of the call. Not a secret.
 *
 * 128 bits; as text, 22 characters of unpadded base64url (RFC 4648 section 5).
 */
export type SessionId = string;

/**
 * One load of a page, made by the page; it survives a reload of the same tab. Not a secret: who speaks is decided by
 * the cookie of the connection.
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
 * One relay process, chosen anew at each of its starts.
 *
 * 128 bits; as text, 22 characters of unpadded base64url (RFC 4648 section 5).
 */
export type RelayId = string;

/**
 * The secret of an invite link, from the system's generator. Whoever holds it may enter; it is stored only as a hash
 * and its `Debug` shows nothing.
 *
 * 128 bits; as text, 22 characters of unpadded base64url (RFC 4648 section 5).
 */
export type InviteSecret = string;

/**
 * What somebody is called on the screen, at most 40 units. Personal: `Debug` hides it.
 */
export type DisplayName = string;

/**
 * One line of chat, at most 2,000 units, line breaks allowed. `Debug` hides it.
 */
export type ChatText = string;

/**
 * The agent's reference for a call, 8 to 20 units.
 */
export type Reference = string;

/**
 * A telephone number in E.164 form: `+`, then 7 to 15 digits (ITU-T E.164 section 6). Whether it can exist is the
 * host's question. `Debug` hides it.
 */
export type PhoneNumber = string;

/**
 * A language tag of BCP 47, such as `en` or `pt-BR`.
 */
export type Language = string;

/**
 * A session description (RFC 8866), at most 16 KiB. Not trimmed, since its lines end in CR LF. `Debug` hides it.
 */
export type Sdp = string;

/**
 * One of the two places in a session.
 */
export type Seat = "agent" | "customer";

/**
 * One durable thing that happened in a session. Events are numbered without gaps from 1.
 */
export type Event = { 
/**
 * Its place in the session's log, from 1.
 */
seq: number, 
/**
 * When the server took it, epoch milliseconds; never earlier than the event before.
 */
at_ms: number, } & ({ "type": "invite_issued", 
/**
 * Who invites.
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
expires_at_ms: number, } | { "type": "sms_attempted", 
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
why: SmsFailure, } | { "type": "link_made" } | { "type": "link_opened" } | { "type": "lobby_reached", 
/**
 * Where.
 */
step: LobbyStep, } | { "type": "renamed", 
/**
 * The name.
 */
name: DisplayName, } | { "type": "joined", 
/**
 * Whose.
 */
seat: Seat, 
/**
 * What they are called.
 */
name: DisplayName, 
/**
 * They speak on the telephone already: no microphone, no sound.
 */
video_only: boolean, } | { "type": "lost", 
/**
 * Whose.
 */
seat: Seat, } | { "type": "resumed", 
/**
 * Whose.
 */
seat: Seat, } | { "type": "moved", 
/**
 * Whose.
 */
seat: Seat, 
/**
 * They speak on the telephone there: no microphone, no sound.
 */
video_only: boolean, } | { "type": "left", 
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
text: ChatText, } | { "type": "ended", 
/**
 * Why.
 */
why: EndReason, });

/**
 * What happened. Fields that one seat may not see are absent for it.
 */
export type What = { "type": "invite_issued", 
/**
 * Who invites.
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
expires_at_ms: number, } | { "type": "sms_attempted", 
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
why: SmsFailure, } | { "type": "link_made" } | { "type": "link_opened" } | { "type": "lobby_reached", 
/**
 * Where.
 */
step: LobbyStep, } | { "type": "renamed", 
/**
 * The name.
 */
name: DisplayName, } | { "type": "joined", 
/**
 * Whose.
 */
seat: Seat, 
/**
 * What they are called.
 */
name: DisplayName, 
/**
 * They speak on the telephone already: no microphone, no sound.
 */
video_only: boolean, } | { "type": "lost", 
/**
 * Whose.
 */
seat: Seat, } | { "type": "resumed", 
/**
 * Whose.
 */
seat: Seat, } | { "type": "moved", 
/**
 * Whose.
 */
seat: Seat, 
/**
 * They speak on the telephone there: no microphone, no sound.
 */
video_only: boolean, } | { "type": "left", 
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
text: ChatText, } | { "type": "ended", 
/**
 * Why.
 */
why: EndReason, };

/**
 * How far a customer is before joining, and what keeps them.
 */
export type LobbyStep = "in_lobby" | "asking" | "joining" | "camera_denied" | "camera_absent" | "camera_busy" | "microphone_denied" | "microphone_absent" | "no_answer" | "in_app_browser";

/**
 * Why a text message did not go out.
 */
export type SmsFailure = "bad_number" | "opted_out" | "throttled" | "spend_limit" | "trouble";

/**
 * Why a session ended.
 */
export type EndReason = "agent_ended" | "customer_ended" | "invite_cancelled" | "invite_expired" | "nobody_heard" | "too_long";

/**
 * Why something asked for was not done. The connection and the session are unharmed.
 */
export type Refusal = { "why": "malformed" } | { "why": "unknown_topic" } | { "why": "too_long" } | { "why": "not_attached" } | { "why": "no_seat" } | { "why": "not_yours" } | { "why": "out_of_turn", 
/**
 * The next number that is taken.
 */
expected: number, } | { "why": "seat_taken" } | { "why": "moved" } | { "why": "not_joined" } | { "why": "invite_expired" } | { "why": "invite_cancelled" } | { "why": "call_ended" } | { "why": "already_joined" } | { "why": "too_soon", 
/**
 * Milliseconds to wait.
 */
wait_ms: number, } | { "why": "limit_reached" } | { "why": "too_often" } | { "why": "busy" } | { "why": "trouble" };

/**
 * A message of a page.
 */
export type FromPage = { 
/**
 * The session it is about.
 */
session: SessionId, 
/**
 * The page that speaks.
 */
page: PageId, } & ({ "topic": "session" } & SessionSays | { "topic": "signaling" } & SignalingSays | { "topic": "chat" } & ChatSays);

/**
 * What a page says, by topic.
 */
export type PageSays = { "topic": "session" } & SessionSays | { "topic": "signaling" } & SignalingSays | { "topic": "chat" } & ChatSays;

/**
 * Topic `session`. What carries `n` is a durable command: numbered from 1 by its page, answered by [`Done`], one under way at a time.
 */
export type SessionSays = { "type": "attach", 
/**
 * For which seat; the connection's cookies must allow it.
 */
seat: Seat, } | { "type": "ping" } | { "type": "resume", 
/**
 * The last event this page has.
 */
after: number, } | { "type": "lobby", 
/**
 * Command number.
 */
n: number, 
/**
 * Where.
 */
step: LobbyStep, } | { "type": "rename", 
/**
 * Command number.
 */
n: number, 
/**
 * The name.
 */
name: DisplayName, } | { "type": "join", 
/**
 * Command number.
 */
n: number, 
/**
 * What the person is called. An agent's is ignored: the sign-in names them.
 */
name: DisplayName, 
/**
 * No microphone, no sound: they speak on the telephone already.
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
take: boolean, } | { "type": "media", 
/**
 * Command number.
 */
n: number, 
/**
 * The microphone is on.
 */
microphone: boolean, 
/**
 * The camera is on.
 */
camera: boolean, } | { "type": "leave" } | { "type": "cancel", 
/**
 * Command number.
 */
n: number, } | { "type": "end", 
/**
 * Command number.
 */
n: number, };

/**
 * Topic `signaling`. Nothing here is stored.
 */
export type SignalingSays = { "type": "offer", 
/**
 * Counts up per page, so that a late answer is told from the one asked for.
 */
attempt: number, 
/**
 * The offer.
 */
sdp: Sdp, 
/**
 * A relay that did not answer, to be avoided.
 */
avoid?: RelayId, } | { "type": "promote" } | { "type": "presence" } & Presence;

/**
 * Topic `chat`.
 */
export type ChatSays = { "type": "say", 
/**
 * Command number.
 */
n: number, 
/**
 * The line.
 */
text: ChatText, } | { "type": "typing" };

/**
 * Passing circumstances of a seat.
 */
export type Presence = { 
/**
 * The page is in the background or the phone took the camera away.
 */
paused: boolean, };

/**
 * A message to a page.
 */
export type ToPage = { 
/**
 * The session it is about; absent only in a refusal of something that named none.
 */
session?: SessionId, } & ({ "topic": "session" } & SessionHears | { "topic": "signaling" } & SignalingHears | { "topic": "chat" } & ChatHears);

/**
 * What a page hears, by topic.
 */
export type PageHears = { "topic": "session" } & SessionHears | { "topic": "signaling" } & SignalingHears | { "topic": "chat" } & ChatHears;

/**
 * Topic `session`, towards a page.
 */
export type SessionHears = { "type": "attached" } & Attached | { "type": "pong", 
/**
 * Newest sequence number: whoever is behind asks with `resume`.
 */
head: number, 
/**
 * The server's clock, epoch milliseconds.
 */
now_ms: number, } | { "type": "events" } & Batch | { "type": "done" } & Done | { "type": "refused", } & ({ "why": "malformed" } | { "why": "unknown_topic" } | { "why": "too_long" } | { "why": "not_attached" } | { "why": "no_seat" } | { "why": "not_yours" } | { "why": "out_of_turn", 
/**
 * The next number that is taken.
 */
expected: number, } | { "why": "seat_taken" } | { "why": "moved" } | { "why": "not_joined" } | { "why": "invite_expired" } | { "why": "invite_cancelled" } | { "why": "call_ended" } | { "why": "already_joined" } | { "why": "too_soon", 
/**
 * Milliseconds to wait.
 */
wait_ms: number, } | { "why": "limit_reached" } | { "why": "too_often" } | { "why": "busy" } | { "why": "trouble" }) | { "type": "moved" } | { "type": "connection", 
/**
 * Whose.
 */
seat: Seat, 
/**
 * It is there.
 */
here: boolean, };

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
 * The other seat's connection is there.
 */
other_here: boolean, };

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
 * There is more after these: ask again after the last.
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
 * Why not, or absent when it was done.
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
 * The offer itself was not acceptable: trying again is no use.
 */
unacceptable: boolean, } | { "type": "gone", 
/**
 * The relay.
 */
relay: RelayId, } | { "type": "presence" } & Presence;

/**
 * Topic `chat`, towards a page.
 */
export type ChatHears = { "type": "typing" };

/**
 * The relay's own word to a page, twice a second as a *binary* message on the channel `live`. Everything else on the two
 * channels is a string from the other person, forwarded unread: so nobody can forge a beat.
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
 * What the relay can send this page at present, in bit/s; absent when it does not know.
 */
down_bps?: number, };

/**
 * `POST /api/look` and `POST /api/enter`: what the link's fragment carries.
 */
export type LinkSecret = { 
/**
 * The invite's secret.
 */
secret: InviteSecret, };

/**
 * Answer to `POST /api/look`, `POST /api/enter` and `GET /api/sessions/{id}/seat`. An unknown secret is answered 404, `unknown_link`.
 */
export type Look = { 
/**
 * What can be done with the link.
 */
state: LinkState, 
/**
 * The session behind it.
 */
session: SessionId, 
/**
 * The business that invites.
 */
business: string, 
/**
 * The person who invites.
 */
agent_name: DisplayName, 
/**
 * The language the invite was written in.
 */
language: Language, 
/**
 * Somebody joined with this invite already: joining here moves the call.
 */
joined: boolean, 
/**
 * Days after which everything kept of the session is deleted, counted from its beginning.
 */
kept_days: number, };

/**
 * What can be done with a link.
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
 * Who is signed in.
 */
name: DisplayName, 
/**
 * What they may do.
 */
role: Role, 
/**
 * The business.
 */
business: string, 
/**
 * Languages a text message can be written in.
 */
languages: Array<Language>, 
/**
 * Between two text messages of one session, milliseconds.
 */
cool_down_ms: number, };

/**
 * What a signed-in person may do.
 */
export type Role = "agent" | "admin";

/**
 * `POST /api/sessions`: invites somebody.
 */
export type StartCall = { 
/**
 * Made by the page: a second click with the same one is the same call.
 */
request: PageId, 
/**
 * The number as typed; national forms are read in `region`. At most [`StartCall::NUMBER_BYTES_MAX`] bytes.
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
language: Language, };

/**
 * Answer to `POST /api/sessions`.
 */
export type Started = { 
/**
 * The session.
 */
session: SessionId, };

/**
 * `POST /api/sessions/{id}/send`: sends the invite again. Asking twice for one attempt sends one message.
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
 * There is more after these.
 */
more: boolean, };

/**
 * Answer to `GET /api/sessions`: the agent's newest calls.
 */
export type Calls = { 
/**
 * Newest first.
 */
calls: Array<Call>, };

/**
 * One of the agent's calls.
 */
export type Call = { 
/**
 * The session.
 */
session: SessionId, 
/**
 * When it was begun, epoch milliseconds.
 */
at_ms: number, 
/**
 * The invited number in E.164 form, for inviting again. Lists show it masked.
 */
number: string, 
/**
 * The reference.
 */
reference: Reference, 
/**
 * How far it got.
 */
phase: CallPhase, };

/**
 * How far a call got.
 */
export type CallPhase = "waiting" | "live" | "ended";

/**
 * The body of every answer that is not 2xx.
 */
export type ApiRefusal = { "error": "unknown_link" } | { "error": "not_found" } | { "error": "not_signed_in" } | { "error": "sign_in_link_spent" } | { "error": "wrong_origin" } | { "error": "wrong_host" } | { "error": "malformed" } | { "error": "too_long" } | { "error": "bad_number" } | { "error": "unknown_language" } | { "error": "too_often" } | { "error": "refused", } & ({ "why": "malformed" } | { "why": "unknown_topic" } | { "why": "too_long" } | { "why": "not_attached" } | { "why": "no_seat" } | { "why": "not_yours" } | { "why": "out_of_turn", 
/**
 * The next number that is taken.
 */
expected: number, } | { "why": "seat_taken" } | { "why": "moved" } | { "why": "not_joined" } | { "why": "invite_expired" } | { "why": "invite_cancelled" } | { "why": "call_ended" } | { "why": "already_joined" } | { "why": "too_soon", 
/**
 * Milliseconds to wait.
 */
wait_ms: number, } | { "why": "limit_reached" } | { "why": "too_often" } | { "why": "busy" } | { "why": "trouble" }) | { "error": "trouble" };

/**
 * What is the matter with a request.
 */
export type ApiError = { "error": "unknown_link" } | { "error": "not_found" } | { "error": "not_signed_in" } | { "error": "sign_in_link_spent" } | { "error": "wrong_origin" } | { "error": "wrong_host" } | { "error": "malformed" } | { "error": "too_long" } | { "error": "bad_number" } | { "error": "unknown_language" } | { "error": "too_often" } | { "error": "refused", } & ({ "why": "malformed" } | { "why": "unknown_topic" } | { "why": "too_long" } | { "why": "not_attached" } | { "why": "no_seat" } | { "why": "not_yours" } | { "why": "out_of_turn", 
/**
 * The next number that is taken.
 */
expected: number, } | { "why": "seat_taken" } | { "why": "moved" } | { "why": "not_joined" } | { "why": "invite_expired" } | { "why": "invite_cancelled" } | { "why": "call_ended" } | { "why": "already_joined" } | { "why": "too_soon", 
/**
 * Milliseconds to wait.
 */
wait_ms: number, } | { "why": "limit_reached" } | { "why": "too_often" } | { "why": "busy" } | { "why": "trouble" }) | { "error": "trouble" };

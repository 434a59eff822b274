//! The tables. Keys have a fixed width, so that their order in the file is the order of reading.

use redb::{Database, ReadableTable, TableDefinition, WriteTransaction};

use super::failure::DatabaseFailure;

/// Session: revision, delete date (epoch seconds), encoded state.
pub const SESSIONS: TableDefinition<&[u8; 16], (u32, u64, &[u8])> =
    TableDefinition::new("sessions");
/// Session and sequence number: encoded event.
pub const EVENTS: TableDefinition<(&[u8; 16], u32), &[u8]> = TableDefinition::new("events");
/// Hash of an invite's secret: session.
pub const INVITES: TableDefinition<&[u8; 32], &[u8; 16]> = TableDefinition::new("invites");
/// Session and the hashes that lead to it, for deleting.
pub const INVITES_OF: TableDefinition<(&[u8; 16], &[u8; 32]), ()> =
    TableDefinition::new("invites-of");
/// Agent, time of beginning counted downwards, session: delete date (epoch seconds), encoded
/// summary.
#[expect(
    clippy::type_complexity,
    reason = "a table's type is its documentation"
)]
pub const SUMMARIES: TableDefinition<(&[u8; 16], u64, &[u8; 16]), (u64, &[u8])> =
    TableDefinition::new("summaries");
/// Term, time of beginning counted downwards, session: agent, in whose list the summary is.
#[expect(
    clippy::type_complexity,
    reason = "a table's type is its documentation"
)]
pub const ENTRIES: TableDefinition<(&[u8; 16], u64, &[u8; 16]), &[u8; 16]> =
    TableDefinition::new("entries");
/// Session: delete date of its entries (epoch seconds), its time in their keys, their terms.
pub const ENTRIES_OF: TableDefinition<&[u8; 16], (u64, u64, &[u8])> =
    TableDefinition::new("entries-of");
/// The key of the terms, which the file keeps for ever.
pub const SEARCH_KEY: TableDefinition<(), &[u8; 32]> = TableDefinition::new("search-key");
/// Session and seat: encoded attachment.
pub const ATTACHMENTS: TableDefinition<(&[u8; 16], u8), &[u8]> =
    TableDefinition::new("attachments");
/// Session, seat and place: encoded minute of the call's record.
pub const MINUTES: TableDefinition<(&[u8; 16], u8, u8), &[u8]> = TableDefinition::new("minutes");
/// Session, note and version: encoded text of a note.
pub const NOTES: TableDefinition<(&[u8; 16], u8, u8), &[u8]> = TableDefinition::new("notes");
/// Session and seat: encoded rating.
pub const RATINGS: TableDefinition<(&[u8; 16], u8), &[u8]> = TableDefinition::new("ratings");
/// Session: encoded assignment.
pub const ASSIGNMENTS: TableDefinition<&[u8; 16], &[u8]> = TableDefinition::new("assignments");
/// Delete date (epoch seconds) and session, for the sweep.
pub const DELETE_DATES: TableDefinition<(u64, &[u8; 16]), ()> =
    TableDefinition::new("delete-dates");
/// Counting number: a text message as JSON.
pub const OUTBOX: TableDefinition<u64, &[u8]> = TableDefinition::new("outbox");
/// A spent one-time token: its expiry, epoch milliseconds.
pub const SPENT: TableDefinition<&[u8], u64> = TableDefinition::new("spent");
/// The name of a counter: its count, and when it may be forgotten, epoch milliseconds.
pub const RATE_COUNTERS: TableDefinition<&str, (u32, u64)> = TableDefinition::new("tallies");
/// An erased session: until when its id refuses what comes late, epoch seconds.
pub const TOMBSTONES: TableDefinition<&[u8; 16], u64> = TableDefinition::new("tombstones");
/// Thumbprint of a key that signed case files: the key as JSON.
pub const CASE_KEYS: TableDefinition<&str, &str> = TableDefinition::new("case-keys");
/// The keys of the API: revision, encoded record.
pub const API_KEYS: TableDefinition<(), (u32, &[u8])> = TableDefinition::new("api-keys");
/// The logo: encoded record, its bytes.
pub const LOGO: TableDefinition<(), (&[u8], &[u8])> = TableDefinition::new("logo");
/// Agent: delete date (epoch seconds), encoded record.
pub const AGENTS: TableDefinition<&[u8; 16], (u64, &[u8])> = TableDefinition::new("agents");
/// Agent: encoded note on the end of the agent's access.
pub const REVOCATIONS: TableDefinition<&[u8; 16], &[u8]> = TableDefinition::new("revocations");
/// Time and tag of a line of the audit log: delete date (epoch seconds), encoded record.
pub const AUDIT: TableDefinition<(u64, u64), (u64, &[u8])> = TableDefinition::new("audit");
/// When a call that ended may be counted (epoch milliseconds), session: not counted yet.
pub const UNCOUNTED: TableDefinition<(u64, &[u8; 16]), ()> = TableDefinition::new("uncounted");
/// Day (since 1970) and shard: encoded counts, which stay for good.
pub const FIGURES: TableDefinition<(u32, u8), &[u8]> = TableDefinition::new("figures");
/// The name of a request that may be repeated: until when (epoch milliseconds), encoded record.
pub const CLAIMS: TableDefinition<&str, (u64, &[u8])> = TableDefinition::new("claims");
/// Lines that agents have ready for the chat: revision, encoded record.
pub const READY_LINES: TableDefinition<(), (u32, &[u8])> = TableDefinition::new("ready-lines");
/// Webhooks: revision, encoded record.
pub const WEBHOOKS: TableDefinition<(), (u32, &[u8])> = TableDefinition::new("webhooks");
/// Webhook, call and number of a message: delete date (epoch seconds), when it is due if it waits
/// (epoch milliseconds), encoded delivery.
#[expect(
    clippy::type_complexity,
    reason = "a table's type is its documentation"
)]
pub const DELIVERIES: TableDefinition<(&[u8; 16], &[u8; 16], u64), (u64, Option<u64>, &[u8])> =
    TableDefinition::new("deliveries");
/// Webhook, when it is due, call, number: those that wait for nothing else.
#[expect(
    clippy::type_complexity,
    reason = "a table's type is its documentation"
)]
pub const DELIVERIES_DUE: TableDefinition<(&[u8; 16], u64, &[u8; 16], u64), ()> =
    TableDefinition::new("deliveries-due");
/// Webhook, time of the event counted downwards, call, number: all, for lists.
#[expect(
    clippy::type_complexity,
    reason = "a table's type is its documentation"
)]
pub const DELIVERIES_LISTED: TableDefinition<(&[u8; 16], u64, &[u8; 16], u64), ()> =
    TableDefinition::new("deliveries-listed");
/// What the last health check wrote.
pub const PROBE: TableDefinition<(), &[u8]> = TableDefinition::new("probe");
/// `format`: counts incompatible changes of these tables. `folder` and `count`: the seal. `erased`:
/// sessions erased since the file was begun, whose bytes may still be in it.
pub const META: TableDefinition<&str, u32> = TableDefinition::new("meta");

/// Creates all tables of a new file, so that no reader misses one. Returns the format of the file.
pub fn prepare(database: &Database, format: u32) -> Result<u32, DatabaseFailure> {
    let transaction = database.begin_write()?;
    let found = transaction
        .open_table(META)?
        .get("format")?
        .map(|found| found.value());
    if let Some(found) = found {
        transaction.abort()?;
        return Ok(found);
    }
    create(&transaction)?;
    transaction.open_table(META)?.insert("format", format)?;
    transaction.commit()?;
    Ok(format)
}

fn create(transaction: &WriteTransaction) -> Result<(), DatabaseFailure> {
    transaction.open_table(SESSIONS)?;
    transaction.open_table(EVENTS)?;
    transaction.open_table(INVITES)?;
    transaction.open_table(INVITES_OF)?;
    transaction.open_table(SUMMARIES)?;
    transaction.open_table(ENTRIES)?;
    transaction.open_table(ENTRIES_OF)?;
    transaction.open_table(SEARCH_KEY)?;
    transaction.open_table(ATTACHMENTS)?;
    transaction.open_table(MINUTES)?;
    transaction.open_table(NOTES)?;
    transaction.open_table(RATINGS)?;
    transaction.open_table(ASSIGNMENTS)?;
    transaction.open_table(DELETE_DATES)?;
    transaction.open_table(OUTBOX)?;
    transaction.open_table(SPENT)?;
    transaction.open_table(RATE_COUNTERS)?;
    transaction.open_table(TOMBSTONES)?;
    transaction.open_table(CASE_KEYS)?;
    transaction.open_table(API_KEYS)?;
    transaction.open_table(LOGO)?;
    transaction.open_table(AGENTS)?;
    transaction.open_table(REVOCATIONS)?;
    transaction.open_table(AUDIT)?;
    transaction.open_table(UNCOUNTED)?;
    transaction.open_table(FIGURES)?;
    transaction.open_table(CLAIMS)?;
    transaction.open_table(READY_LINES)?;
    transaction.open_table(WEBHOOKS)?;
    transaction.open_table(DELIVERIES)?;
    transaction.open_table(DELIVERIES_DUE)?;
    transaction.open_table(DELIVERIES_LISTED)?;
    Ok(())
}

//! A line of an export: what the list shows of a call, without the whole number, and never where
//! somebody was.

use serde::Serialize;
use serde_json::Value;
use sightline_wire::api::CallPhase;
use sightline_wire::{DisplayName, EndReason, ExportFormat, Reference, Seat, SessionId, Stars};

use super::csv;
use crate::case::utc;
use crate::records::CallSummary;

/// The fields, in the order of the columns.
const COLUMNS: [&str; 16] = [
    "call",
    "began",
    "joined",
    "ended",
    "joining_s",
    "length_s",
    "phase",
    "reason",
    "reference",
    "number",
    "agent",
    "customer",
    "pictures",
    "sent",
    "agent_stars",
    "customer_stars",
];

/// Says that the text is UTF-8. Programs for tables take it for another one without.
const MARK: &str = "\u{feff}";

/// Digits of a number that are shown.
const DIGITS: usize = 3;

#[derive(Serialize)]
pub(super) struct Line<'a> {
    call: SessionId,
    began: String,
    joined: Option<String>,
    ended: Option<String>,
    joining_s: Option<u64>,
    length_s: Option<u64>,
    phase: CallPhase,
    reason: Option<EndReason>,
    reference: &'a Reference,
    number: Option<String>,
    agent: Option<&'a DisplayName>,
    customer: Option<&'a DisplayName>,
    pictures: u32,
    sent: u32,
    agent_stars: Option<Stars>,
    customer_stars: Option<Stars>,
}

impl<'a> Line<'a> {
    pub(super) fn of(call: &'a CallSummary) -> Self {
        let seconds = |from_ms: u64, to_ms: u64| to_ms.saturating_sub(from_ms) / 1_000;
        let joined_ms = call.joined_at_ms;
        Self {
            call: call.session,
            began: utc(call.at_ms),
            joined: joined_ms.map(utc),
            ended: call.ended_at_ms.map(utc),
            joining_s: joined_ms.map(|joined_ms| seconds(call.at_ms, joined_ms)),
            length_s: joined_ms
                .zip(call.ended_at_ms)
                .map(|(joined_ms, ended_ms)| seconds(joined_ms, ended_ms)),
            phase: call.phase,
            reason: call.reason,
            reference: &call.reference,
            number: call.number.as_ref().map(|number| masked(number.as_str())),
            agent: call.agent.as_ref().map(|(_, name)| name),
            customer: call.customer.as_ref(),
            pictures: call.pictures,
            sent: call.sent,
            agent_stars: *call.stars.get(Seat::Agent),
            customer_stars: *call.stars.get(Seat::Customer),
        }
    }

    /// Appends the line.
    pub(super) fn write(&self, format: ExportFormat, is_first: bool, piece: &mut String) {
        match format {
            ExportFormat::Csv => self.write_csv(piece),
            ExportFormat::Json => {
                piece.push_str(if is_first { "\n" } else { ",\n" });
                // Texts and numbers always encode.
                piece.push_str(&serde_json::to_string(self).unwrap_or_default());
            }
        }
    }

    fn write_csv(&self, piece: &mut String) {
        let fields = serde_json::to_value(self).unwrap_or_default();
        for (at, column) in COLUMNS.iter().enumerate() {
            if at > 0 {
                piece.push(',');
            }
            match fields.get(column).unwrap_or(&Value::Null) {
                Value::Null => {}
                Value::String(cell) => csv::text(cell, piece),
                number => piece.push_str(&number.to_string()),
            }
        }
        piece.push_str("\r\n");
    }
}

/// What stands before the lines.
pub(super) fn begin(format: ExportFormat) -> String {
    match format {
        ExportFormat::Csv => format!("{MARK}{}\r\n", COLUMNS.join(",")),
        ExportFormat::Json => "[".to_owned(),
    }
}

/// What stands behind them.
pub(super) const fn end(format: ExportFormat) -> &'static str {
    match format {
        ExportFormat::Csv => "",
        ExportFormat::Json => "\n]\n",
    }
}

/// The last digits of a number: enough to recognise, too little to call.
fn masked(number: &str) -> String {
    let start = number.len().saturating_sub(DIGITS);
    format!("•••{}", number.get(start..).unwrap_or_default())
}

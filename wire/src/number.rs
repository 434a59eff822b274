//! How the server reads a telephone number that somebody typed.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::PhoneNumber;

/// `POST /api/number`: asks how the server reads a number. Nothing is stored or sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReadNumber {
    /// The number as typed; at most [`crate::api::StartCall::NUMBER_BYTES_MAX`] bytes.
    pub number: String,
    /// The country of a number without one: two letters of ISO 3166-1.
    pub region: String,
}

/// How the server reads a number: the answer to `POST /api/number`, and part of the error
/// `number_unlikely`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, schemars::JsonSchema)]
#[schemars(description = "How the server reads a number.")]
pub struct NumberReading {
    /// The number that would receive the message.
    #[serde(flatten)]
    pub read: NumberRead,
    /// Whether it receives text messages.
    pub texting: Texting,
    /// The other number that was perhaps meant: it has the same digits, with the first ones as the
    /// country code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub other: Option<NumberRead>,
}

/// A number, and what the numbering plans say about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, schemars::JsonSchema)]
pub struct NumberRead {
    /// The number in E.164 form.
    pub number: PhoneNumber,
    /// The same as its country writes it, such as `+47 470 75 955`.
    pub formatted: String,
    /// Its country: two letters of ISO 3166-1. Numbers of no country (satellites, international
    /// services) have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub region: Option<String>,
    /// Its kind.
    pub kind: NumberKind,
}

/// The kind of a number, as the numbering plans assign it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum NumberKind {
    /// A mobile telephone.
    Mobile,
    /// A fixed line.
    FixedLine,
    /// One of both; the plan does not tell them apart (as in North America).
    FixedLineOrMobile,
    /// Internet telephony.
    Voip,
    /// Calls are free for the caller.
    TollFree,
    /// Calls cost more than usual.
    PremiumRate,
    /// Caller and receiver share the cost.
    SharedCost,
    /// Follows a person; calls often cost more than usual.
    Personal,
    /// A pager.
    Pager,
    /// A company's number for all its offices.
    CompanyWide,
    /// A mailbox for spoken messages.
    Voicemail,
    /// No known range has this number.
    Unassigned,
}

/// Whether a number receives text messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Texting {
    /// It does.
    Usual,
    /// Unlikely, since no known range has this number; ranges are opened faster than tables follow.
    /// Sent with `confirm`.
    Unassigned,
    /// Unlikely, since it is a fixed line. Sent with `confirm`.
    FixedLine,
    /// Unlikely, since it is a pager, a mailbox or a company's number. Sent with `confirm`.
    NoTelephone,
    /// Two numbers may be meant. `confirm` sends to the first. The other is reached by its E.164
    /// form.
    TwoReadings,
    /// Never: numbers of this kind cost money, or the deployment refuses the kind. Links work.
    KindRefused,
    /// Never: the deployment refuses numbers of this country. Links work.
    RegionRefused,
}

impl Texting {
    /// Whether the message is sent only after the person has confirmed it.
    #[must_use]
    pub const fn is_unlikely(self) -> bool {
        match self {
            Self::Unassigned | Self::FixedLine | Self::NoTelephone | Self::TwoReadings => true,
            Self::Usual | Self::KindRefused | Self::RegionRefused => false,
        }
    }
}

/// Why what was typed is no telephone number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NumberFault {
    /// It contains letters.
    Letters,
    /// It ends with an extension, which a text message cannot reach.
    Extension,
    /// It contains signs that are not part of a number.
    Signs,
    /// It has too few digits.
    Short,
    /// It has too many digits.
    Long,
    /// No country has this country code, or the country of the form is not known.
    Country,
    /// No number of this country has so many digits.
    Digits,
}

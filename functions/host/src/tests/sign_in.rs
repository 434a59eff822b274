//! Agents sign in at an identity provider, and forgeries do not.

mod forgeries;
mod idp;
mod ways;

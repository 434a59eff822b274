//! What the command line and the environment say.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Remote visual assistance in the browser: everything on one machine, one command, no cloud
/// account.
#[derive(Debug, Parser)]
#[command(name = "sightline", version, max_term_width = 110)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run pages, API, sockets and media relay in this process, and print the agent's sign-in link.
    Serve(Box<Serve>),
    /// Print another sign-in link. Works while the server runs, and before it starts.
    SignInLink(SignInLink),
}

/// How to run.
#[derive(Clone, Debug, Args)]
pub struct Serve {
    /// Address of pages, API and sockets. Loopback only; port 0 takes a free one.
    #[arg(long, env = "SIGHTLINE_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,

    /// UDP address of the media relay. May be any address of this machine; port 0 takes a free one.
    #[arg(long, env = "SIGHTLINE_MEDIA", default_value = "127.0.0.1:3478")]
    pub media: SocketAddr,

    /// TCP address of the media relay, for networks that let no UDP through [default: that of
    /// --media].
    #[arg(long, env = "SIGHTLINE_MEDIA_TCP", value_name = "ADDRESS")]
    pub media_tcp: Option<SocketAddr>,

    /// What pages are told in place of --media: needed when that is unspecified, such as
    /// 0.0.0.0:3478.
    #[arg(long, env = "SIGHTLINE_ANNOUNCE", value_name = "ADDRESS")]
    pub announce: Option<SocketAddr>,

    /// What pages are told in place of --media-tcp [default: that of --announce, with the port of
    /// --media-tcp where given].
    #[arg(long, env = "SIGHTLINE_ANNOUNCE_TCP", value_name = "ADDRESS")]
    pub announce_tcp: Option<SocketAddr>,

    /// Where the origin is reached, when that is not http://<LISTEN>: the address of a proxy with a
    /// certificate.
    ///
    /// The proxy runs on this machine, passes the header Host on as it came, and appends the
    /// client's address to X-Forwarded-For. Only with this flag, and only from a loopback peer, is
    /// the last entry of that header believed, to limit tries per client. The outbox is never
    /// answered through it, only under loopback names; a proxy that names loopback as Host and adds
    /// no header of its own cannot be told from a browser on this machine.
    #[arg(long, env = "SIGHTLINE_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,

    /// Data folder.
    #[command(flatten)]
    pub data: Data,

    /// Name of the business, shown to customers and in text messages.
    #[arg(
        long,
        env = "SIGHTLINE_BUSINESS",
        value_name = "NAME",
        default_value = "Sightline"
    )]
    pub business: String,

    /// Name of the desk's one agent, shown to customers.
    #[arg(
        long,
        env = "SIGHTLINE_AGENT_NAME",
        value_name = "NAME",
        default_value = "Agent"
    )]
    pub agent_name: String,

    /// Minutes until an invite nobody joined with expires.
    #[arg(long, env = "SIGHTLINE_INVITE_MINUTES", value_name = "MINUTES", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=24 * 60))]
    pub invite_minutes: u32,

    /// Minutes without a word from either side until a call ends by itself.
    #[arg(long, env = "SIGHTLINE_UNHEARD_MINUTES", value_name = "MINUTES", default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..=24 * 60))]
    pub unheard_minutes: u32,

    /// Hours until a session ends in any case.
    #[arg(long, env = "SIGHTLINE_CALL_HOURS", value_name = "HOURS", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=24))]
    pub call_hours: u32,

    /// Seconds between two text messages of one session.
    #[arg(long, env = "SIGHTLINE_SMS_COOL_DOWN_S", value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(..=3600))]
    pub sms_cool_down_s: u32,

    /// Country prefixes that text messages go to, with commas, such as +49,+43. All countries when
    /// there is none.
    #[arg(
        long,
        env = "SIGHTLINE_SMS_PREFIXES",
        value_name = "PREFIXES",
        default_value = ""
    )]
    pub sms_prefixes: String,

    /// Text messages of one agent in a day of UTC.
    #[arg(
        long,
        env = "SIGHTLINE_SMS_AGENT_MAX",
        value_name = "MESSAGES",
        default_value_t = 100
    )]
    pub sms_agent_max: u32,

    /// Text messages to one number in a day of UTC.
    #[arg(
        long,
        env = "SIGHTLINE_SMS_NUMBER_MAX",
        value_name = "MESSAGES",
        default_value_t = 10
    )]
    pub sms_number_max: u32,

    /// Text messages in a day of UTC, all together.
    #[arg(
        long,
        env = "SIGHTLINE_SMS_DAY_MAX",
        value_name = "MESSAGES",
        default_value_t = 1_000
    )]
    pub sms_day_max: u32,

    /// Send no text messages at all. Links can still be copied and shown.
    #[arg(long, env = "SIGHTLINE_SMS_OFF")]
    pub sms_off: bool,

    /// Run without the web pages: API, sockets and relay only. For tests that come before the
    /// bundle.
    #[arg(long, hide = true)]
    pub no_pages: bool,

    /// When ready, print one line of JSON: agent, page, outbox, media.
    #[arg(long)]
    pub json: bool,

    /// How the log is written (to stderr).
    #[command(flatten)]
    pub log: Log,
}

/// Whose sign-in link.
#[derive(Clone, Debug, Args)]
pub struct SignInLink {
    /// Data folder.
    #[command(flatten)]
    pub data: Data,
}

/// Where things are kept.
#[derive(Clone, Debug, Args)]
pub struct Data {
    /// Data folder: the database, the signing key, the pictures. [default: $XDG_DATA_HOME/sightline
    /// or ~/.local/share/sightline]
    #[arg(long = "data", env = "SIGHTLINE_DATA", value_name = "DIR")]
    pub folder: Option<PathBuf>,
}

/// What is logged.
#[derive(Clone, Debug, Args)]
pub struct Log {
    /// What is logged to stderr, such as `info` or `sightline_host=debug`.
    #[arg(
        long,
        env = "SIGHTLINE_LOG",
        value_name = "FILTER",
        default_value = "warn"
    )]
    pub log: String,

    /// Log in JSON.
    #[arg(long, env = "SIGHTLINE_LOG_JSON")]
    pub log_json: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use sightline_session::{Rules, budget};

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_desk_has_the_budget_of_every_deployment_unless_told() {
        let Command::Serve(serve) = Cli::parse_from(["sightline", "serve"]).command else {
            panic!("serve is what was asked for");
        };
        let rules = Rules::default();
        assert_eq!(
            (
                budget::prefixes(&serve.sms_prefixes),
                serve.sms_agent_max,
                serve.sms_number_max,
                serve.sms_day_max,
                serve.sms_off,
            ),
            (
                Ok(rules.sms_prefixes),
                rules.sms_agent_day_max,
                rules.sms_number_day_max,
                rules.sms_day_max,
                rules.sms_off,
            )
        );
    }
}

//! Turns the options of `sightline serve` into the configuration of host and relay.

use std::fs::File;
use std::io::Read as _;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::http::uri::{Authority, Uri};
use sightline_host::{HostConfig, Keys, Logo, MapsAddress, RefusedNumbers, darkened};
use sightline_relay::{BindError, Machine, OwnMedia, Protocol, Relay, is_group};
use sightline_session::{Rules, budget};
use sightline_wire::{Colour, DisplayName, LOGO_BYTES_MAX};

use crate::cli::Serve;
use crate::clock::DeskClock;
use crate::data::KEY_BYTES;
use crate::lan::Lan;
use crate::serve_error::ServeError;
use crate::server::hosts;

/// Checks the options that need no other resource, before the data folder is created.
///
/// # Errors
/// The first invalid option.
pub fn check(options: &Serve) -> Result<(), ServeError> {
    if !sightline_web::is_built() && !options.no_pages {
        return Err(ServeError::NoPages);
    }
    if !options.listen.ip().is_loopback() {
        return Err(ServeError::NotLoopback(options.listen));
    }
    for (flag, at) in [
        ("--media", Some(options.media)),
        ("--media-tcp", options.media_tcp),
        ("--announce", options.announce),
        ("--announce-tcp", options.announce_tcp),
    ] {
        if let Some(at) = at.filter(|at| is_group(*at)) {
            return Err(ServeError::Group { flag, at });
        }
    }
    if options.media.ip().is_unspecified() && options.announce.is_none() {
        return Err(ServeError::AnnounceNeeded(options.media));
    }
    let announce = options.announce_tcp.or(options.announce);
    if let Some(listen) = options.media_tcp.filter(|at| at.ip().is_unspecified())
        && announce.is_none()
    {
        return Err(ServeError::AnnounceTcpNeeded(listen));
    }
    prefixes(options)?;
    refused(options)?;
    logo(options)?;
    options
        .public_url
        .as_deref()
        .map_or(Ok(()), |url| origin(url).map(drop))
}

/// Returns the public origin and its authority.
///
/// # Errors
/// When `--public-url` is not an origin.
pub fn public(
    options: &Serve,
    listen: SocketAddr,
    lan: Option<&Lan>,
) -> Result<(String, Authority), ServeError> {
    match (&options.public_url, lan) {
        (Some(url), _) => origin(url),
        (None, Some(lan)) => origin(&lan.origin()),
        (None, None) => origin(&format!("http://{listen}")),
    }
}

/// Parses an origin; returns it in lower case with its authority.
fn origin(url: &str) -> Result<(String, Authority), ServeError> {
    let origin = url.strip_suffix('/').unwrap_or(url);
    let parts = origin.parse::<Uri>().ok().map(Uri::into_parts);
    let authority = parts
        .filter(|parts| {
            let scheme = parts.scheme.as_ref().map(|scheme| scheme.as_str());
            matches!(scheme, Some("http" | "https"))
        })
        .filter(|parts| {
            let path = parts.path_and_query.as_ref();
            path.is_none_or(|path| path.as_str() == "/")
        })
        .and_then(|parts| parts.authority)
        .filter(|authority| !authority.as_str().contains('@'));
    match authority {
        Some(authority) => Ok((origin.to_ascii_lowercase(), authority)),
        None => Err(ServeError::PublicUrl(url.to_owned())),
    }
}

/// Binds the media relay to its addresses.
///
/// # Errors
/// When an address is not usable.
pub fn bind_relay(
    options: &Serve,
    listen: SocketAddr,
    key: [u8; KEY_BYTES],
    clock: Arc<DeskClock>,
    lan: Option<&Lan>,
) -> Result<Relay, ServeError> {
    let keys = Keys::from_bytes(&key);
    let token = move || keys.relay(clock.now_ms());
    let mut config = sightline_relay::Config::new(&format!("ws://{listen}/ws"), Box::new(token));
    // Phones reach media at the addresses of `--lan`, under the ports of `--media`.
    let with_lan = |first: SocketAddr| {
        let further = lan.map(|lan| lan.addresses.as_slice()).unwrap_or_default();
        let further = further
            .iter()
            .map(SocketAddr::ip)
            .filter(|ip| *ip != first.ip());
        let further = further.map(move |ip| SocketAddr::new(ip, first.port()));
        std::iter::once(first).chain(further).collect::<Vec<_>>()
    };
    let announced = |first: SocketAddr, listen: SocketAddr| {
        let mut all = with_lan(listen);
        if let Some(at) = all.first_mut() {
            *at = first;
        }
        all
    };
    config.media_listen = with_lan(options.media);
    config.announce = options
        .announce
        .map(|first| announced(first, options.media));
    let tcp = options.media_tcp.unwrap_or(options.media);
    config.media_over_tcp(
        options.media_tcp.map(with_lan),
        options.announce_tcp.map(|first| announced(first, tcp)),
    );
    config.own_media = own_media(options);
    config.threads = options.threads.into();
    config.metrics_listen = options.metrics;
    Relay::bind(config).map_err(|error| match error {
        BindError::PortTaken(address, Protocol::Udp) => ServeError::MediaTaken(address),
        BindError::PortTaken(address, _) => ServeError::MediaTcpTaken(address),
        error => ServeError::Media(error),
    })
}

/// Firefox uses no loopback candidate. So where media is on loopback, browsers on this machine also
/// find it at the machine's network address.
fn own_media(options: &Serve) -> Option<OwnMedia> {
    let tcp = options.media_tcp.unwrap_or(options.media);
    let is_default = options.media.ip().is_loopback() && options.announce.is_none();
    is_default.then(|| OwnMedia {
        machine: Arc::new(Machine::this()),
        tcp: tcp.ip().is_loopback() && options.announce_tcp.is_none(),
    })
}

/// Returns the configuration of the host.
///
/// # Errors
/// When a name or a prefix is invalid.
pub fn host(
    options: &Serve,
    origin: &str,
    listen: SocketAddr,
    lan: Option<&Lan>,
) -> Result<HostConfig, ServeError> {
    const MINUTE_MS: u64 = 60 * 1_000;
    let business = DisplayName::new(&options.business).map_err(ServeError::Business)?;
    let mut config = HostConfig::new(business.as_str(), origin);
    let port = listen.port();
    // The agent works at a loopback address, unless a proxy or tunnel leads here.
    let agent_is_here = options.public_url.is_none() || lan.is_some();
    let loopback = hosts::LOOPBACK.iter().filter(|_| agent_is_here);
    let loopback = loopback.map(|name| format!("http://{name}:{port}"));
    let lan = lan.map(Lan::names).unwrap_or_default();
    let lan = lan.into_iter().map(|name| format!("https://{name}"));
    config.further_origins = loopback.chain(lan).collect();
    config.desk_agent = Some(DisplayName::new(&options.agent_name).map_err(ServeError::AgentName)?);
    config.colour = options.colour;
    note_darkened(options.colour);
    config.logo = logo(options)?;
    config.rules = Rules {
        invite_ms: u64::from(options.invite_minutes) * MINUTE_MS,
        unheard_ms: u64::from(options.unheard_minutes) * MINUTE_MS,
        total_ms: u64::from(options.call_hours) * 60 * MINUTE_MS,
        cool_down_ms: u64::from(options.sms_cool_down_s) * 1_000,
        sms_prefixes: prefixes(options)?,
        sms_agent_day_max: options.sms_agent_max,
        sms_number_day_max: options.sms_number_max,
        // The desk's messages reach no carrier, so no block of numbers earns by them.
        sms_block_day_max: options.sms_day_max,
        sms_day_max: options.sms_day_max,
        sms_off: options.sms_off,
        ..Rules::default()
    };
    if let Some(maps) = &options.maps {
        config.maps = MapsAddress::new(maps).ok_or_else(|| ServeError::Maps(maps.clone()))?;
    }
    config.refused_numbers = refused(options)?;
    config.webhook_private = options.webhook_private;
    config.embed_origins.clone_from(&options.embed_origins);
    Ok(config)
}

/// Reads and checks the logo.
fn logo(options: &Serve) -> Result<Option<Logo>, ServeError> {
    let Some(path) = &options.logo else {
        return Ok(None);
    };
    let unread = |error| ServeError::LogoUnread(path.to_owned(), error);
    let file = File::open(path).map_err(unread)?;
    let mut bytes = Vec::new();
    // One byte more than may be tells that there are too many.
    file.take(LOGO_BYTES_MAX as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(unread)?;
    let logo = Logo::accept(&bytes);
    logo.map(Some)
        .map_err(|fault| ServeError::Logo(path.to_owned(), fault))
}

/// Warns of a colour that light pages cannot show.
fn note_darkened(colour: Option<Colour>) {
    if let Some(colour) = colour
        && let Some(darkened) = darkened(colour)
    {
        tracing::warn!("--colour {colour} is too pale for text: light pages show {darkened}");
    }
}

fn prefixes(options: &Serve) -> Result<Vec<String>, ServeError> {
    budget::prefixes(&options.sms_prefixes).map_err(ServeError::SmsPrefixes)
}

fn refused(options: &Serve) -> Result<RefusedNumbers, ServeError> {
    RefusedNumbers::parse(&options.sms_refused).map_err(ServeError::SmsRefused)
}

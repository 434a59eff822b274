//! The names under which this house is reached. Requests that name another get 421 from [`sightline_host::only_hosts`].

use std::net::SocketAddr;

use axum::http::uri::Authority;

/// Names of this machine's loopback.
pub const LOOPBACK: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// Loopback names with the port that is listened on, and the authority of the public URL.
#[must_use]
pub fn names(listen: SocketAddr, public: &Authority) -> Vec<String> {
    let port = listen.port();
    let mut names: Vec<String> = LOOPBACK
        .iter()
        .map(|name| format!("{name}:{port}"))
        .collect();
    if port == 80 {
        // A browser leaves the scheme's own port out.
        names.extend(LOOPBACK.map(str::to_owned));
    }
    names.push(listen.to_string());
    names.push(public.as_str().to_owned());
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_belongs_to_the_name() {
        let listen = SocketAddr::from(([127, 0, 0, 9], 8080));
        let names = names(listen, &Authority::from_static("help.example"));
        for name in [
            "127.0.0.1:8080",
            "localhost:8080",
            "[::1]:8080",
            "127.0.0.9:8080",
            "help.example",
        ] {
            assert!(names.iter().any(|known| known == name), "{name}");
        }
        assert!(!names.iter().any(|known| known == "localhost"));
    }
}

//! The host names of this server. Requests for any other name get 421 from
//! [`sightline_host::only_hosts`].

use std::net::SocketAddr;

use axum::http::uri::Authority;

/// The loopback names of this machine.
pub const LOOPBACK: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// The host names of a server.
#[derive(Clone, Debug)]
pub struct HostNames {
    /// Loopback names with the server's port.
    pub loopback: Vec<String>,
    /// The authority of the public URL.
    pub public: String,
}

impl HostNames {
    /// Returns the names of a server that listens at this address.
    #[must_use]
    pub fn of(listen: SocketAddr, public: &Authority) -> Self {
        let port = listen.port();
        let mut loopback: Vec<String> = LOOPBACK
            .iter()
            .map(|name| format!("{name}:{port}"))
            .collect();
        if port == 80 {
            // Browsers omit the default port of the scheme.
            loopback.extend(LOOPBACK.map(str::to_owned));
        }
        loopback.push(listen.to_string());
        Self {
            loopback,
            public: public.as_str().to_owned(),
        }
    }

    /// Returns all names.
    #[must_use]
    pub fn all(&self) -> Vec<String> {
        let mut all = self.loopback.clone();
        all.push(self.public.clone());
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_belongs_to_the_name() {
        let listen = SocketAddr::from(([127, 0, 0, 9], 8080));
        let names = HostNames::of(listen, &Authority::from_static("help.example"));
        assert!(!names.loopback.iter().any(|known| known == "help.example"));
        let names = names.all();
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

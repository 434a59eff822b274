//! The names under which this house is reached. Requests that name another get 421 from
//! [`sightline_host::only_hosts`].

use std::net::SocketAddr;

use axum::http::uri::Authority;

/// Names of this machine's loopback.
pub const LOOPBACK: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// The names of one house.
#[derive(Clone, Debug)]
pub struct Names {
    /// Loopback names with the port that is listened on.
    pub loopback: Vec<String>,
    /// The authority of the public URL.
    pub public: String,
}

impl Names {
    /// The names of a house that listens there.
    #[must_use]
    pub fn of(listen: SocketAddr, public: &Authority) -> Self {
        let port = listen.port();
        let mut loopback: Vec<String> = LOOPBACK
            .iter()
            .map(|name| format!("{name}:{port}"))
            .collect();
        if port == 80 {
            // A browser leaves the scheme's own port out.
            loopback.extend(LOOPBACK.map(str::to_owned));
        }
        loopback.push(listen.to_string());
        Self {
            loopback,
            public: public.as_str().to_owned(),
        }
    }

    /// Each of them.
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
        let names = Names::of(listen, &Authority::from_static("help.example"));
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

//! Open files of this process: connections, sockets, the database, pictures.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What a system without a hard limit is asked for (macOS: `OPEN_MAX`).
const UNLIMITED: u64 = 10_240;

/// Most descriptors that are kept aside for everything but connections of pages: the database,
/// pictures, the relay's sockets and its connections over TCP.
pub const ASIDE_MAX: u64 = 512;

/// Raises the soft limit to the hard one. A login shell's usual soft limit is 1,024. Returns how
/// many descriptors connections may use.
#[must_use]
pub fn raise() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.unwrap_or(UNLIMITED);
    let raised = Rlimit {
        current: Some(wanted),
        ..limit
    };
    let reached = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => wanted,
        Err(error) => {
            tracing::warn!(%error, "failed to raise the limit of open files");
            limit.current.unwrap_or(UNLIMITED)
        }
    };
    for_connections(reached)
}

/// Half of a small limit is kept aside.
fn for_connections(limit: u64) -> usize {
    let left = limit - (limit / 2).min(ASIDE_MAX);
    usize::try_from(left).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_are_kept_aside() {
        assert_eq!(for_connections(0), 0);
        assert_eq!(for_connections(256), 128);
        assert_eq!(for_connections(1_024), 512);
        assert_eq!(for_connections(20_000), 19_488);
    }
}

//! A fuzz target for each parser of outsiders' bytes: see `tests/fuzz/README.md`.

/// Bytes of a TCP connection for media (RFC 4571).
pub fn tcp_framing(bytes: &[u8]) {
    let found = crate::streams::fuzz::datagrams(bytes);
    let framed = found.iter().flat_map(|datagram| {
        let length = u16::try_from(datagram.len()).expect("a length of two bytes");
        length
            .to_be_bytes()
            .into_iter()
            .chain(datagram.iter().copied())
    });
    // Nothing is lost, added or out of order.
    let framed: Vec<u8> = framed.collect();
    assert!(bytes.starts_with(&framed));
}

#[cfg(test)]
#[path = "../../../tests/fuzz/engine.rs"]
mod engine;

#[cfg(test)]
mod tests {
    use super::engine::fuzz;
    use super::*;

    #[test]
    fn tcp_framing_holds() {
        let frame = |length: u16, count: u16| {
            let mut frame = length.to_be_bytes().to_vec();
            frame.extend((0..count).map(|which| which.to_be_bytes()[1]));
            frame
        };
        let corpus = [
            frame(20, 20),
            [frame(2, 2), frame(0, 0), frame(1200, 1200)].concat(),
            frame(2048, 2048),
            frame(2049, 2049),
            frame(20, 19),
            vec![0],
            vec![],
        ];
        fuzz("tcp_framing", &corpus, tcp_framing);
    }
}

//! What scans and tables have to do with the headers.

use super::*;

/// 28 and J: a header that announces another picture than there is.
#[test]
fn data_match_their_headers() {
    // Units of the first have 16 pixels a side, of the second 8.
    for (width, height) in [
        (4_000, 3_000),
        (65, 48),
        (64, 49),
        (64, 32),
        (48, 48),
        (8, 8),
    ] {
        rejected(&sized(width, height), Rejected::Mismatch);
        let told = altered(&Plan::flat(64, 48).encoded(), SOF0, |body| {
            body[1..3].copy_from_slice(&height.to_be_bytes());
            body[3..5].copy_from_slice(&width.to_be_bytes());
        });
        rejected(&told, Rejected::Mismatch);
    }
    // Sizes with as many units cannot be told apart.
    for (width, height) in [(63, 47), (49, 33), (48, 64)] {
        accept(&sized(width, height)).unwrap();
    }
    for (marker, of) in [(SOF0, RESTARTS), (SOF2, PROGRESSIVE), (SOF0, GREY)] {
        for wider in [8, 16, 640] {
            let told = altered(of, marker, |body| {
                let width = u16::from_be_bytes([body[3], body[4]]) + wider;
                body[3..5].copy_from_slice(&width.to_be_bytes());
            });
            rejected(&told, Rejected::Mismatch);
        }
        // Other sampling, other components.
        let told = altered(of, marker, |body| {
            body[7] = if body[7] == 0x11 { 0x21 } else { 0x11 }
        });
        let grey = markers(of).len() < 9 && of == GREY;
        assert_eq!(accept(&told).is_err(), !grey, "one colour has no sampling");
    }
    for interval in [1_u16, 2, 3, 5, 1_000] {
        let other = segment(DRI, &interval.to_be_bytes());
        let told = accept(&replaced(RESTARTS, DRI, &other));
        let own = segments(RESTARTS)
            .into_iter()
            .find(|(marker, _)| *marker == DRI);
        let own = &RESTARTS[own.unwrap().1];
        assert_eq!(told.is_ok(), own == other, "{interval}");
    }
    let plan = Plan::flat(640, 480);
    for values in [0, 1, 62, 63] {
        accept(&Plan { values, ..plan }.encoded()).unwrap();
    }
    rejected(&Plan { values: 64, ..plan }.encoded(), Rejected::Mismatch);
}

/// I: tables that another definition replaces before anything uses them could carry anything.
#[test]
fn between_two_scans_a_table_is_defined_once() {
    for (marker, place) in segments(BASELINE) {
        let twice = [
            &BASELINE[..place.end],
            &BASELINE[place.clone()],
            &BASELINE[place.end..],
        ];
        let allowed = matches!(marker, APP0);
        assert_eq!(accept(&twice.concat()).is_ok(), allowed, "{marker:x}");
    }
    let interval = segment(DRI, &[0, 0]);
    accept(&opened_with(&interval)).unwrap();
    rejected(&opened_with(&interval.repeat(2)), Rejected::Malformed);
    // Tables after the last scan are for nothing, and dropped.
    let end = BASELINE.len() - 2;
    let table = segment(DQT, &[&[3][..], &[b'x'; 64]].concat());
    let late = [&BASELINE[..end], &table, &BASELINE[end..]].concat();
    assert!(accept(&late).unwrap().bytes == BASELINE);
    rejected(
        &[&BASELINE[..end], &table.repeat(2), &BASELINE[end..]].concat(),
        Rejected::Malformed,
    );
    // A table that a component needs is there.
    rejected(&replaced(BASELINE, DQT, &[]), Rejected::Malformed);
    rejected(&replaced(BASELINE, DHT, &[]), Rejected::Mismatch);
}

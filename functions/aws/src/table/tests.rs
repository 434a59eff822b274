//! Rows, without a table.

#![allow(clippy::unwrap_used, reason = "tests")]

use super::item::Item;
use super::{bytes, names, pack};

#[test]
fn every_name_in_an_expression_is_given() {
    let given = names(&[
        "SET #a = :a REMOVE #was_b",
        "#a<:b OR attribute_not_exists(#pk)",
    ]);
    let mut given: Vec<_> = given.unwrap().into_iter().collect();
    given.sort();
    let wanted = [("#a", "a"), ("#pk", "pk"), ("#was_b", "was_b")];
    assert_eq!(
        given,
        wanted.map(|(name, of)| (name.to_owned(), of.to_owned()))
    );
}

#[test]
fn what_was_packed_is_unpacked() {
    for length in [0, 1, 800, 801, 65_536] {
        let plain: Vec<u8> = (0..length).map(|at: usize| (at % 251) as u8).collect();
        let row = pack::pack(Item::at("a".to_owned(), "b"), plain.clone());
        assert_eq!(row.bytes("packed").is_some(), length > 800, "{length}");
        assert_eq!(pack::unpack("test", &row), Ok(plain), "{length}");
    }
}

#[test]
fn damage_is_trouble_that_no_other_try_mends() {
    let row = || Item::at("a".to_owned(), "b");
    let bomb = pack::pack(row(), vec![b' '; 256 * 1024 + 1]);
    let torn = pack::pack(row(), vec![b' '; 60_000]);
    let torn = torn.bytes("packed").unwrap();
    let torn = row().with("packed", bytes(&torn[..torn.len() / 2]));
    let noise = row().with("packed", bytes([7; 100]));
    for damaged in [row(), bomb, torn, noise] {
        let error = pack::unpack("test", &damaged).unwrap_err();
        assert_eq!((error.operation, error.retryable), ("test", false));
    }
    let largest = pack::pack(row(), vec![b' '; 256 * 1024]);
    assert!(pack::unpack("test", &largest).is_ok(), "the longest");
}

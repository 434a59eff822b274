//! Colour profiles.

use super::*;

/// I: a profile names device and maker, and has room for any text.
#[test]
fn a_profile_is_replaced_by_ours_of_its_kind() {
    for (name, sample, wanted) in [
        ("sRGB", CHROMIUM_SRGB, "sRGB"),
        ("P3", CHROMIUM_P3, "Display P3"),
        ("of a library", PROFILE, "sRGB"),
        ("of a photo", PHOTO, "sRGB"),
    ] {
        let accepted = accept(sample).unwrap().bytes;
        let (theirs, ours) = (profile_of(sample), profile_of(&accepted));
        assert_ne!(theirs, ours, "{name}");
        let described: Vec<u8> = wanted.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert!(contains(&ours, &described), "{name}");
        let length = u32::try_from(ours.len()).unwrap().to_be_bytes();
        assert_eq!(
            (&ours[..4], &ours[36..40]),
            (&length[..], &b"acsp"[..]),
            "{name}"
        );
        // Ours describes the same colours, so it is taken again as it is.
        assert_eq!(accept(&accepted).unwrap().bytes, accepted, "{name}");

        // Whatever else is in theirs, ours is the same.
        let with = |chunks: &[Vec<u8>]| {
            let with = replaced(sample, APP2, &chunks.concat());
            accept(&with).unwrap().bytes
        };
        let secret = [&theirs[..], b"taken at home"].concat();
        let (first, second) = secret.split_at(200);
        assert_eq!(with(&[profile(1, 1, &secret)]), accepted, "{name}");
        assert_eq!(
            with(&[profile(1, 2, first), profile(2, 2, second)]),
            accepted,
            "{name}"
        );
        // In pieces that do not fit together, none is known.
        let without = replaced(&accepted, APP2, &[]);
        for broken in [
            vec![profile(1, 2, first)],
            vec![profile(2, 2, second), profile(1, 2, first)],
            vec![profile(1, 2, first), profile(2, 3, second)],
            vec![profile(0, 1, &theirs)],
            vec![profile(1, 0, &theirs)],
            vec![profile(1, 1, &theirs), profile(1, 1, &theirs)],
            vec![profile(1, 1, &theirs[..theirs.len() / 2])],
            vec![profile(1, 1, &[])],
            (1..=5).map(|n| profile(n, 5, &theirs[..60])).collect(),
        ] {
            assert_eq!(with(&broken), without, "{name}");
        }
    }
}

#[test]
fn a_profile_of_other_colours_is_dropped() {
    let theirs = profile_of(CHROMIUM_P3);
    let without = replaced(&accept(CHROMIUM_P3).unwrap().bytes, APP2, &[]);
    let tag = |name: &[u8]| theirs.windows(4).position(|four| four == name).unwrap();
    let place = |name: &[u8]| {
        let entry = &theirs[tag(name)..];
        u32::from_be_bytes(*entry[4..].first_chunk().unwrap()) as usize
    };
    // Other primaries, another curve, no curve, a place outside.
    for (at, byte) in [
        (place(b"rXYZ") + 10, 0xff),
        (place(b"gXYZ") + 14, 0x40),
        (place(b"bXYZ") + 18, 0x10),
        (place(b"rTRC") + 13, 0x05),
        (tag(b"gTRC"), b'x'),
        (tag(b"bTRC") + 4, 0xff),
        (tag(b"bTRC") + 8, 0xff),
    ] {
        let mut other = theirs.clone();
        assert_ne!(other[at], byte);
        other[at] = byte;
        let with = replaced(CHROMIUM_P3, APP2, &profile(1, 1, &other));
        assert_eq!(accept(&with).unwrap().bytes, without, "{at}");
    }
    // A grey picture has no colours.
    let grey = [&GREY[..2], &profile(1, 1, &theirs), &GREY[2..]].concat();
    assert_eq!(accept(&grey).unwrap().bytes, GREY);
}

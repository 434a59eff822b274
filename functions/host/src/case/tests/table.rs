//! The table of case files that were tampered with, which the page's reader is held to as well
//! (`web/src/case/verify.test.ts`). `UPDATE=1` makes it again.

use serde::{Deserialize, Serialize};

use super::{SESSION, case_of, payload, signer, verdict};
use crate::case::finding::Finding;
use crate::case::jws::{CaseJwk, CaseSigner};
use crate::case::layout::{Digested, Hash, manifest};
use crate::case::verify::CaseVerdict;
use crate::case::zip::{ZipEntry, ZipWriter, end_record};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/case/tampered.json");

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Table {
    /// The key that is pinned.
    key: CaseJwk,
    /// An unchanged case file, base64.
    zip: String,
    tampered: Vec<Tampered>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Tampered {
    /// What was done.
    name: String,
    /// What is found, sorted.
    findings: Vec<String>,
    /// Where the file differs from the unchanged one.
    at: usize,
    /// How many bytes are replaced.
    removed: usize,
    /// By what, base64.
    added: String,
}

type Files = Vec<(String, Vec<u8>)>;

/// The entries of a ZIP of ours.
fn files_of(zip: &[u8]) -> Files {
    let (mut files, mut rest) = (Files::new(), zip);
    while let Some(after) = rest.strip_prefix(b"PK\x03\x04") {
        let length = u32::from_le_bytes(after[18..22].try_into().unwrap()) as usize;
        let name = u16::from_le_bytes(after[22..24].try_into().unwrap()) as usize;
        let text = String::from_utf8(after[26..26 + name].to_vec()).unwrap();
        files.push((text, after[26 + name..][..length].to_vec()));
        rest = &after[26 + name + length..];
    }
    files
}

/// Packs files as the writer does, whatever they are.
fn packed(files: &Files) -> Vec<u8> {
    let (mut writer, mut zip) = (ZipWriter::default(), Vec::new());
    for (name, bytes) in files {
        zip.extend(writer.begin(name, bytes).unwrap());
        zip.extend(bytes);
    }
    zip.extend(writer.end().unwrap());
    zip
}

fn inside(name: &str) -> String {
    format!("case-{SESSION}/{name}")
}

fn edited(zip: &[u8], edit: impl FnOnce(&mut Files)) -> Vec<u8> {
    let mut files = files_of(zip);
    edit(&mut files);
    packed(&files)
}

fn place(files: &Files, name: &str) -> usize {
    let found = files.iter().position(|(other, _)| *other == inside(name));
    found.unwrap_or_else(|| panic!("{name} is there"))
}

fn content<'a>(files: &'a mut Files, name: &str) -> &'a mut Vec<u8> {
    let at = place(files, name);
    &mut files[at].1
}

/// Writes all manifests again, so that only the signature speaks against a change.
fn remanifest(files: &mut Files) {
    let digested = |files: &Files, wanted: &dyn Fn(&str) -> bool| -> Vec<Digested> {
        let inside = files
            .iter()
            .map(|(name, bytes)| (name.split_once('/').unwrap().1, bytes));
        let wanted = inside.filter(|(name, _)| wanted(name));
        wanted
            .map(|(name, bytes)| Digested::of(name, bytes))
            .collect()
    };
    for hash in [Hash::Sha256, Hash::Sha512] {
        let text = manifest(hash, &digested(files, &|name| name.starts_with("data/")));
        *content(files, hash.manifest()) = text.into_bytes();
    }
    let tags = |name: &str| name.starts_with("bag") || name.starts_with("manifest");
    let tags = digested(files, &tags);
    for hash in [Hash::Sha256, Hash::Sha512] {
        *content(files, hash.tag_manifest()) = manifest(hash, &tags).into_bytes();
    }
}

/// An entry that says to be compressed, and one that stands for hundreds of others.
fn bombs(zip: &[u8]) -> [(&'static str, Vec<u8>); 3] {
    let directory = zip
        .windows(4)
        .position(|four| four == b"PK\x01\x02")
        .unwrap();
    let mut deflated = zip.to_vec();
    deflated[directory + 10] = 8;
    let mut long = zip.to_vec();
    for field in [20, 24] {
        long[directory + field..][..4].copy_from_slice(&u32::MAX.to_le_bytes());
    }
    // All entries of the directory lead to the same bytes.
    let entry = ZipEntry {
        name: inside("data/log.json"),
        crc: 0,
        bytes: 1_000,
        at: 0,
    };
    let mut overlapping = zip[..directory].to_vec();
    let central: Vec<u8> = (0..150).flat_map(|_| entry.central()).collect();
    overlapping.extend(&central);
    overlapping.extend(end_record(150, central.len() as u32, directory as u32));
    [
        ("bomb: an entry that says to be compressed", deflated),
        ("bomb: an entry of four gigabytes", long),
        ("bomb: entries that overlap", overlapping),
    ]
}

fn repackings(zip: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut dated = zip.to_vec();
    dated[10] = 0x21;
    let mut commented = zip.to_vec();
    let length = commented.len();
    commented[length - 2] = 1;
    commented.push(b'x');
    vec![
        ("a date in a header", dated),
        ("a comment at the end", commented),
        ("something before the first entry", [b"x", zip].concat()),
        ("something after the end", [zip, b"x"].concat()),
        ("truncated", zip[..zip.len() - 1].to_vec()),
        ("truncated in the middle", zip[..zip.len() / 2].to_vec()),
        ("empty", Vec::new()),
    ]
}

fn names(zip: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let renamed = |from: &'static str, to: String| {
        edited(zip, |files| {
            let at = place(files, from);
            files[at].0 = to;
        })
    };
    let elsewhere = |folder: &str| {
        edited(zip, |files| {
            for (name, _) in files {
                *name = name.replace(&inside(""), folder);
            }
        })
    };
    vec![
        (
            "name: a picture is renamed",
            renamed("data/pictures/002.jpg", inside("data/pictures/009.jpg")),
        ),
        (
            "name: a picture leads out",
            renamed("data/pictures/002.jpg", inside("../002.jpg")),
        ),
        (
            "name: a picture leads to the root",
            renamed("data/pictures/002.jpg", "/etc/passwd".to_owned()),
        ),
        (
            "name: two names differ by case",
            renamed("data/pictures/002.jpg", inside("DATA/log.json")),
        ),
        (
            "name: twice",
            renamed("data/pictures/002.jpg", inside("data/pictures/001.jpg")),
        ),
        (
            "name: another call",
            elsewhere("case-AAAAAAAAAAAAAAAAAAAAAA/"),
        ),
        ("name: no folder", elsewhere("")),
    ]
}

fn contents(zip: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let change = |edit: &dyn Fn(&mut Files)| edited(zip, edit);
    vec![
        (
            "byte of a picture",
            change(&|files| content(files, "data/pictures/002.jpg")[3] ^= 1),
        ),
        (
            "byte of bag-info.txt",
            change(&|files| content(files, "bag-info.txt")[30] ^= 1),
        ),
        (
            "swapped pictures",
            change(&|files| {
                let (one, other) = (
                    place(files, "data/pictures/001.jpg"),
                    place(files, "data/pictures/003.jpg"),
                );
                let first = files[one].1.clone();
                files[one].1 = std::mem::replace(&mut files[other].1, first);
            }),
        ),
        ("order of the files", change(&|files| files.swap(1, 2))),
        (
            "order of payload and the rest",
            change(&|files| {
                let tag = files.remove(place(files, "bagit.txt"));
                files.insert(0, tag);
            }),
        ),
        (
            "order in a manifest",
            change(&|files| {
                let manifest = content(files, "manifest-sha512.txt");
                let text = String::from_utf8(manifest.clone()).unwrap();
                let lines: Vec<&str> = text.lines().rev().collect();
                *manifest = (lines.join("\n") + "\n").into_bytes();
            }),
        ),
        (
            "added: a picture",
            change(&|files| files.insert(2, (inside("data/pictures/004.jpg"), vec![4]))),
        ),
        (
            "added: beside the payload",
            change(&|files| files.push((inside("readme.txt"), vec![4]))),
        ),
        (
            "added: outside the folder",
            change(&|files| files.push(("readme.txt".to_owned(), vec![4]))),
        ),
        (
            "added: a folder",
            change(&|files| files.push((inside("data/pictures/"), Vec::new()))),
        ),
    ]
}

fn manifests(zip: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let change = |edit: &dyn Fn(&mut Files)| edited(zip, edit);
    vec![
        ("dropped: a picture", change(&|files| drop(files.remove(2)))),
        ("dropped: the signature", change(&|files| drop(files.pop()))),
        (
            "dropped: a manifest",
            change(&|files| drop(files.remove(place(files, "manifest-sha512.txt")))),
        ),
        (
            "other manifest: one of both",
            change(&|files| content(files, "manifest-sha256.txt")[2] ^= 1),
        ),
        (
            "other manifest: of the tags",
            change(&|files| content(files, "tagmanifest-sha512.txt")[2] ^= 1),
        ),
        (
            "other manifest: all written again",
            change(&|files| {
                content(files, "data/pictures/002.jpg")[3] ^= 1;
                remanifest(files);
            }),
        ),
        (
            "other manifest: a picture added and all written again",
            change(&|files| {
                files.insert(2, (inside("data/pictures/004.jpg"), vec![4]));
                remanifest(files);
            }),
        ),
        (
            "signature: a byte",
            change(&|files| content(files, "signature.jws")[200] ^= 1),
        ),
        (
            "signature: a line after it",
            change(&|files| content(files, "signature.jws").push(b'\n')),
        ),
    ]
}

fn made() -> Table {
    let signer = signer();
    let zip = case_of(&payload(), &signer);
    let other = CaseSigner::from_secret("another key").unwrap();
    let mut all = contents(&zip);
    all.extend(manifests(&zip));
    all.extend(names(&zip));
    all.extend(repackings(&zip));
    all.extend(bombs(&zip));
    all.push(("other key", case_of(&payload(), &other)));
    let key = signer.public();
    let tampered = all
        .into_iter()
        .map(|(name, file)| row(name, &zip, &file, &key));
    Table {
        zip: BASE64_STANDARD.encode(&zip),
        tampered: tampered.collect(),
        key,
    }
}

fn row(name: &str, zip: &[u8], file: &[u8], key: &CaseJwk) -> Tampered {
    let alike = |left: &mut dyn Iterator<Item = (&u8, &u8)>| {
        left.take_while(|(one, other)| one == other).count()
    };
    let at = alike(&mut zip.iter().zip(file));
    let most = zip.len().min(file.len()) - at;
    let end = alike(&mut zip.iter().rev().zip(file.iter().rev())).min(most);
    Tampered {
        name: name.to_owned(),
        findings: found(file, key),
        at,
        removed: zip.len() - at - end,
        added: BASE64_STANDARD.encode(&file[at..file.len() - end]),
    }
}

fn found(file: &[u8], key: &CaseJwk) -> Vec<String> {
    match verdict(file, Some(std::slice::from_ref(key))) {
        CaseVerdict::Changed(findings) => {
            let mut codes: Vec<String> = findings.iter().map(Finding::code).collect();
            codes.sort();
            codes
        }
        other => vec![format!("{other:?}")],
    }
}

#[test]
fn each_of_the_table_is_found_and_named() {
    if std::env::var_os("UPDATE").is_some() {
        let text = serde_json::to_string_pretty(&made()).unwrap();
        std::fs::write(TABLE, text + "\n").unwrap();
    }
    let table: Table = serde_json::from_str(&std::fs::read_to_string(TABLE).unwrap()).unwrap();
    let zip = BASE64_STANDARD.decode(&table.zip).unwrap();
    let pinned = Some(std::slice::from_ref(&table.key));
    assert!(matches!(verdict(&zip, pinned), CaseVerdict::Unchanged(_)));
    assert_eq!(files_of(&zip).len(), payload().len() + 7);
    for row in &table.tampered {
        let mut file = zip.clone();
        file.splice(
            row.at..row.at + row.removed,
            BASE64_STANDARD.decode(&row.added).unwrap(),
        );
        assert_eq!(found(&file, &table.key), row.findings, "{}", row.name);
        assert!(!row.findings.is_empty(), "{}", row.name);
    }
}

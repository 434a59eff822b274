//! Parses keys. Only the exact text that a key writes is accepted: no other spelling, no parent
//! folders, no percent encoding.

use sightline_host::ports::{Earlier, KeptFile, PictureKey, StoredObject, UploadKey};
use sightline_wire::{ExportFormat, SessionId, Upload};

/// Parses the key of an upload.
pub fn incoming(text: &str) -> Option<UploadKey> {
    let (session, name) = parts(text, "incoming/")?;
    let upload = match name.split('-').collect::<Vec<_>>()[..] {
        [picture, "sharp", attempt] => Upload::Sharp {
            picture: picture.parse().ok()?,
            attempt: attempt.parse().ok()?,
        },
        [picture, "quick"] => Upload::Quick {
            picture: picture.parse().ok()?,
        },
        [picture, "sent", through] => Upload::Sent {
            picture: picture.parse().ok()?,
            through: through.parse().ok()?,
        },
        _ => return None,
    };
    Some(UploadKey { session, upload }).filter(|key| key.path() == text)
}

/// Parses the key of a picture.
pub fn picture(text: &str) -> Option<PictureKey> {
    let (session, name) = parts(text, "pictures/")?;
    let object = match name.split('-').collect::<Vec<_>>()[..] {
        [picture, "base", digest] => StoredObject::Base {
            picture: picture.parse().ok()?,
            digest: digest.parse().ok()?,
        },
        [picture, "sent", through, digest] => StoredObject::Sent {
            picture: picture.parse().ok()?,
            through: through.parse().ok()?,
            digest: digest.parse().ok()?,
        },
        [picture] => StoredObject::Earlier(Earlier::Base {
            picture: picture.parse().ok()?,
        }),
        [picture, "0"] => StoredObject::Earlier(Earlier::Preview {
            picture: picture.parse().ok()?,
        }),
        [picture, through] => StoredObject::Earlier(Earlier::Sent {
            picture: picture.parse().ok()?,
            through: through.parse().ok()?,
        }),
        _ => return None,
    };
    Some(PictureKey { session, object }).filter(|key| key.path() == text)
}

/// Parses the key of a case file or an export.
pub fn kept_file(text: &str) -> Option<KeptFile> {
    let (folder, name) = text.strip_prefix("cases/")?.split_once('/')?;
    let (name, ending) = name.split_once('.')?;
    let export = |format| {
        let id = name.parse().ok()?;
        (folder == KeptFile::EXPORTS).then_some(KeptFile::Export { id, format })
    };
    let key = match ending {
        "csv" => export(ExportFormat::Csv)?,
        "json" => export(ExportFormat::Json)?,
        _ => KeptFile::Case {
            session: folder.parse().ok()?,
            revision: name.parse().ok()?,
        },
    };
    Some(key).filter(|key| key.path() == text)
}

fn parts<'a>(text: &'a str, folder: &str) -> Option<(SessionId, &'a str)> {
    let (session, name) = text.strip_prefix(folder)?.split_once('/')?;
    Some((session.parse().ok()?, name))
}

#[cfg(test)]
mod tests {
    use sightline_wire::Digest;

    use super::*;

    const SESSION: SessionId = SessionId::from_bytes([3; 16]);

    #[test]
    fn a_key_is_parsed_as_it_was_written() {
        let (picture, through, attempt) = (u32::MAX, 7, u8::MAX);
        for upload in [
            Upload::Sharp { picture, attempt },
            Upload::Quick { picture: 0 },
            Upload::Sent { picture, through },
        ] {
            let key = UploadKey {
                session: SESSION,
                upload,
            };
            assert_eq!(incoming(&key.path()), Some(key.clone()));
            assert_eq!(super::picture(&key.path()), None);
        }
        let digest = Digest::from_bytes([0xa7; 32]);
        for object in [
            StoredObject::Base { picture, digest },
            StoredObject::Sent {
                picture: 1,
                through,
                digest,
            },
            StoredObject::Earlier(Earlier::Base { picture }),
            StoredObject::Earlier(Earlier::Preview { picture }),
            StoredObject::Earlier(Earlier::Sent {
                picture: 1,
                through,
            }),
        ] {
            let key = PictureKey {
                session: SESSION,
                object,
            };
            assert_eq!(super::picture(&key.path()), Some(key.clone()));
            assert_eq!(incoming(&key.path()), None);
        }
    }

    #[test]
    fn the_key_of_a_case_file_is_parsed_as_it_was_written() {
        let key = KeptFile::Case {
            session: SESSION,
            revision: 7,
        };
        assert_eq!(kept_file(&key.path()), Some(key.clone()));
        assert_eq!(super::picture(&key.path()), None);
        for format in [ExportFormat::Csv, ExportFormat::Json] {
            let export = KeptFile::Export {
                id: sightline_wire::PageId::from_bytes([3; 16]),
                format,
            };
            assert_eq!(kept_file(&export.path()), Some(export.clone()));
        }
        for name in [
            "7",
            "07.zip",
            "+7.zip",
            "7.zip.zip",
            "7.ZIP",
            "../7.zip",
            ".zip",
            "calls.CSV",
            "calls.csv.zip",
        ] {
            assert_eq!(
                kept_file(&format!("cases/{SESSION}/{name}")),
                None,
                "{name}"
            );
        }
    }

    #[test]
    fn other_text_is_not_a_key() {
        for name in [
            "",
            "1-sharp",
            "1-sharp-",
            "1-sharp-256",
            "01-sharp-1",
            "+1-sharp-1",
            "1-sharp-1 ",
            "1-sharp-1/",
            "1-sharp-1/../1-sharp-1",
            "1-Sharp-1",
            "4294967296-quick",
            "-1-quick",
            "1-quick\0",
            "1%2dquick",
            "1-quick-1",
            "1-sent",
            "1-base",
            "1-base-",
            "1-base-a7",
            "1-sent-2-",
            "..",
            "../1-quick",
            "%2e%2e",
            "１-quick",
        ] {
            assert_eq!(incoming(&format!("incoming/{SESSION}/{name}")), None);
            let path = format!("pictures/{SESSION}/{name}");
            assert_eq!(picture(&path), None, "{name}");
        }
        for text in [
            "incoming/../1-quick",
            "incoming//1-quick",
            "incoming/1-quick",
            "/incoming/AwMDAwMDAwMDAwMDAwMDAw/1-quick",
            "incoming/AwMDAwMDAwMDAwMDAwMDAx/1-quick",
            "incoming/AwMDAwMDAwMDAwMDAwMDA/1-quick",
            "Incoming/AwMDAwMDAwMDAwMDAwMDAw/1-quick",
            "pictures/AwMDAwMDAwMDAwMDAwMDAw/1-quick",
            "drafts/AwMDAwMDAwMDAwMDAwMDAw/1-quick",
        ] {
            assert_eq!(incoming(text), None, "{text}");
        }
    }
}

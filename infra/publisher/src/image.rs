//! Makes an OCI image of one layer with one file. The same binary gives the same image, byte for
//! byte.
//!
//! Formats: OCI Image Format Specification 1.1 (manifest, config, layer).

use std::io::Write;

use aws_lc_rs::digest;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

/// Path of the relay in the image; the container starts it.
const PROGRAM: &str = "/sightline-relay";

/// An unprivileged user: the relay needs no rights.
const USER: &str = "65532:65532";

/// Media types of the manifest and its parts.
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// An image, ready to be pushed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// The layer: a tar file, compressed.
    pub layer: Vec<u8>,
    /// The image's configuration.
    pub config: Vec<u8>,
    /// The manifest, which names both.
    pub manifest: String,
}

/// Why a program cannot become an image.
#[derive(Debug, thiserror::Error)]
pub enum NoImage {
    /// The file is not a 64-bit ELF program.
    #[error("bundled relay is not a Linux ELF binary")]
    NotLinux,
    /// It is built for another processor than that of the tasks.
    #[error(
        "bundled relay is built for {found}, but the tasks run on {wanted}: build again with \
         `SIGHTLINE_ARCH={wanted} sam build --parameter-overrides Architecture={wanted}`"
    )]
    OtherProcessor {
        /// Processor of the file.
        found: &'static str,
        /// Processor of the stack.
        wanted: String,
    },
    /// It needs a loader and libraries, which the empty image does not have.
    #[error("bundled relay is not linked statically, so it cannot run in an empty image")]
    NotStatic,
    /// Compressing it failed.
    #[error("cannot pack the relay: {0}")]
    Pack(#[from] std::io::Error),
}

impl Image {
    /// The media type of its manifest.
    pub const MEDIA_TYPE: &'static str = MANIFEST;

    /// Packs a program for `architecture` (Lambda's names `x86_64` or `arm64`).
    ///
    /// # Errors
    /// When the program could not run there.
    pub fn of(program: &[u8], architecture: &str) -> Result<Self, NoImage> {
        let found = processor(program)?;
        if found != architecture {
            return Err(NoImage::OtherProcessor {
                found,
                wanted: architecture.to_owned(),
            });
        }
        if has_loader(program) {
            return Err(NoImage::NotStatic);
        }
        let tar = tar(program)?;
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(&tar)?;
        let layer = gzip.finish()?;
        let config = json!({
            "architecture": if architecture == "arm64" { "arm64" } else { "amd64" },
            "os": "linux",
            "config": { "User": USER, "Entrypoint": [PROGRAM], "WorkingDir": "/" },
            "rootfs": { "type": "layers", "diff_ids": [digest_of(&tar)] },
        })
        .to_string()
        .into_bytes();
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": { "mediaType": CONFIG, "digest": digest_of(&config), "size": config.len() },
            "layers": [{ "mediaType": LAYER, "digest": digest_of(&layer), "size": layer.len() }],
        })
        .to_string();
        Ok(Self {
            layer,
            config,
            manifest,
        })
    }

    /// Returns the digest of the manifest, which names the image.
    #[must_use]
    pub fn digest(&self) -> String {
        digest_of(self.manifest.as_bytes())
    }
}

/// Returns a SHA-256 digest in the notation of registries.
pub(crate) fn digest_of(bytes: &[u8]) -> String {
    format!(
        "sha256:{}",
        hex::encode(digest::digest(&digest::SHA256, bytes))
    )
}

/// Makes a tar file of one file without date and owner, so that it depends on the program alone.
fn tar(program: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut header = tar::Header::new_ustar();
    header.set_size(program.len() as u64);
    header.set_mode(0o755);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    let mut tar = tar::Builder::new(Vec::new());
    tar.append_data(&mut header, PROGRAM.trim_start_matches('/'), program)?;
    tar.into_inner()
}

/// Returns Lambda's name for the processor of an ELF file (`e_machine`, System V ABI, chapter 4).
fn processor(program: &[u8]) -> Result<&'static str, NoImage> {
    let is_elf = program.starts_with(b"\x7fELF\x02\x01");
    match program.get(18..20) {
        Some([62, 0]) if is_elf => Ok("x86_64"),
        Some([183, 0]) if is_elf => Ok("arm64"),
        _ => Err(NoImage::NotLinux),
    }
}

/// Whether a 64-bit ELF file has a program header `PT_INTERP`: the path of a dynamic loader.
fn has_loader(program: &[u8]) -> bool {
    const PT_INTERP: [u8; 4] = [3, 0, 0, 0];
    let number = |at: usize, bytes: usize| {
        let field = program.get(at..at.checked_add(bytes)?)?;
        let value = field.iter().rev();
        Some(value.fold(0_usize, |value, byte| value << 8 | usize::from(*byte)))
    };
    let headers = || Some((number(32, 8)?, number(54, 2)?, number(56, 2)?));
    let Some((begin, size, count)) = headers() else {
        return false;
    };
    (0..count).any(|index| {
        let at = size.checked_mul(index).and_then(|at| at.checked_add(begin));
        let kind = at.and_then(|at| program.get(at..at.checked_add(4)?));
        kind == Some(PT_INTERP.as_slice())
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use std::io::Read;

    use flate2::read::GzDecoder;
    use serde_json::Value;

    use super::*;

    /// An ELF header of a program without any program header.
    fn program(machine: u8) -> Vec<u8> {
        let mut elf = b"\x7fELF\x02\x01\x01".to_vec();
        elf.resize(64, 0);
        elf.splice(18..20, [machine, 0]);
        elf.extend(b"the rest");
        elf
    }

    #[test]
    fn the_same_program_is_the_same_image() {
        let image = Image::of(&program(62), "x86_64").unwrap();
        assert_eq!(image, Image::of(&program(62), "x86_64").unwrap());
        assert!(image.digest().starts_with("sha256:"));
        assert_eq!(image.digest().len(), 7 + 64);
    }

    #[test]
    fn the_layer_holds_the_program_and_nothing_else() {
        let image = Image::of(&program(183), "arm64").unwrap();
        let mut tar = Vec::new();
        GzDecoder::new(image.layer.as_slice())
            .read_to_end(&mut tar)
            .unwrap();
        let mut archive = tar::Archive::new(tar.as_slice());
        let mut files = Vec::new();
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            let path = entry.path().unwrap().display().to_string();
            files.push((path, entry.header().mode().unwrap(), bytes));
        }
        assert_eq!(files, [("sightline-relay".to_owned(), 0o755, program(183))]);

        let manifest: Value = serde_json::from_str(&image.manifest).unwrap();
        let config: Value = serde_json::from_slice(&image.config).unwrap();
        assert_eq!(manifest["layers"][0]["digest"], digest_of(&image.layer));
        assert_eq!(manifest["layers"][0]["size"], image.layer.len());
        assert_eq!(manifest["config"]["digest"], digest_of(&image.config));
        assert_eq!(config["rootfs"]["diff_ids"][0], digest_of(&tar));
        assert_eq!(config["architecture"], "arm64");
        assert_eq!(config["config"]["Entrypoint"][0], "/sightline-relay");
    }

    #[test]
    fn a_program_that_could_not_run_is_refused_by_name() {
        let wrong = Image::of(&program(62), "arm64").unwrap_err().to_string();
        assert!(wrong.contains("built for x86_64"), "{wrong}");
        assert!(wrong.contains("Architecture=arm64"), "{wrong}");
        for bytes in [b"#!/bin/sh".to_vec(), Vec::new(), program(8)] {
            assert!(matches!(
                Image::of(&bytes, "x86_64"),
                Err(NoImage::NotLinux)
            ));
        }
        // This test itself needs a loader.
        let itself = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let here = processor(&itself).unwrap();
        assert!(matches!(Image::of(&itself, here), Err(NoImage::NotStatic)));
    }

    #[test]
    fn damaged_headers_panic_nothing() {
        let mut elf = program(62);
        for at in 32..64 {
            elf[at] = 0xff;
            let _ = Image::of(&elf, "x86_64");
        }
    }
}

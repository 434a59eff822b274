//! A PNG, read to its last pixel and written again (PNG, third edition). Only pixels, palette and
//! transparency are taken over, in the same colour type and depth: no text, no profile, nothing
//! that was hidden between chunks or after the end.

use std::io::Cursor;

use png::{
    BitDepth, ColorType, Compression, Decoder, DecodingError, Encoder, Filter, Info, Limits,
    OutputInfo, Transformations,
};
use sightline_wire::{LOGO_SIDE_MAX, LogoFault};

/// What a decoder may allocate, bytes. The largest logo has 2 MiB of pixels (16 bits, four
/// channels).
const DECODER_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Most bytes of a palette: 256 colours.
const PALETTE_BYTES_MAX: usize = 3 * 256;

/// Returns the new file, and its width and height.
pub(super) fn rewritten(file: &[u8]) -> Result<(Vec<u8>, u16, u16), LogoFault> {
    let limits = Limits {
        bytes: DECODER_BYTES_MAX,
    };
    let mut decoder = Decoder::new_with_limits(Cursor::new(file), limits);
    decoder.set_transformations(Transformations::IDENTITY);
    decoder.ignore_checksums(false);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    // Before anything is allocated for pixels.
    let (width, height) = sides(decoder.read_header_info().map_err(damaged)?)?;
    let mut reader = decoder.read_info().map_err(damaged)?;
    if reader.info().animation_control().is_some() {
        return Err(LogoFault::Animated);
    }
    let size = reader
        .output_buffer_size()
        .ok_or(LogoFault::TooManyPixels)?;
    let mut pixels = vec![0; size];
    let frame = reader.next_frame(&mut pixels).map_err(damaged)?;
    reader.finish().map_err(damaged)?;
    let pixels = pixels
        .get(..frame.buffer_size())
        .ok_or(LogoFault::Damaged)?;
    Ok((written(reader.info(), &frame, pixels)?, width, height))
}

fn sides(info: &Info<'_>) -> Result<(u16, u16), LogoFault> {
    let side = |pixels: u32| {
        let side = u16::try_from(pixels).ok();
        let side = side.filter(|side| *side <= LOGO_SIDE_MAX);
        side.ok_or(LogoFault::TooManyPixels)
    };
    Ok((side(info.width)?, side(info.height)?))
}

fn written(info: &Info<'_>, frame: &OutputInfo, pixels: &[u8]) -> Result<Vec<u8>, LogoFault> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, frame.width, frame.height);
    encoder.set_color(frame.color_type);
    encoder.set_depth(frame.bit_depth);
    encoder.set_compression(Compression::High);
    encoder.set_filter(Filter::Adaptive);
    if frame.color_type == ColorType::Indexed
        && let Some(palette) = &info.palette
    {
        encoder.set_palette(up_to(palette, PALETTE_BYTES_MAX));
    }
    if let Some(transparent) = transparency(info) {
        encoder.set_trns(transparent);
    }
    let mut writer = encoder.write_header().map_err(|_| LogoFault::Damaged)?;
    let image = writer.write_image_data(pixels);
    image.map_err(|_| LogoFault::Damaged)?;
    writer.finish().map_err(|_| LogoFault::Damaged)?;
    Ok(file)
}

/// Returns the transparent colour, or the transparency of a palette's colours. The decoder keeps
/// one byte of a sample of 8 bits or fewer, where the format has two.
fn transparency(info: &Info<'_>) -> Option<Vec<u8>> {
    let kept = info.trns.as_ref()?;
    let samples = match info.color_type {
        ColorType::Grayscale => 1,
        ColorType::Rgb => 3,
        ColorType::Indexed => return Some(up_to(kept, PALETTE_BYTES_MAX / 3)),
        ColorType::GrayscaleAlpha | ColorType::Rgba => return None,
    };
    Some(match info.bit_depth {
        BitDepth::Sixteen => up_to(kept, 2 * samples),
        _ => kept
            .iter()
            .take(samples)
            .flat_map(|low| [0, *low])
            .collect(),
    })
}

fn up_to(bytes: &[u8], most: usize) -> Vec<u8> {
    bytes.iter().take(most).copied().collect()
}

fn damaged(_: DecodingError) -> LogoFault {
    LogoFault::Damaged
}

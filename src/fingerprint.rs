//! Fingerprints of numbers and files: equal where every bit is, and else with a chance of `2^-128`.

use crate::error::Result;
use crate::section::Section;
use std::fmt;
use std::io::{self, Read};
use xxhash_rust::xxh3::Xxh3;

/// Bytes that are read at once.
const BLOCK: usize = 1 << 16;

/// The XXH3 hash of numbers or of a file, 128 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(pub u128);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl Fingerprint {
    /// That of bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(xxhash_rust::xxh3::xxh3_128(bytes))
    }

    /// Saves the fingerprint as a text.
    pub fn save(self, into: &mut Section, name: &str) {
        into.set_text(name, self.to_string());
    }

    /// Takes back what [`save`](Self::save) saved.
    ///
    /// # Errors
    /// [`File`](crate::ErrorKind::File) if the text is missing or no fingerprint.
    pub fn load(from: &Section, name: &str) -> Result<Self> {
        let text = from.get_text(name)?;
        let number = u128::from_str_radix(text, 16).map_err(|_| {
            let given = format!("`{text}`");
            from.refused(name, &given, "a fingerprint, 32 hexadecimal digits")
        })?;
        Ok(Self(number))
    }

    /// That of the next `length` bytes, or of all there are if they are fewer; also tells how many there
    /// were.
    ///
    /// # Errors
    /// Those of reading.
    pub fn of_stream(stream: impl Read, length: u64) -> io::Result<(Self, u64)> {
        let mut stream = stream.take(length);
        let mut hash = Xxh3::new();
        let mut block = vec![0; BLOCK];
        let mut total = 0;
        loop {
            let read = match stream.read(&mut block) {
                Ok(0) => return Ok((Self(hash.digest128()), total)),
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            hash.update(&block[..read]);
            total += read as u64;
        }
    }
}

/// Takes up numbers, list by list.
#[derive(Default)]
pub struct Numbers(Xxh3);

impl Numbers {
    /// The length and the bits of a list.
    pub fn add(&mut self, values: &[f64]) {
        let mut block = [0; 4096];
        self.0.update(&(values.len() as u64).to_le_bytes());
        for values in values.chunks(block.len() / 8) {
            for (bytes, value) in block.chunks_exact_mut(8).zip(values) {
                bytes.copy_from_slice(&value.to_bits().to_le_bytes());
            }
            self.0.update(&block[..8 * values.len()]);
        }
    }

    /// The fingerprint of all of them.
    #[must_use]
    pub fn finish(&self) -> Fingerprint {
        Fingerprint(self.0.digest128())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_told_apart_by_bits_and_by_where_they_end() {
        let of = |lists: &[&[f64]]| {
            let mut numbers = Numbers::default();
            lists.iter().for_each(|list| numbers.add(list));
            numbers.finish()
        };
        assert_eq!(of(&[&[1.0, 2.0]]), of(&[&[1.0, 2.0]]));
        assert_ne!(of(&[&[1.0, 2.0]]), of(&[&[1.0], &[2.0]]));
        assert_ne!(of(&[&[0.0]]), of(&[&[-0.0]]));
        let long: Vec<f64> = (0..1000).map(f64::from).collect();
        let mut other = long.clone();
        other[777] += f64::EPSILON * 777.0;
        assert_ne!(of(&[&long]), of(&[&other]));
    }

    #[test]
    fn streams_and_bytes_agree() {
        let bytes: Vec<u8> = (0..200_000_u32).map(|i| ((i * i) >> 3) as u8).collect();
        let read = Fingerprint::of_stream(&bytes[..], 150_000).unwrap();
        assert_eq!(read, (Fingerprint::of(&bytes[..150_000]), 150_000));
        let read = Fingerprint::of_stream(&bytes[..], u64::MAX).unwrap();
        assert_eq!(read, (Fingerprint::of(&bytes), 200_000));
    }
}

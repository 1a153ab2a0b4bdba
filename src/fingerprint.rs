//! Fingerprints of numbers and files: equal where every bit is, and else with a chance of `2^-128`.

use crate::error::Result;
use crate::section::Section;
use std::fmt;
use std::io::{self, Read};
use xxhash_rust::xxh3::Xxh3;

/// Bytes that are read at once.
const BLOCK: usize = 1 << 16;

/// The XXH3 hash of numbers or of a file, 128 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
pub struct Numbers(Way);

/// What becomes of the numbers.
enum Way {
    /// One hash of all of them.
    Whole(Box<Xxh3>),
    /// The lengths of the lists alone.
    Lengths(Vec<u64>),
    /// A sum of hashes, one for each number and its place.
    Part(Part),
}

impl Default for Way {
    fn default() -> Self {
        Self::Whole(Box::default())
    }
}

/// The part of lists that one of several processes has. The sum over the processes depends on the whole lists alone, and
/// not on how they are cut.
struct Part {
    /// How many entries of each list come before those of this part.
    before: Vec<u64>,
    /// Whether this part has what is no list of parts.
    is_first: bool,
    list: usize,
    sum: u128,
}

impl Part {
    fn add(&mut self, values: &[f64]) {
        let first = self.before.get(self.list).copied().unwrap_or(0);
        let list = mixed(self.list as u64 + 1);
        for (place, value) in (first..).zip(values) {
            let at = mixed(place ^ list);
            let low = mixed(value.to_bits() ^ at);
            let high = mixed(
                value
                    .to_bits()
                    .rotate_left(32)
                    .wrapping_add(at.rotate_left(17)),
            );
            self.sum = self
                .sum
                .wrapping_add(u128::from(high) << 64 | u128::from(low));
        }
        self.list += 1;
    }
}

/// The bits of a number, mixed by the finalizer of SplitMix64.
const fn mixed(bits: u64) -> u64 {
    let bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

impl Numbers {
    /// Only counts what is added; see [`lengths`](Self::lengths).
    #[must_use]
    pub fn counting() -> Self {
        Self(Way::Lengths(Vec::new()))
    }

    /// Takes the part of one of several processes, before whose entries of each list so many come; the first has what all
    /// have alike.
    #[must_use]
    pub fn of_part(before: Vec<u64>, is_first: bool) -> Self {
        Self(Way::Part(Part {
            before,
            is_first,
            list: 0,
            sum: 0,
        }))
    }

    /// The length and the bits of a list, of which each of several processes has its part.
    pub fn add(&mut self, values: &[f64]) {
        match &mut self.0 {
            Way::Whole(hash) => add_to_hash(hash, values),
            Way::Lengths(lengths) => lengths.push(values.len() as u64),
            Way::Part(part) => part.add(values),
        }
    }

    /// A list that there may not be, as [`add`](Self::add) where there is.
    pub fn add_if_any(&mut self, values: &[f64]) {
        if !(values.is_empty() && matches!(self.0, Way::Whole(_))) {
            self.add(values);
        }
    }

    /// A list that several processes all have alike.
    pub fn add_common(&mut self, values: &[f64]) {
        match &mut self.0 {
            Way::Part(part) if !part.is_first => part.add(&[]),
            Way::Lengths(lengths) => lengths.push(0),
            _ => self.add(values),
        }
    }

    /// The lengths of the lists that were counted, 0 of what all processes have.
    #[must_use]
    pub fn lengths(self) -> Vec<u64> {
        match self.0 {
            Way::Lengths(lengths) => lengths,
            _ => Vec::new(),
        }
    }

    /// The sum of a part, and otherwise the fingerprint.
    #[must_use]
    pub fn finish(&self) -> Fingerprint {
        match &self.0 {
            Way::Whole(hash) => Fingerprint(hash.digest128()),
            Way::Part(part) => Fingerprint(part.sum),
            Way::Lengths(_) => Fingerprint::default(),
        }
    }
}

fn add_to_hash(hash: &mut Xxh3, values: &[f64]) {
    let mut block = [0; 4096];
    hash.update(&(values.len() as u64).to_le_bytes());
    for values in values.chunks(block.len() / 8) {
        for (bytes, value) in block.chunks_exact_mut(8).zip(values) {
            bytes.copy_from_slice(&value.to_bits().to_le_bytes());
        }
        hash.update(&block[..8 * values.len()]);
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
    fn parts_of_lists_have_the_same_sum_however_they_are_cut() {
        let lists: [Vec<f64>; 2] = [1, 7].map(|k| (0..50).map(|i| f64::from(i * k)).collect());
        let of = |cuts: [usize; 2], swapped: bool| {
            let mut sum = 0_u128;
            for part in [0, 1] {
                let range = |list: usize| match part {
                    0 => 0..cuts[list],
                    _ => cuts[list]..50,
                };
                let before = (0..2).map(|list| range(list).start as u64).collect();
                let mut numbers = Numbers::of_part(before, part == 0);
                for at in [0, 1] {
                    let list = if swapped { 1 - at } else { at };
                    numbers.add(&lists[list][range(at)]);
                }
                numbers.add_common(&[3.0]);
                sum = sum.wrapping_add(numbers.finish().0);
            }
            sum
        };
        assert_eq!(of([0, 50], false), of([20, 31], false));
        assert_ne!(of([20, 31], true), of([20, 31], false));
        let mut counted = Numbers::counting();
        counted.add(&lists[0]);
        counted.add_common(&[3.0]);
        counted.add_if_any(&[]);
        assert_eq!(counted.lengths(), [50, 0, 0]);
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

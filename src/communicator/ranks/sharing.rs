//! What one rank has read, for all of them.

use super::Ranks;
use crate::error::Result;

/// Bytes that travel as one number: whole numbers below 2^53 are the same numbers everywhere.
const PACKED: usize = 6;

impl Ranks {
    /// The bytes of rank 0, if it has any; those of others are not asked for.
    ///
    /// # Errors
    /// The error of the lowest rank that has one.
    pub fn share(&self, bytes: Result<Vec<u8>>) -> Result<Vec<u8>> {
        if self.size() == 1 {
            return bytes;
        }
        let own = bytes.as_ref().map_or(&[][..], Vec::as_slice);
        let packed: Vec<f64> = own.chunks(PACKED).map(pack).collect();
        let mut lengths = [own.len() as f64];
        self.agree(bytes, &mut lengths)?;
        let [length] = lengths.map(|length| length as usize);
        let mut packed = packed;
        packed.resize(length.div_ceil(PACKED), 0.0);
        self.agree(Ok(()), &mut packed)?;
        let mut bytes: Vec<u8> = packed.iter().flat_map(|number| unpack(*number)).collect();
        bytes.truncate(length);
        Ok(bytes)
    }

    /// The sums over nodes of a run: of how many ranks, or of none where there is no communicator.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        (!self.are_alone()).then(|| self.size() as u64)
    }

    /// Whether sums over the same nodes have the same bits as in a run with another [`number`](Self::number).
    #[must_use]
    pub fn sums_as(&self, number: Option<u64>) -> bool {
        let ordered = |n: u64| n > 0 && (super::lanes::LANES as u64).is_multiple_of(n);
        match (self.number(), number) {
            (Some(ours), Some(theirs)) => ours == theirs || ordered(ours) && ordered(theirs),
            (ours, theirs) => ours == theirs,
        }
    }
}

fn pack(bytes: &[u8]) -> f64 {
    let number = bytes
        .iter()
        .rev()
        .fold(0_u64, |n, b| n << 8 | u64::from(*b));
    number as f64
}

fn unpack(number: f64) -> [u8; PACKED] {
    let number = number as u64;
    std::array::from_fn(|at| (number >> (8 * at)) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_the_same_packed_and_unpacked() {
        for bytes in [[0_u8; 6], [255; 6], [1, 2, 3, 4, 5, 250]] {
            assert_eq!(unpack(pack(&bytes)), bytes);
        }
        assert_eq!(unpack(pack(&[7, 9])), [7, 9, 0, 0, 0, 0]);
    }
}

//! Sections as bytes, in which they travel from one rank to the others.
//!
//! Each part is a tag of one byte and what belongs to it: lengths are eight bytes, numbers their bits, texts UTF-8, all
//! little-endian. This is no format of files.

use super::{Entry, Section, Text};
use crate::error::{Error, Result};

const TEXT: u8 = 1;
const TEXTS: u8 = 2;
const REAL: u8 = 3;
const INTEGER: u8 = 4;
const REALS: u8 = 5;
const INTEGERS: u8 = 6;
const CHILD: u8 = 7;
const END: u8 = 8;

impl Section {
    /// The section as bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        put_text(&mut bytes, &self.path);
        self.put(&mut bytes);
        bytes
    }

    /// The section that [`to_bytes`](Self::to_bytes) made bytes of.
    ///
    /// # Errors
    /// [`Internal`](crate::ErrorKind::Internal) if it did not.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut bytes = Bytes(bytes);
        let mut root = Self::new(&bytes.text()?);
        root.take(&mut bytes)?;
        Ok(root)
    }

    fn put(&self, out: &mut Vec<u8>) {
        for (name, text) in &self.texts {
            match text {
                Text::One(text) => {
                    put_name(out, TEXT, name);
                    put_text(out, text);
                }
                Text::List(texts) => {
                    put_name(out, TEXTS, name);
                    put_length(out, texts.len());
                    texts.iter().for_each(|text| put_text(out, text));
                }
            }
        }
        for (name, entry) in &self.entries {
            match entry {
                Entry::Real(value) => {
                    put_name(out, REAL, name);
                    put_reals(out, &[*value]);
                }
                Entry::Integer(value) => {
                    put_name(out, INTEGER, name);
                    put_integers(out, &[*value]);
                }
                Entry::Reals { shape, values } => {
                    put_name(out, REALS, name);
                    put_length(out, shape.len());
                    shape.iter().for_each(|n| put_length(out, *n));
                    put_length(out, values.len());
                    put_reals(out, values);
                }
                Entry::Integers(values) => {
                    put_name(out, INTEGERS, name);
                    put_length(out, values.len());
                    put_integers(out, values);
                }
                Entry::Child(child) => {
                    put_name(out, CHILD, name);
                    child.put(out);
                }
            }
        }
        out.push(END);
    }

    fn take(&mut self, bytes: &mut Bytes<'_>) -> Result<()> {
        loop {
            let [tag] = bytes.some()?;
            if tag == END {
                return Ok(());
            }
            let name = bytes.text()?;
            match tag {
                TEXT => self.set_text(&name, bytes.text()?),
                TEXTS => {
                    let n = bytes.length()?;
                    let texts = (0..n).map(|_| bytes.text()).collect::<Result<_>>()?;
                    self.set_texts(&name, texts);
                }
                REAL => self.set(&name, Entry::Real(f64::from_le_bytes(bytes.some()?))),
                INTEGER => self.set(&name, Entry::Integer(i64::from_le_bytes(bytes.some()?))),
                REALS => {
                    let axes = bytes.length()?;
                    let shape = (0..axes).map(|_| bytes.length()).collect::<Result<_>>()?;
                    let values = bytes.list(f64::from_le_bytes)?;
                    self.set(&name, Entry::Reals { shape, values });
                }
                INTEGERS => {
                    let values = bytes.list(i64::from_le_bytes)?;
                    self.set(&name, Entry::Integers(values));
                }
                CHILD => self.child_mut(&name).take(bytes)?,
                other => return Err(damaged(&format!("a part has the tag {other}"))),
            }
        }
    }
}

/// The bytes that are left.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn next(&mut self, count: usize) -> Result<&'a [u8]> {
        let Some((next, rest)) = self.0.split_at_checked(count) else {
            return Err(damaged("it ends early"));
        };
        self.0 = rest;
        Ok(next)
    }

    fn some<const N: usize>(&mut self) -> Result<[u8; N]> {
        let next = self.next(N)?;
        next.try_into().map_err(|_| damaged("it ends early"))
    }

    /// A count, never of more than there are bytes left.
    fn length(&mut self) -> Result<usize> {
        let length = u64::from_le_bytes(self.some()?);
        usize::try_from(length).map_err(|_| damaged("a length is too large"))
    }

    fn text(&mut self) -> Result<String> {
        let length = self.length()?;
        let text = std::str::from_utf8(self.next(length)?);
        Ok(text.map_err(|_| damaged("a text is not UTF-8"))?.to_owned())
    }

    fn list<T>(&mut self, number: impl Fn([u8; 8]) -> T) -> Result<Vec<T>> {
        let count = self.length()?;
        let all = self.next(count.saturating_mul(8))?;
        let eights = all.as_chunks::<8>().0;
        Ok(eights.iter().map(|bytes| number(*bytes)).collect())
    }
}

fn put_name(out: &mut Vec<u8>, tag: u8, name: &str) {
    out.push(tag);
    put_text(out, name);
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put_length(out, text.len());
    out.extend(text.as_bytes());
}

fn put_length(out: &mut Vec<u8>, length: usize) {
    out.extend((length as u64).to_le_bytes());
}

fn put_reals(out: &mut Vec<u8>, values: &[f64]) {
    out.extend(values.iter().flat_map(|v| v.to_le_bytes()));
}

fn put_integers(out: &mut Vec<u8>, values: &[i64]) {
    out.extend(values.iter().flat_map(|v| v.to_le_bytes()));
}

fn damaged(why: &str) -> Error {
    Error::internal(format!(
        "what rank 0 sent is no section of a snapshot: {why}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_comes_back_from_its_bytes_to_the_bit() {
        let mut root = Section::new("a");
        root.set_text("kind", "müde");
        root.set_texts("list", vec![String::new(), "x".to_owned()]);
        root.set_f64("nan", f64::from_bits(0x7ff4_0000_0000_0001));
        root.set_i64("least", i64::MIN);
        let child = root.child_mut("inner");
        child.set_array("rows", &[2, 3], (0..6).map(f64::from).collect::<Vec<_>>());
        child.set_integers("none", Vec::new());
        child.child_mut("empty");
        let bytes = root.to_bytes();
        let back = Section::from_bytes(&bytes).unwrap();
        assert_eq!(back.to_bytes(), bytes);
        assert_eq!(back.child("inner").unwrap(), root.child("inner").unwrap());
        for end in 0..bytes.len() {
            assert!(Section::from_bytes(&bytes[..end]).is_err(), "{end}");
        }
    }
}

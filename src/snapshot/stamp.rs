//! Files made from earlier ones that differ in their numbers only: their bytes are exchanged, which is
//! many times faster than HDF5.

use super::content::{Array, Content, Item};
use super::render::{Image, image};

/// Bytes from which on a file is kept by itself: there, making it costs little beside writing it.
const LARGE: usize = 1 << 24;

/// The last file that was made, and the one before of another layout: series come back to it, since what a restart
/// goes on from is there after some steps and not after others.
#[derive(Default)]
pub(super) struct Stamps {
    last: Option<Stamp>,
    before: Option<Stamp>,
}

impl Stamps {
    /// Makes a file, from one of the kept ones where one fits.
    ///
    /// # Errors
    /// Errors of HDF5.
    pub fn make(&mut self, content: &Content<'_>) -> hdf5::Result<()> {
        let fits = |stamp: &Option<Stamp>| stamp.as_ref().is_some_and(|stamp| stamp.fits(content));
        if !fits(&self.last) {
            std::mem::swap(&mut self.last, &mut self.before);
            if !fits(&self.last) {
                // Not kept if the new one cannot be made.
                self.last = None;
                self.last = Some(Stamp {
                    image: image(content)?,
                    like: emptied(content),
                });
            }
            self.before
                .take_if(|stamp| stamp.image.bytes.len() >= LARGE);
        }
        if let Some(stamp) = &mut self.last {
            stamp.press(content);
        }
        Ok(())
    }

    /// The bytes of the last file, if one was made.
    pub fn made(&self) -> Option<&[u8]> {
        self.last.as_ref().map(|stamp| stamp.image.bytes.as_slice())
    }
}

/// A file that was made, by which others like it are.
struct Stamp {
    /// Its groups and arrays without the numbers.
    like: Content<'static>,
    image: Image,
}

impl Stamp {
    /// Whether nothing but numbers that lie in the file as they are would have to change.
    fn fits(&self, content: &Content<'_>) -> bool {
        self.like.items.len() == content.items.len()
            && content
                .items
                .iter()
                .zip(&self.like.items)
                .zip(&self.image.places)
                .all(|((item, like), place)| match (item, like) {
                    (Item::Array(array), Item::Array(like)) => {
                        array.path == like.path
                            && array.shape == like.shape
                            && array.packing == like.packing
                            && match (array.values.bytes(), place) {
                                (Some(bytes), Some(place)) => {
                                    array.values.kind() == like.values.kind()
                                        && bytes.len() == place.len()
                                }
                                (Some(bytes), None) => bytes.is_empty(),
                                (None, _) => array.values == like.values,
                            }
                    }
                    _ => item == like,
                })
    }

    fn press(&mut self, content: &Content<'_>) {
        for (item, place) in content.items.iter().zip(&self.image.places) {
            let (Item::Array(array), Some(place)) = (item, place) else {
                continue;
            };
            let target = self.image.bytes.get_mut(place.clone());
            if let (Some(target), Some(bytes)) = (target, array.values.bytes()) {
                target.copy_from_slice(bytes);
            }
        }
    }
}

fn emptied(content: &Content<'_>) -> Content<'static> {
    let items = content.items.iter().map(|item| match item {
        Item::Array(array) => Item::Array(Array {
            path: array.path.clone(),
            shape: array.shape.clone(),
            values: array.values.emptied(),
            packing: array.packing.clone(),
        }),
        Item::Group(path) => Item::Group(path.clone()),
        Item::Attribute { at, name, value } => Item::Attribute {
            at: at.clone(),
            name: name.clone(),
            value: value.clone(),
        },
        Item::Scale { at, name } => Item::Scale {
            at: at.clone(),
            name: name.clone(),
        },
        Item::Attach { at, axis, scale } => Item::Attach {
            at: at.clone(),
            axis: *axis,
            scale: scale.clone(),
        },
        Item::Link { from, to } => Item::Link {
            from: from.clone(),
            to: to.clone(),
        },
    });
    Content {
        items: items.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::content::{Attribute, Block, Kind, Packing, Piece, Values};

    fn content(first: f64, text: &str, deflate: u8) -> Content<'static> {
        let mut content = Content::default();
        content.text("/", "format", text);
        content.reals("/x", &[3], vec![1.0, 2.0, 3.0]);
        content.scale("/x", "x");
        let values: Vec<f64> = (0..6).map(|i| first + f64::from(i)).collect();
        content.packed(
            "/u",
            &[2, 3],
            Values::Reals(values.into()),
            Packing {
                deflate,
                ..Packing::default()
            },
        );
        content.items.push(Item::Attach {
            at: "/u".into(),
            axis: 1,
            scale: "/x".into(),
        });
        content.group("/a");
        content.array(
            "/a/v",
            &[2],
            Values::Singles(vec![first as f32, 0.5].into()),
        );
        content.integer("/a/i", first as i64);
        content.integers("/a/none", vec![]);
        content.attribute("/a", "range", Attribute::Reals(vec![0.0, 1.0]));
        let piece = Piece {
            file: ".".into(),
            array: "/u".into(),
            shape: vec![2, 3],
            from: Block::whole(&[2, 3]),
            to: Block::whole(&[2, 3]),
        };
        let pieces = vec![piece];
        let kind = Kind::Real;
        let fill = 0.0;
        content.array("/a/seen", &[2, 4], Values::Virtual { kind, fill, pieces });
        content.link("/u", "/a/u");
        content
    }

    #[test]
    fn stamps_give_the_bytes_that_hdf5_gives() {
        let mut stamps = Stamps::default();
        stamps.make(&content(1.0, "one", 0)).unwrap();
        let first = stamps.made().unwrap().to_vec();
        for (number, text, deflate, fits_last, fits_before) in [
            (1.0, "one", 0, true, false),
            (-7.5, "one", 0, true, false),
            (-7.5, "two", 0, false, false),
            (2.0, "one", 0, false, true),
            (3.0, "two", 0, false, true),
            (-7.5, "two", 4, false, false),
            (8.5, "two", 4, false, false),
            (2.0, "one", 0, false, false),
        ] {
            let content = content(number, text, deflate);
            let fits = |stamp: &Option<Stamp>| stamp.as_ref().is_some_and(|s| s.fits(&content));
            let found = (fits(&stamps.last), fits(&stamps.before));
            assert_eq!(found, (fits_last, fits_before), "{number} {text}");
            stamps.make(&content).unwrap();
            let bytes = stamps.made().unwrap();
            assert!(bytes == image(&content).unwrap().bytes, "{number} {text}");
            assert_eq!(bytes == first, number == 1.0);
        }
    }
}

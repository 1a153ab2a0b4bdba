//! What an HDF5 file is made of, said before the file is made: groups, arrays, attributes, links, in the
//! order in which they are to be created.

use std::borrow::Cow;

/// The longest text that is stored; the rest is cut off.
pub(super) const TEXT_LEN: usize = 512;

/// A text as it is stored: printable ASCII, what is not being written as its escape, and not too long.
pub(super) fn printable(text: &str) -> String {
    let mut plain = String::new();
    for c in text.chars() {
        if c.is_ascii_graphic() || c == ' ' {
            plain.push(c);
        } else {
            plain.extend(c.escape_default());
        }
    }
    plain.truncate(TEXT_LEN);
    plain
}

/// A file to be made. Paths are absolute, and a thing comes after the group that it is in.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Content<'a> {
    pub items: Vec<Item<'a>>,
}

/// One thing in a file.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Item<'a> {
    Group(String),
    Array(Array<'a>),
    /// Of a group or an array.
    Attribute {
        at: String,
        name: String,
        value: Attribute,
    },
    /// Makes an array a dimension scale of this name.
    Scale {
        at: String,
        name: String,
    },
    /// Gives an axis of an array its dimension scale.
    Attach {
        at: String,
        axis: u32,
        scale: String,
    },
    /// A second name of an array.
    Link {
        from: String,
        to: String,
    },
}

/// An array, row-major; without axes it is one number.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Array<'a> {
    pub path: String,
    pub shape: Vec<usize>,
    pub values: Values<'a>,
    pub packing: Packing,
}

/// Storage of an array.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Packing {
    /// The level of deflate, after a shuffle of the bytes; 0 stores the numbers as they are.
    pub deflate: u8,
    /// Entries that are compressed together, one an axis; empty chooses.
    pub chunk: Vec<usize>,
}

/// The numbers of an array.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Values<'a> {
    Reals(Cow<'a, [f64]>),
    Singles(Cow<'a, [f32]>),
    Integers(Cow<'a, [i64]>),
    Bytes(Cow<'a, [u8]>),
    /// Those of other arrays; the rest has the value `fill`.
    Virtual {
        kind: Kind,
        fill: f64,
        pieces: Vec<Piece>,
    },
    /// Written once the file is there.
    Later(Kind),
}

/// A type of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Real,
    Single,
    Integer,
    /// Unsigned.
    Byte,
}

/// A part of an array that shows a part of another.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Piece {
    /// Beside this file; `.` is this file itself.
    pub file: String,
    pub array: String,
    /// The shape of the other array.
    pub shape: Vec<usize>,
    pub from: Block,
    pub to: Block,
}

/// A block of an array: where it starts, and how many entries it has along each axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Block {
    pub start: Vec<usize>,
    pub size: Vec<usize>,
}

impl Block {
    /// All of an array.
    pub fn whole(shape: &[usize]) -> Self {
        Self {
            start: vec![0; shape.len()],
            size: shape.to_vec(),
        }
    }

    /// All of an array of this shape, one step of one that has an axis before it.
    pub fn step(step: usize, shape: &[usize]) -> Self {
        Self::steps(step, 1, shape)
    }

    /// The same of `count` steps from the `first` on.
    pub fn steps(first: usize, count: usize, shape: &[usize]) -> Self {
        Self {
            start: std::iter::once(first)
                .chain(shape.iter().map(|_| 0))
                .collect(),
            size: std::iter::once(count)
                .chain(shape.iter().copied())
                .collect(),
        }
    }
}

/// The value of an attribute. Texts are stored in fixed-length ASCII.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Attribute {
    Text(String),
    Texts(Vec<String>),
    Reals(Vec<f64>),
    Integers(Vec<i64>),
}

impl Attribute {
    /// Whole numbers. HDF5 readers know int64 better than others.
    pub fn integers(values: impl IntoIterator<Item = usize>) -> Self {
        Self::Integers(values.into_iter().map(int64).collect())
    }
}

/// A size or an index as it is stored.
pub(super) fn int64(value: usize) -> i64 {
    i64::try_from(value).expect("sizes in memory are below 2^63")
}

/// `0` to `count - 1`, as they are stored.
pub(super) fn count_from_zero(count: usize) -> Vec<i64> {
    (0..int64(count)).collect()
}

impl<'a> Content<'a> {
    pub fn group(&mut self, path: &str) {
        self.items.push(Item::Group(path.to_owned()));
    }

    pub fn array(&mut self, path: &str, shape: &[usize], values: Values<'a>) {
        self.packed(path, shape, values, Packing::default());
    }

    pub fn packed(&mut self, path: &str, shape: &[usize], values: Values<'a>, packing: Packing) {
        self.items.push(Item::Array(Array {
            path: path.to_owned(),
            shape: shape.to_vec(),
            values,
            packing,
        }));
    }

    /// Float64.
    pub fn reals(&mut self, path: &str, shape: &[usize], values: impl Into<Cow<'a, [f64]>>) {
        self.array(path, shape, Values::Reals(values.into()));
    }

    /// A list of int64.
    pub fn integers(&mut self, path: &str, values: impl Into<Cow<'a, [i64]>>) {
        let values = values.into();
        self.array(path, &[values.len()], Values::Integers(values));
    }

    /// One float64.
    pub fn real(&mut self, path: &str, value: f64) {
        self.reals(path, &[], vec![value]);
    }

    /// One int64.
    pub fn integer(&mut self, path: &str, value: i64) {
        self.array(path, &[], Values::Integers(vec![value].into()));
    }

    pub fn attribute(&mut self, at: &str, name: &str, value: Attribute) {
        self.items.push(Item::Attribute {
            at: at.to_owned(),
            name: name.to_owned(),
            value,
        });
    }

    /// A text as an attribute.
    pub fn text(&mut self, at: &str, name: &str, text: &str) {
        self.attribute(at, name, Attribute::Text(text.to_owned()));
    }

    /// Makes an array a dimension scale.
    pub fn scale(&mut self, at: &str, name: &str) {
        self.items.push(Item::Scale {
            at: at.to_owned(),
            name: name.to_owned(),
        });
    }

    /// Gives the axes of an array their scales, the slowest axis first.
    pub fn attach(&mut self, at: &str, scales: impl IntoIterator<Item = String>) {
        for (axis, scale) in (0..).zip(scales) {
            let at = at.to_owned();
            self.items.push(Item::Attach { at, axis, scale });
        }
    }

    /// Gives an array a second name.
    pub fn link(&mut self, from: &str, to: &str) {
        self.items.push(Item::Link {
            from: from.to_owned(),
            to: to.to_owned(),
        });
    }

    /// The bytes that the numbers take, about.
    pub fn size(&self) -> usize {
        let arrays = self.items.iter().map(|item| match item {
            Item::Array(array) => array.values.bytes().map_or(0, <[u8]>::len),
            _ => 0,
        });
        arrays.sum()
    }
}

impl Values<'_> {
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Reals(_) => Kind::Real,
            Self::Singles(_) => Kind::Single,
            Self::Integers(_) => Kind::Integer,
            Self::Bytes(_) => Kind::Byte,
            Self::Virtual { kind, .. } | Self::Later(kind) => *kind,
        }
    }

    /// The numbers as they are in memory, and in a file of the machine's own types.
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Reals(values) => Some(bytemuck::cast_slice(values)),
            Self::Singles(values) => Some(bytemuck::cast_slice(values)),
            Self::Integers(values) => Some(bytemuck::cast_slice(values)),
            Self::Bytes(values) => Some(values.as_ref()),
            Self::Virtual { .. } | Self::Later(_) => None,
        }
    }

    /// Returns an array of the same kind without numbers.
    pub fn emptied(&self) -> Values<'static> {
        match self {
            Self::Reals(_) => Values::Reals(Cow::Borrowed(&[])),
            Self::Singles(_) => Values::Singles(Cow::Borrowed(&[])),
            Self::Integers(_) => Values::Integers(Cow::Borrowed(&[])),
            Self::Bytes(_) => Values::Bytes(Cow::Borrowed(&[])),
            Self::Virtual { kind, fill, pieces } => Values::Virtual {
                kind: *kind,
                fill: *fill,
                pieces: pieces.clone(),
            },
            Self::Later(kind) => Values::Later(*kind),
        }
    }
}

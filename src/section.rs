//! Named numbers, arrays and texts, in groups within groups: how a part of the library saves its
//! state and takes it back, without knowing what stores it.
//!
//! A part that has a state writes it with the `set_*` functions and reads it with the `get_*`
//! functions of the same names. Whoever stores a section walks over [`Section::entries`] and makes
//! the same section again, so that a new entry touches one file, the one it belongs to.

mod bytes;

use crate::error::{Error, Result};

/// A group of named entries and named texts. Names are letters, digits and underscores. A text may
/// have the name of an entry, as in HDF5, where texts are attributes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Section {
    /// Names of the section and those around it, for messages: `restart/energy_0`.
    path: String,
    texts: Vec<(String, Text)>,
    entries: Vec<(String, Entry)>,
}

/// The value of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text {
    /// One text.
    One(String),
    /// A list of texts.
    List(Vec<String>),
}

/// The value of an entry.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// One real number.
    Real(f64),
    /// One whole number.
    Integer(i64),
    /// Real numbers, row-major.
    Reals {
        /// Entries along each axis.
        shape: Vec<usize>,
        /// As many numbers as the shape says.
        values: Vec<f64>,
    },
    /// A list of whole numbers.
    Integers(Vec<i64>),
    /// A section within the section.
    Child(Section),
}

impl Entry {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Real(_) => "a real number",
            Self::Integer(_) => "a whole number",
            Self::Reals { .. } => "an array of real numbers",
            Self::Integers(_) => "a list of whole numbers",
            Self::Child(_) => "a group",
        }
    }
}

/// Saving.
impl Section {
    /// An empty section. The name stands in messages before those of its entries.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            path: name.to_owned(),
            texts: Vec::new(),
            entries: Vec::new(),
        }
    }

    /// Sets an entry of any kind.
    ///
    /// # Panics
    /// If there is one of this name: two parts would save under one name, and one of them be lost.
    pub fn set(&mut self, name: &str, entry: Entry) {
        push(&mut self.entries, name, entry);
    }

    /// Sets one real number.
    pub fn set_f64(&mut self, name: &str, value: f64) {
        self.set(name, Entry::Real(value));
    }

    /// Sets one whole number.
    pub fn set_i64(&mut self, name: &str, value: i64) {
        self.set(name, Entry::Integer(value));
    }

    /// Sets a count.
    ///
    /// # Panics
    /// If it is 2^63 or more, which nothing that is counted reaches.
    pub fn set_u64(&mut self, name: &str, value: u64) {
        self.set_i64(name, i64::try_from(value).expect("counts stay below 2^63"));
    }

    /// Sets an array of real numbers, row-major.
    ///
    /// # Panics
    /// If there are not as many values as the shape says.
    pub fn set_array(&mut self, name: &str, shape: &[usize], values: impl Into<Vec<f64>>) {
        let values = values.into();
        let expected: usize = shape.iter().product();
        assert_eq!(values.len(), expected, "values of `{name}` fill its shape");
        let shape = shape.to_vec();
        self.set(name, Entry::Reals { shape, values });
    }

    /// Sets a list of real numbers.
    pub fn set_list(&mut self, name: &str, values: impl Into<Vec<f64>>) {
        let values = values.into();
        self.set_array(name, &[values.len()], values);
    }

    /// Sets a list of whole numbers.
    pub fn set_integers(&mut self, name: &str, values: Vec<i64>) {
        self.set(name, Entry::Integers(values));
    }

    /// Sets a list of counts.
    ///
    /// # Panics
    /// If one is 2^63 or more, which nothing that is counted reaches.
    pub fn set_counts(&mut self, name: &str, values: impl IntoIterator<Item = u64>) {
        let integer = |value| i64::try_from(value).expect("counts stay below 2^63");
        self.set_integers(name, values.into_iter().map(integer).collect());
    }

    /// Sets a text. Files keep printable ASCII, up to 512 characters; the rest is escaped or cut.
    pub fn set_text(&mut self, name: &str, text: impl Into<String>) {
        push(&mut self.texts, name, Text::One(text.into()));
    }

    /// Sets a list of texts, each as in [`set_text`](Self::set_text).
    pub fn set_texts(&mut self, name: &str, texts: Vec<String>) {
        push(&mut self.texts, name, Text::List(texts));
    }

    /// The section of this name within this one, made if there is none.
    ///
    /// # Panics
    /// Never: the child is found or made first.
    pub fn child_mut(&mut self, name: &str) -> &mut Self {
        let found = self
            .entries
            .iter()
            .position(|(known, it)| known == name && matches!(it, Entry::Child(_)));
        let at = found.unwrap_or_else(|| {
            let child = Self::new(&self.path_of(name));
            self.set(name, Entry::Child(child));
            let set = self.entries.iter().position(|(known, _)| known == name);
            set.expect("the child was set just now")
        });
        match &mut self.entries[at].1 {
            Entry::Child(child) => child,
            _ => unreachable!("the entry is a child, found or made just now"),
        }
    }
}

impl Section {
    /// Adds the entries and texts of another section.
    ///
    /// # Panics
    /// If both have one of the same name.
    pub fn extend(&mut self, other: &Self) {
        for (name, entry) in &other.entries {
            self.set(name, entry.clone());
        }
        for (name, text) in &other.texts {
            push(&mut self.texts, name, text.clone());
        }
    }

    /// Keeps the entries and texts whose names `keep` wants.
    pub fn retain(&mut self, mut keep: impl FnMut(&str) -> bool) {
        self.entries.retain(|(name, _)| keep(name));
        self.texts.retain(|(name, _)| keep(name));
    }
}

/// Taking back. Errors are of kind [`File`](crate::ErrorKind::File) and name the entry.
impl Section {
    /// Texts with their names, in the order in which they were set.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &Text)> {
        self.texts.iter().map(|(name, it)| (name.as_str(), it))
    }

    /// Entries with their names, in the order in which they were set.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.entries.iter().map(|(name, it)| (name.as_str(), it))
    }

    /// Whether there is an entry of this name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// An entry of any kind, `None` where there is none.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Entry> {
        let found = self.entries.iter().find(|(known, _)| known == name);
        found.map(|(_, entry)| entry)
    }

    /// One real number.
    ///
    /// # Errors
    /// If there is no such entry or it is of another kind.
    pub fn get_f64(&self, name: &str) -> Result<f64> {
        match self.get(name)? {
            Entry::Real(value) => Ok(*value),
            other => Err(self.mistyped(name, other, "a real number")),
        }
    }

    /// One whole number.
    ///
    /// # Errors
    /// If there is no such entry or it is of another kind.
    pub fn get_i64(&self, name: &str) -> Result<i64> {
        match self.get(name)? {
            Entry::Integer(value) => Ok(*value),
            other => Err(self.mistyped(name, other, "a whole number")),
        }
    }

    /// A count.
    ///
    /// # Errors
    /// If there is no such entry, it is of another kind or negative.
    pub fn get_u64(&self, name: &str) -> Result<u64> {
        let value = self.get_i64(name)?;
        u64::try_from(value).map_err(|_| self.refused(name, &value.to_string(), "0 and above"))
    }

    /// Shape and values of an array of real numbers.
    ///
    /// # Errors
    /// If there is no such entry, it is of another kind or has another number of axes than `N`.
    pub fn get_array<const N: usize>(&self, name: &str) -> Result<([usize; N], &[f64])> {
        match self.get(name)? {
            Entry::Reals { shape, values } => match <[usize; N]>::try_from(shape.as_slice()) {
                Ok(shape) => Ok((shape, values)),
                Err(_) => {
                    let given = format!("of shape {shape:?}");
                    Err(self.refused(name, &given, &format!("an array of {N} axes")))
                }
            },
            other => Err(self.mistyped(name, other, "an array of real numbers")),
        }
    }

    /// A list of real numbers.
    ///
    /// # Errors
    /// Errors of [`get_array`](Self::get_array).
    pub fn get_list(&self, name: &str) -> Result<&[f64]> {
        self.get_array::<1>(name).map(|(_, values)| values)
    }

    /// A list of exactly `N` real numbers.
    ///
    /// # Errors
    /// Errors of [`get_array`](Self::get_array), and if there are more or fewer.
    pub fn get_numbers<const N: usize>(&self, name: &str) -> Result<[f64; N]> {
        let values = self.get_list(name)?;
        values.try_into().map_err(|_| {
            let given = format!("a list of {}", values.len());
            self.refused(name, &given, &format!("a list of {N}"))
        })
    }

    /// A list of whole numbers.
    ///
    /// # Errors
    /// If there is no such entry or it is of another kind.
    pub fn get_integers(&self, name: &str) -> Result<&[i64]> {
        match self.get(name)? {
            Entry::Integers(values) => Ok(values),
            other => Err(self.mistyped(name, other, "a list of whole numbers")),
        }
    }

    /// A list of counts.
    ///
    /// # Errors
    /// If there is no such entry, it is of another kind or one is negative.
    pub fn get_counts(&self, name: &str) -> Result<Vec<u64>> {
        let values = self.get_integers(name)?;
        let counts = values.iter().map(|value| u64::try_from(*value));
        let counts: std::result::Result<_, _> = counts.collect();
        counts.map_err(|_| self.refused(name, &format!("{values:?}"), "numbers of 0 and above"))
    }

    /// Whether there is a text of this name.
    #[must_use]
    pub fn has_text(&self, name: &str) -> bool {
        self.texts.iter().any(|(known, _)| known == name)
    }

    /// A text.
    ///
    /// # Errors
    /// If there is no such text or it is a list.
    pub fn get_text(&self, name: &str) -> Result<&str> {
        match self.texts.iter().find(|(known, _)| known == name) {
            Some((_, Text::One(text))) => Ok(text),
            Some((_, Text::List(_))) => Err(self.refused(name, "a list of texts", "one text")),
            None => Err(self.missing(name)),
        }
    }

    /// A list of texts.
    ///
    /// # Errors
    /// If there is no such list or it is one text.
    pub fn get_texts(&self, name: &str) -> Result<&[String]> {
        match self.texts.iter().find(|(known, _)| known == name) {
            Some((_, Text::List(texts))) => Ok(texts),
            Some((_, Text::One(_))) => Err(self.refused(name, "one text", "a list of texts")),
            None => Err(self.missing(name)),
        }
    }

    /// A section within this one.
    ///
    /// # Errors
    /// If there is no such entry or it is of another kind.
    pub fn child(&self, name: &str) -> Result<&Self> {
        match self.get(name)? {
            Entry::Child(child) => Ok(child),
            other => Err(self.mistyped(name, other, "a group")),
        }
    }

    /// An error about an entry: what it is, and what is accepted.
    #[must_use]
    pub fn refused(&self, name: &str, given: &str, accepted: &str) -> Error {
        let path = self.path_of(name);
        Error::file(format!("its `{path}` is {given}; accepted is {accepted}"))
    }

    fn get(&self, name: &str) -> Result<&Entry> {
        self.find(name).ok_or_else(|| self.missing(name))
    }

    fn missing(&self, name: &str) -> Error {
        Error::file(format!("its `{}` is missing", self.path_of(name)))
    }

    fn mistyped(&self, name: &str, entry: &Entry, accepted: &str) -> Error {
        self.refused(name, entry.kind(), accepted)
    }

    fn path_of(&self, name: &str) -> String {
        match self.path.as_str() {
            "" => name.to_owned(),
            path => format!("{path}/{name}"),
        }
    }
}

fn push<T>(list: &mut Vec<(String, T)>, name: &str, value: T) {
    assert!(
        list.iter().all(|(known, _)| known != name),
        "`{name}` is saved once"
    );
    list.push((name.to_owned(), value));
}

#[cfg(test)]
mod tests;

//! Sections of a solver's state as groups of a file: numbers and arrays are datasets, texts are
//! attributes, and sections within sections groups within groups.

use super::content::{Attribute, Content, TEXT_LEN};
use super::layout;
use crate::section::{Entry, Section, Text};
use hdf5::types::{FixedAscii, FloatSize, IntSize, TypeDescriptor};
use hdf5::{Dataset, File, Group, Location, Result};

/// Adds the texts of the root of a state as attributes of the file.
pub(super) fn add_texts(content: &mut Content<'_>, at: &str, section: &Section) {
    for (name, text) in section.texts() {
        let value = match text {
            Text::One(text) => Attribute::Text(text.clone()),
            Text::List(texts) => Attribute::Texts(texts.clone()),
        };
        content.attribute(at, name, value);
    }
}

/// Adds the entries of a section below `at`, which is empty for the root.
pub(super) fn add_entries<'a>(content: &mut Content<'a>, at: &str, section: &'a Section) {
    for (name, entry) in section.entries() {
        let path = format!("{at}/{name}");
        match entry {
            Entry::Real(value) => content.real(&path, *value),
            Entry::Integer(value) => content.integer(&path, *value),
            Entry::Reals { shape, values } => content.reals(&path, shape, values.as_slice()),
            Entry::Integers(values) => content.integers(&path, values.as_slice()),
            Entry::Child(child) => {
                content.group(&path);
                add_texts(content, &path, child);
                add_entries(content, &path, child);
            }
        }
    }
}

/// Reads the state that a snapshot has: the texts of its root, and its sections.
pub(super) fn read(file: &File) -> Result<Section> {
    let mut root = Section::default();
    read_texts(file, &mut root)?;
    for name in layout::sections() {
        if file.link_exists(name) {
            read_group(&file.group(name)?, root.child_mut(name))?;
        }
    }
    Ok(root)
}

fn read_group(group: &Group, into: &mut Section) -> Result<()> {
    read_texts(group, into)?;
    for name in group.member_names()? {
        match group.dataset(&name) {
            Ok(array) => into.set(&name, entry(&array)?),
            Err(_) => read_group(&group.group(&name)?, into.child_mut(&name))?,
        }
    }
    Ok(())
}

/// Attributes that are numbers are those of the file itself, and not of the state.
fn read_texts(at: &Location, into: &mut Section) -> Result<()> {
    for name in at.attr_names()? {
        let attribute = at.attr(&name)?;
        if !matches!(
            attribute.dtype()?.to_descriptor()?,
            TypeDescriptor::FixedAscii(_)
        ) {
            continue;
        }
        if attribute.is_scalar() {
            let text: FixedAscii<TEXT_LEN> = attribute.read_scalar()?;
            into.set_text(&name, text.as_str());
        } else {
            let texts: Vec<FixedAscii<TEXT_LEN>> = attribute.read_raw()?;
            let texts = texts.iter().map(|text| text.as_str().to_owned());
            into.set_texts(&name, texts.collect());
        }
    }
    Ok(())
}

fn entry(array: &Dataset) -> Result<Entry> {
    let (kind, shape) = (array.dtype()?.to_descriptor()?, array.shape());
    Ok(match (kind, shape.len()) {
        (TypeDescriptor::Float(FloatSize::U8), 0) => Entry::Real(array.read_scalar()?),
        (TypeDescriptor::Float(FloatSize::U8), _) => Entry::Reals {
            shape,
            values: array.read_raw()?,
        },
        (TypeDescriptor::Integer(IntSize::U8), 0) => Entry::Integer(array.read_scalar()?),
        (TypeDescriptor::Integer(IntSize::U8), 1) => Entry::Integers(array.read_raw()?),
        (kind, axes) => {
            let name = array.name();
            return Err(format!("its `{name}` is of type {kind:?} with {axes} axes").into());
        }
    })
}

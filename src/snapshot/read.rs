//! Reading snapshots back: what a series in a folder holds.

use super::commit;
use super::frame::{AxisFrame, FieldFrame, FigureFrame, Frame, GridFrame, PointFrame};
use super::ledger::Ledger;
use super::open::{open, sizes, text, texts};
use super::past::{Past, figures};
use super::seal;
use super::selection::Description;
use crate::error::{Error, Result};
use hdf5::types::{FloatSize, TypeDescriptor};
use hdf5::{Dataset, File, Location};
use std::path::Path;

/// The snapshots of a folder. Those that its index lists are not opened, but for one: they are all alike.
pub(super) fn folder(folder: &Path, index: &Path) -> Result<(Vec<Past>, Option<Frame>)> {
    let numbers = commit::numbers(folder).map_err(|error| {
        Error::file(format!(
            "cannot list the folder `{}`: {error}",
            folder.display()
        ))
    })?;
    let mut ledger = Ledger::read(index);
    let mut all = Vec::with_capacity(numbers.len());
    for number in &numbers {
        all.push(ledger.take(*number, &folder.join(commit::name(*number))));
    }
    let mut common: Option<Frame> = None;
    if let Some(known) = all.iter().flatten().next_back() {
        let (frame, there) = look(folder, known.number)?;
        if ledger.has(&frame.figures) && there.time.to_bits() == known.time.to_bits() {
            common = Some(frame);
        } else {
            all.fill(None);
        }
    }
    for (number, past) in numbers.into_iter().zip(&mut all) {
        if past.is_some() {
            continue;
        }
        let (frame, read) = look(folder, number)?;
        if let Some(common) = common.as_ref().filter(|common| **common != frame) {
            return Err(Error::file(format!(
                "the snapshot `{}` is not of the same series as the others: {}",
                folder.join(commit::name(number)).display(),
                common.difference(&frame)
            )));
        }
        common = Some(frame);
        *past = Some(read);
    }
    let past: Vec<Past> = all.into_iter().flatten().collect();
    check_times(folder, &past)?;
    Ok((past, common))
}

/// Opens a snapshot of a folder.
fn look(folder: &Path, number: u64) -> Result<(Frame, Past)> {
    let path = folder.join(commit::name(number));
    open(&path, |file| {
        let frame = frame(file)?;
        let mut past = past(file, number, &frame)?;
        past.seal = seal::read(&path);
        Ok((frame, past))
    })
}

fn check_times(folder: &Path, past: &[Past]) -> Result<()> {
    let stalls = |pair: &&[Past]| matches!(pair, [a, b] if b.time <= a.time);
    let Some(pair) = past.windows(2).find(stalls) else {
        return Ok(());
    };
    let names: Vec<_> = pair.iter().map(|past| commit::name(past.number)).collect();
    Err(Error::file(format!(
        "time does not grow from `{}` in the folder `{}`",
        names.join("` to `"),
        folder.display()
    )))
}

/// What a snapshot has in common with others of its series.
pub(super) fn frame(file: &File) -> hdf5::Result<Frame> {
    if text(file, "format").ok().as_deref() != Some("movimento snapshot") {
        return Err("it is no snapshot of movimento".into());
    }
    let mut frame = Frame {
        d: sizes(file, "dimension")?.first().copied().unwrap_or(0),
        time: description(&*file.dataset("t")?),
        compression: sizes(file, "compression")?
            .first()
            .and_then(|level| u8::try_from(*level).ok())
            .unwrap_or(0),
        ..Frame::default()
    };
    let mut kinds = Vec::new();
    if file.attr("fields").is_ok() {
        let mut grid = GridFrame {
            origin: file.attr("slice_point")?.read_raw()?,
            ..GridFrame::default()
        };
        for name in ["x", "y", "z"] {
            let Ok(axis) = file.dataset(name) else {
                break;
            };
            grid.axes.push(AxisFrame {
                name: name.to_owned(),
                index: sizes(&axis, "axis")?.first().copied().unwrap_or(0),
                coordinates: axis.read_raw()?,
                described: description(&axis),
            });
        }
        for name in texts(file, "fields")? {
            let array = file.dataset(&name)?;
            kinds.push(is_single(&array)?);
            grid.fields.push(field(&array, name, grid.axes.len()));
        }
        frame.grid = Some(grid);
    }
    if let Ok(group) = file.group("points") {
        let position = group.dataset("position")?;
        kinds.push(is_single(&position)?);
        let names = match group.attr("fields") {
            Ok(_) => texts(&group, "fields")?,
            Err(_) => Vec::new(),
        };
        let mut fields = Vec::new();
        for name in names {
            fields.push(field(&group.dataset(&name)?, name, 1));
        }
        frame.points = Some(PointFrame {
            ids: group.dataset("id")?.read_raw()?,
            axes: sizes(&group, "axes")?,
            described: description(&position),
            fields,
        });
    }
    if let Ok(group) = file.group("series") {
        for name in figures(file)? {
            let array = group.dataset(&name)?;
            frame.figures.push(FigureFrame {
                help: text(&array, "long_name")?,
                shape: array.shape().get(1..).unwrap_or_default().to_vec(),
                name,
            });
        }
    }
    frame.single = kinds.first().copied().unwrap_or(false);
    Ok(frame)
}

/// The time and the figures of a snapshot.
fn past(file: &File, number: u64, frame: &Frame) -> hdf5::Result<Past> {
    let time = file.dataset("t")?.read_raw::<f64>()?;
    let figures = frame.figures.iter();
    let figures = figures.map(|it| {
        file.dataset(&format!("series/{}", it.name))?
            .read_raw::<f64>()
    });
    Ok(Past {
        number,
        time: time.first().copied().unwrap_or(f64::NAN),
        figures: figures.collect::<hdf5::Result<_>>()?,
        seal: None,
    })
}

fn field(array: &Dataset, name: String, points: usize) -> FieldFrame {
    FieldFrame {
        name,
        described: description(array),
        components: array.shape().get(points).copied().unwrap_or(1),
        vector: array.attr("vector").is_ok(),
    }
}

fn is_single(array: &Dataset) -> hdf5::Result<bool> {
    Ok(array.dtype()?.to_descriptor()? == TypeDescriptor::Float(FloatSize::U4))
}

fn description(at: &Location) -> Description {
    Description {
        long_name: text(at, "long_name").unwrap_or_default(),
        units: text(at, "units").unwrap_or_default(),
    }
}

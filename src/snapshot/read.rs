//! Reading snapshots back: what a series in a folder holds.
//!
//! All readers pass over the same: what has the name of a snapshot and is no whole file, after it was cut off or
//! damaged, or is a folder or a link to nothing. A whole snapshot of another series is an error.

use super::commit;
use super::frame::{AxisFrame, FieldFrame, FigureFrame, Frame, GridFrame, PointFrame};
use super::ledger::Ledger;
use super::open::{open, optional_text, row_shape, size, sizes, text, texts};
use super::past::{Past, figures};
use super::seal;
use super::selection::Description;
use super::vtkhdf;
use crate::error::{Error, Result};
use hdf5::types::{FloatSize, TypeDescriptor};
use hdf5::{Dataset, File, Location};
use std::fs;
use std::path::Path;

/// The snapshots of a series in a folder.
pub(super) struct Series {
    pub past: Vec<Past>,
    /// What they have in common; of none there is none.
    pub frame: Option<Frame>,
    /// Numbers of files that were passed over, as they are no whole snapshots.
    pub damaged: Vec<u64>,
}

/// The snapshots of a folder. Those that its index lists are not opened, but for one: they are all alike.
pub(super) fn folder(folder: &Path, index: &Path) -> Result<Series> {
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
        match look(folder, known.number)? {
            Some((frame, there))
                if ledger.has(&frame.figures) && there.time.to_bits() == known.time.to_bits() =>
            {
                common = Some(frame);
            }
            _ => all.fill(None),
        }
    }
    let mut damaged = Vec::new();
    for (number, past) in numbers.into_iter().zip(&mut all) {
        if past.is_some() {
            continue;
        }
        let Some((frame, read)) = look(folder, number)? else {
            damaged.push(number);
            continue;
        };
        if let Some(common) = common.as_ref().filter(|common| **common != frame) {
            return Err(Error::file(format!(
                "the snapshot `{}` is not of the same series as the others: {}; move it to a folder of its own",
                folder.join(commit::name(number)).display(),
                common.difference(&frame)
            )));
        }
        common = Some(frame);
        *past = Some(read);
    }
    let past: Vec<Past> = all.into_iter().flatten().collect();
    check_times(folder, &past)?;
    Ok(Series {
        past,
        frame: common,
        damaged,
    })
}

/// Opens a snapshot of a folder; none if it is no whole file, which is logged.
fn look(folder: &Path, number: u64) -> Result<Option<(Frame, Past)>> {
    let path = folder.join(commit::name(number));
    let read = open(&path, |file| {
        let frame = frame(file)?;
        let mut past = past(file, number, &frame)?;
        past.seal = seal::read(&path).map_err(|error| error.to_string())?;
        Ok((frame, past))
    });
    match read {
        Ok(read) => Ok(Some(read)),
        Err(error) => {
            // What the system refuses says nothing of the file, and a whole file is somebody's.
            let is_file = fs::metadata(&path).is_ok_and(|it| it.is_file());
            let is_gone = fs::symlink_metadata(&path).is_err();
            if is_gone || (is_file && !seal::is_whole(&path).is_ok_and(|whole| !whole)) {
                return Err(error);
            }
            log::warn!("{error}; it is passed over");
            Ok(None)
        }
    }
}

fn check_times(folder: &Path, past: &[Past]) -> Result<()> {
    let stalls = |pair: &&[Past]| matches!(pair, [a, b] if b.time <= a.time);
    let Some(pair) = past.windows(2).find(stalls) else {
        return Ok(());
    };
    let names: Vec<_> = pair.iter().map(|past| commit::name(past.number)).collect();
    Err(Error::file(format!(
        "time does not grow from `{}` in the folder `{}`; take the snapshots of another run out of it",
        names.join("` to `"),
        folder.display()
    )))
}

/// Reads what a snapshot has in common with others of its series.
pub(super) fn frame(file: &File) -> hdf5::Result<Frame> {
    if text(file, "format").ok().as_deref() != Some("movimento snapshot") {
        return Err("it is no snapshot of movimento".into());
    }
    let mut frame = Frame {
        d: size(file, "dimension")?,
        time: description(&*file.dataset("t")?)?,
        compression: compression(file)?,
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
            let coordinates = axis.read_raw::<f64>()?;
            if coordinates.is_empty() {
                return Err(format!("its axis `{name}` has no points").into());
            }
            grid.axes.push(AxisFrame {
                name: name.to_owned(),
                // The first files have it in `axis`, which is a letter to conventions.
                index: size(&axis, "coordinate").or_else(|_| size(&axis, "axis"))?,
                coordinates,
                described: description(&axis)?,
            });
        }
        for name in texts(file, "fields")? {
            let array = file.dataset(&name)?;
            kinds.push(is_single(&array)?);
            grid.fields.push(field(&array, name, grid.axes.len())?);
        }
        // The first files do not have it.
        if let Ok(outside) = file.dataset(vtkhdf::OUTSIDE) {
            grid.outside = outside.read_raw()?;
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
            fields.push(field(&group.dataset(&name)?, name, 1)?);
        }
        frame.points = Some(PointFrame {
            ids: group.dataset("id")?.read_raw()?,
            axes: sizes(&group, "axes")?,
            described: description(&position)?,
            fields,
        });
    }
    if let Ok(group) = file.group("series") {
        for name in figures(file)? {
            let array = group.dataset(&name)?;
            frame.figures.push(FigureFrame {
                help: text(&array, "long_name")?,
                shape: row_shape(&array)?,
                name,
            });
        }
    }
    frame.single = kinds.first().is_some_and(|single| *single);
    Ok(frame)
}

/// The time and the figures of a snapshot.
fn past(file: &File, number: u64, frame: &Frame) -> hdf5::Result<Past> {
    let times = file.dataset("t")?.read_raw::<f64>()?;
    let [time] = times[..] else {
        return Err(format!("it has {} times; accepted is one", times.len()).into());
    };
    let figures = frame.figures.iter();
    let figures = figures.map(|it| {
        file.dataset(&format!("series/{}", it.name))?
            .read_raw::<f64>()
    });
    Ok(Past {
        number,
        time,
        figures: figures.collect::<hdf5::Result<_>>()?,
        seal: None,
        place: None,
    })
}

fn compression(file: &File) -> hdf5::Result<u8> {
    let level = size(file, "compression")?;
    u8::try_from(level).map_err(|_| format!("its level of compression is {level}").into())
}

/// A field on so many axes of points; a scalar has no axis of components.
fn field(array: &Dataset, name: String, points: usize) -> hdf5::Result<FieldFrame> {
    Ok(FieldFrame {
        name,
        described: description(array)?,
        components: array
            .shape()
            .get(points)
            .map_or(1, |components| *components),
        vector: array.attr("vector").is_ok(),
    })
}

fn is_single(array: &Dataset) -> hdf5::Result<bool> {
    Ok(array.dtype()?.to_descriptor()? == TypeDescriptor::Float(FloatSize::U4))
}

fn description(at: &Location) -> hdf5::Result<Description> {
    Ok(Description {
        long_name: optional_text(at, "long_name")?,
        units: optional_text(at, "units")?,
    })
}

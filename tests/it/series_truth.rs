//! Series whose folder is changed by others, or holds what is no snapshot: an index shows what is there, or nothing.

use crate::support::asymmetric_box::{entries, l2, options, reals};
use movimento::ErrorKind;
use movimento::snapshot::{Census, FieldQuery, Writer, make_index, pack, restore};
use std::fs;
use std::path::Path;

const INDEX: &str = "run.vtkhdf";

/// What the index shows: times, and u of each at the first point, which must be those of the files.
pub fn shown(run: &Path) -> Vec<f64> {
    let index = run.join(INDEX);
    let times = reals(&index, "t");
    let u = reals(&index, "u");
    let each = u.len() / times.len();
    let numbers: Vec<i64> = hdf5::File::open(&index)
        .unwrap()
        .dataset("files/number")
        .unwrap()
        .read_raw()
        .unwrap();
    for (row, number) in numbers.iter().enumerate() {
        let file = run.join(format!("snap_{number:06}.h5"));
        assert_eq!(u[row * each..(row + 1) * each], reals(&file, "u"));
        assert_eq!(reals(&file, "t"), [times[row]]);
    }
    times
}

fn snapshots(run: &Path) -> Vec<String> {
    let mut names = entries(run);
    names.retain(|name| name.starts_with("snap_"));
    names
}

#[test]
fn what_was_removed_is_not_shown_and_its_number_not_given_again() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let mut options = options(1);
    options.set("snapshot_index_seconds", 0.0).unwrap();
    let mut solver = l2(&options);
    let mut writer = Writer::new(&solver, &run, None).unwrap();
    let mut go = |writer: &mut Writer| {
        solver.step().unwrap();
        writer.write(&solver).unwrap()
    };
    for number in 0..3 {
        assert_eq!(go(&mut writer), number);
    }
    // The newest, which is the name that would come next.
    fs::remove_file(run.join("snap_000002.h5")).unwrap();
    assert_eq!(go(&mut writer), 3);
    writer.close().unwrap();
    assert_eq!(shown(&run), [0.01, 0.02, 0.04]);
    let mut writer = Writer::new(&solver, &run, None).unwrap();
    let mut go = |writer: &mut Writer| {
        solver.step().unwrap();
        writer.write(&solver).unwrap()
    };
    // All of them, by somebody who needed the room.
    for name in snapshots(&run) {
        fs::remove_file(run.join(name)).unwrap();
    }
    assert_eq!(go(&mut writer), 4);
    assert_eq!(go(&mut writer), 5);
    // One of them by another file.
    fs::copy(run.join("snap_000004.h5"), run.join("snap_000005.h5")).unwrap();
    assert_eq!(go(&mut writer), 6);
    writer.close().unwrap();
    assert_eq!(shown(&run), [0.05, 0.07]);
    assert_eq!(writer.len(), 2);
}

#[test]
fn a_folder_that_was_moved_or_made_anew_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let mut solver = l2(&options(1));
    let mut writer = Writer::new(&solver, &run, None).unwrap();
    writer.write(&solver).unwrap();
    solver.step().unwrap();
    let moved = folder.path().join("moved");
    fs::rename(&run, &moved).unwrap();
    let told = writer.write(&solver).unwrap_err();
    assert_eq!(told.kind(), ErrorKind::File);
    fs::create_dir(&run).unwrap();
    for _ in 0..2 {
        let told = writer.write(&solver).unwrap_err();
        assert_eq!(told.kind(), ErrorKind::File);
        assert!(told.message().contains("moved or replaced"), "{told}");
    }
    assert!(writer.close().is_err());
    assert_eq!(entries(&run), [""; 0]);
    // It goes on where it is back.
    fs::remove_dir(&run).unwrap();
    fs::rename(&moved, &run).unwrap();
    assert_eq!(writer.write(&solver).unwrap(), 1);
    writer.close().unwrap();
    assert_eq!(shown(&run), [0.0, 0.01]);
}

#[test]
fn snapshots_of_a_later_time_stay_until_the_first_write() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path();
    let mut options = options(1);
    let mut solver = l2(&options);
    let mut writer = Writer::new(&solver, run, None).unwrap();
    for _ in 0..4 {
        writer.write(&solver).unwrap();
        solver.step().unwrap();
    }
    writer.close().unwrap();
    options.set("snapshot_existing", "truncate").unwrap();
    let mut again = l2(&options);
    let mut writer = Writer::new(&again, run, None).unwrap();
    assert_eq!(snapshots(run).len(), 4);
    assert_eq!(restore(&mut again, run).unwrap(), Some(3));
    assert_eq!(
        writer.write(&again).unwrap(),
        3,
        "the last one is that state"
    );
    again.step().unwrap();
    assert_eq!(writer.write(&again).unwrap(), 4);
    writer.close().unwrap();
    assert_eq!(shown(run).len(), 5);
    // Without a write nothing is deleted; what cannot be written deletes nothing either.
    let mut early = l2(&options);
    drop(Writer::new(&early, run, None).unwrap());
    assert_eq!(shown(run).len(), 5);
    early.step_to(0.005).unwrap();
    let mut writer = Writer::new(&early, run, None).unwrap();
    writer
        .add(FieldQuery::named("grad_u", &early).unwrap())
        .unwrap();
    assert!(writer.write(&early).is_err());
    drop(writer);
    assert_eq!(shown(run).len(), 5);
    let mut early = l2(&options);
    early.step().unwrap();
    early.step().unwrap();
    let mut writer = Writer::new(&early, run, None).unwrap();
    assert_eq!(writer.write(&early).unwrap(), 2, "of the same state");
    assert_eq!(snapshots(run).len(), 3);
    writer.close().unwrap();
    assert_eq!(shown(run), [0.0, 0.01, 0.02]);
}

/// What a file of the name of a snapshot may be that is none.
fn damage(path: &Path, how: usize) {
    let whole = fs::read(path).unwrap();
    fs::remove_file(path).unwrap();
    match how {
        0 => fs::write(path, &whole[..whole.len() / 2]).unwrap(),
        1 => fs::write(path, "").unwrap(),
        2 => fs::create_dir(path).unwrap(),
        3 => std::os::unix::fs::symlink("/nowhere", path).unwrap(),
        _ => fs::write(path, "something else".repeat(100)).unwrap(),
    }
}

#[test]
fn all_readers_pass_over_the_same() {
    for how in 0..5 {
        for existing in ["continue", "truncate"] {
            let folder = tempfile::tempdir().unwrap();
            let run = folder.path().join("run");
            let mut options = options(1);
            let mut solver = l2(&options);
            let mut writer = Writer::new(&solver, &run, None).unwrap();
            for _ in 0..3 {
                writer.write(&solver).unwrap();
                solver.step().unwrap();
            }
            writer.close().unwrap();
            damage(&run.join("snap_000002.h5"), how);
            let census = Census::of(&run).unwrap();
            let changed = [census.gone.clone(), census.replaced.clone()].concat();
            assert_eq!(changed, ["snap_000002.h5"], "{how}");
            let packed = folder.path().join("packed.h5");
            pack(&run, &packed).unwrap();
            assert_eq!(reals(&packed, "t"), [0.0, 0.01], "{how}");
            make_index(&run, None).unwrap();
            assert_eq!(shown(&run), [0.0, 0.01], "{how}");
            options.set("snapshot_existing", existing).unwrap();
            let mut again = l2(&options);
            assert_eq!(restore(&mut again, &run).unwrap(), Some(1), "{how}");
            let mut writer = Writer::new(&again, &run, None).unwrap();
            assert_eq!(writer.write(&again).unwrap(), 1);
            for _ in 0..2 {
                again.step().unwrap();
                writer.write(&again).unwrap();
            }
            writer.close().unwrap();
            assert_eq!(shown(&run), [0.0, 0.01, 0.02, 0.03], "{how}");
            let aside = run.join("snap_000002.h5.damaged");
            assert_eq!(aside.exists(), ![2, 3].contains(&how), "{how}");
        }
    }
}

#[test]
fn an_index_is_made_anew_there_or_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("100%b of it");
    let mut options = options(1);
    options.set("snapshot_index_seconds", 1e6).unwrap();
    let mut solver = l2(&options);
    let mut writer = Writer::new(&solver, &run, None).unwrap();
    for _ in 0..3 {
        writer.write(&solver).unwrap();
        solver.step().unwrap();
    }
    let census = Census::of(&run).unwrap();
    assert!(census.is_index);
    assert_eq!((census.listed, census.unlisted.len()), (1, 2));
    let busy = make_index(&run, None).unwrap_err();
    assert!(busy.message().contains("another writer"), "{busy}");
    let elsewhere = folder.path().join("elsewhere.vtkhdf");
    assert_eq!(make_index(&run, Some(&elsewhere)).unwrap(), 3);
    assert_eq!(reals(&elsewhere, "t"), [0.0, 0.01, 0.02]);
    let last = reals(&run.join("snap_000002.h5"), "u");
    assert_eq!(reals(&elsewhere, "u")[2 * last.len()..], last);
    std::mem::forget(writer); // as if it was killed
    let copy = folder.path().join("copy");
    fs::create_dir(&copy).unwrap();
    for name in entries(&run) {
        fs::copy(run.join(&name), copy.join(&name)).unwrap();
    }
    assert_eq!(make_index(&copy, None).unwrap(), 3);
    assert_eq!(shown(&copy).len(), 3);
    let whole = Census::of(&copy.join(INDEX)).unwrap();
    assert_eq!((whole.listed, whole.unlisted.len()), (3, 0));
    for nothing in [folder.path().join("nowhere"), folder.path().to_owned()] {
        let told = make_index(&nothing, None).unwrap_err();
        assert_eq!(told.kind(), ErrorKind::File);
    }
    assert!(!Census::of(folder.path()).unwrap().is_index);
    assert!(Census::of(&folder.path().join("nowhere/at/all")).is_err());
}

#[test]
fn names_of_folders_have_dots_and_an_empty_path_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let mut solver = l2(&options(1));
    for name in ["eps_0.05", "run.1", "run.h5", "nofolder", "a.b/c"] {
        let told = restore(&mut solver, &folder.path().join(name)).unwrap_err();
        assert_eq!(told.kind(), ErrorKind::TryAgain, "{name}: {told}");
    }
    let told = restore(&mut solver, &folder.path().join("snap_000007.h5")).unwrap_err();
    assert_eq!(told.kind(), ErrorKind::File, "{told}");
    let told = restore(&mut solver, Path::new("")).unwrap_err();
    assert_eq!(told.kind(), ErrorKind::Argument, "{told}");
    let told = Writer::new(&solver, Path::new(""), None).err().unwrap();
    assert_eq!(told.kind(), ErrorKind::Argument, "{told}");
}

#[test]
fn steps_of_tau_end_at_their_multiples() {
    for (tau, steps, end) in [(0.01, 100, 1.0), (0.05, 60, 3.0), (0.3, 10, 3.0)] {
        let mut options = options(1);
        options.set("tau", tau).unwrap();
        let mut solver = l2(&options);
        let folder = tempfile::tempdir().unwrap();
        for step in 1..=steps {
            solver.step().unwrap();
            if step == steps / 3 {
                movimento::snapshot::write(&solver, folder.path()).unwrap();
            }
            let exact = f64::from(step) * tau;
            assert!((solver.time() - exact).abs() <= f64::EPSILON * exact);
        }
        assert_eq!(solver.time(), end);
        // What rounding took is in a snapshot, too.
        let mut again = l2(&options);
        restore(&mut again, folder.path()).unwrap();
        for _ in steps / 3 + 1..=steps {
            again.step().unwrap();
        }
        assert_eq!(again.time(), end);
    }
}

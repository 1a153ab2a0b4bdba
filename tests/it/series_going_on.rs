//! Series of snapshots that a writer goes on with.

use crate::support::asymmetric_box::{entries, l2, options, reals};
use movimento::ErrorKind;
use movimento::snapshot::{FieldQuery, Writer, pack};
use std::fs;
use std::path::Path;

#[test]
fn a_series_is_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path();
    let mut options = options(1);
    options.set("snapshot_index_seconds", 1e6).unwrap();
    let mut solver = l2(&options);
    let mut writer = Writer::new(&solver, run, None).unwrap();
    for _ in 0..3 {
        writer.write(&solver).unwrap();
        solver.step().unwrap();
    }
    // Another writer has to wait; its time has not come, and this one's has passed.
    let busy = Writer::new(&solver, run, None).map(drop).unwrap_err();
    assert!(busy.message().contains("another writer"), "{busy}");
    writer.write(&solver).unwrap();
    let again = writer.write(&solver).unwrap_err();
    assert_eq!(again.kind(), ErrorKind::State);
    assert!(again.message().contains("accepted are later"), "{again}");
    let late = writer
        .add(FieldQuery::named("grad_u", &solver).unwrap())
        .unwrap_err();
    assert_eq!(late.kind(), ErrorKind::State, "{late}");
    // As if it was killed: no index of the last three, and remains.
    std::mem::forget(writer);
    let listed = |run: &Path| reals(&run.join("run.vtkhdf"), "t").len();
    assert_eq!(listed(run), 1);
    for name in [".snap_000004.h5.tmp", ".run.vtkhdf.tmp", ".run.xmf.tmp"] {
        fs::write(run.join(name), "remains").unwrap();
    }
    fs::write(run.join(".of_the_host.tmp"), "not ours").unwrap();

    let copy = tempfile::tempdir().unwrap();
    for name in entries(run) {
        fs::copy(run.join(&name), copy.path().join(&name)).unwrap();
    }
    let run = copy.path();
    let mut writer = Writer::new(&solver, run, None).unwrap();
    assert_eq!(writer.len(), 4);
    assert_eq!(listed(run), 4);
    let mut expected = vec![
        ".of_the_host.tmp".to_owned(),
        "run.vtkhdf".into(),
        "run.xdmf".into(),
        "run.xmf".into(),
    ];
    expected.extend((0..4).map(|n| format!("snap_{n:06}.h5")));
    assert_eq!(entries(run), expected);
    // The solver is where the last snapshot is, which is not written twice.
    assert_eq!(writer.write(&solver).unwrap(), 3);
    assert_eq!(writer.len(), 4);
    solver.step().unwrap();
    assert_eq!(writer.write(&solver).unwrap(), 4);
    writer.close().unwrap();
    assert!(
        writer
            .write(&solver)
            .unwrap_err()
            .message()
            .contains("closed")
    );
    assert_eq!(listed(run), 5);
    assert_eq!(
        reals(&run.join("run.vtkhdf"), "series/step"),
        [0.0, 1.0, 2.0, 3.0, 4.0]
    );
    let solutions = reals(&run.join("run.vtkhdf"), "u");
    assert_eq!(solutions[20..], reals(&run.join("snap_000004.h5"), "u"));

    // An earlier time is refused or cuts what is later.
    let mut earlier = l2(&options);
    earlier.step().unwrap();
    let refused = Writer::new(&earlier, run, None).map(drop).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::State);
    for part in ["5 snapshots", "0.01", "truncate"] {
        assert!(refused.message().contains(part), "{refused}");
    }
    let mut only = options.clone();
    only.set("snapshot_existing", "empty").unwrap();
    let refused = Writer::new(&solver, run, Some(&only))
        .map(drop)
        .unwrap_err();
    assert!(refused.message().contains("snapshot_existing"), "{refused}");
    assert_eq!(listed(run), 5);
    options.set("snapshot_existing", "truncate").unwrap();
    let mut writer = Writer::new(&earlier, run, Some(&options)).unwrap();
    // The solver might yet be restored from one of them.
    assert_eq!((writer.len(), listed(run)), (5, 5));
    assert_eq!(writer.write(&earlier).unwrap(), 1);
    assert_eq!((writer.len(), listed(run)), (2, 2));
    earlier.step().unwrap();
    assert_eq!(writer.write(&earlier).unwrap(), 2);
    drop(writer); // closes it
    assert_eq!(listed(run), 3);

    // Other fields, another grid and damaged files are refused with the reason.
    options.set("snapshot_resolution", 7).unwrap();
    earlier.step().unwrap();
    let mut writer = Writer::new(&earlier, run, Some(&options)).unwrap();
    assert_eq!(
        writer.write(&earlier).unwrap(),
        3,
        "the grid is that of the series"
    );
    writer.close().unwrap();
    earlier.step().unwrap();
    let mut writer = Writer::new(&earlier, run, None).unwrap();
    writer
        .add(FieldQuery::named("grad_u", &earlier).unwrap())
        .unwrap();
    let other = writer.write(&earlier).unwrap_err();
    assert!(
        other.message().contains("u[1]") && other.message().contains("grad_u"),
        "{other}"
    );
    drop(writer);
    let whole = fs::read(run.join("snap_000001.h5")).unwrap();
    fs::write(run.join("snap_000001.h5"), &whole[..whole.len() / 2]).unwrap();
    // A damaged one is passed over, and set aside by a writer.
    let before = listed(run);
    pack(run, &run.join("packed.h5")).unwrap();
    assert_eq!(reals(&run.join("packed.h5"), "t").len(), before - 1);
    drop(Writer::new(&earlier, run, None).unwrap());
    assert_eq!(listed(run), before - 1);
    assert!(run.join("snap_000001.h5.damaged").exists());
    // A whole one of another series is told.
    let mut other = l2(&crate::support::asymmetric_box::options(2));
    other.step().unwrap();
    movimento::snapshot::write(&other, run).unwrap();
    let mixed = Writer::new(&earlier, run, None).map(drop).unwrap_err();
    assert_eq!(mixed.kind(), ErrorKind::File);
    assert!(
        mixed.message().contains("not of the same series"),
        "{mixed}"
    );
    let unpacked = pack(run, &run.join("packed.h5")).unwrap_err();
    assert!(
        unpacked.message().contains("not of the same series"),
        "{unpacked}"
    );
    assert!(!run.join(".packed.h5.tmp").exists());
}

/// Overwrites the first bytes of a snapshot, so that HDF5 would not open it, and leaves its seal.
fn spoil(folder: &Path, number: u64) {
    let path = folder.join(format!("snap_{number:06}.h5"));
    let mut bytes = fs::read(&path).unwrap();
    bytes[..8].fill(0);
    fs::write(&path, bytes).unwrap();
}

#[test]
fn only_files_that_the_index_does_not_list_are_opened() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path();
    let mut solver = l2(&options(1));
    let mut writer = Writer::new(&solver, run, None).unwrap();
    for _ in 0..4 {
        writer.write(&solver).unwrap();
        solver.step().unwrap();
    }
    writer.close().unwrap();
    let times = reals(&run.join("run.vtkhdf"), "t");
    let energies = reals(&run.join("run.vtkhdf"), "series/energy");
    let whole = fs::read(run.join("snap_000001.h5")).unwrap();
    let again = || Writer::new(&solver, run, None);

    // A file that nothing can open is not missed, as its end says that it is the one that was listed.
    spoil(run, 1);
    let mut writer = again().unwrap();
    assert_eq!(writer.len(), 4);
    writer.close().unwrap();
    assert_eq!(reals(&run.join("run.vtkhdf"), "t"), times);
    assert_eq!(reals(&run.join("run.vtkhdf"), "series/energy"), energies);

    // Another end, and it is opened.
    let spoiled = fs::read(run.join("snap_000001.h5")).unwrap();
    fs::write(run.join("snap_000001.h5"), &spoiled[..spoiled.len() - 1]).unwrap();
    let aside = run.join("snap_000001.h5.damaged");
    let is_missed = || {
        assert_eq!(again().unwrap().len(), 3);
        fs::remove_file(&aside).unwrap();
    };
    is_missed();
    fs::write(run.join("snap_000001.h5"), &spoiled).unwrap();

    // So are all without an index, or with one that is not as it was written.
    let index = fs::read(run.join("run.vtkhdf")).unwrap();
    for damage in [&index[..index.len() - 1], &[]] {
        fs::write(run.join("snap_000001.h5"), &spoiled).unwrap();
        fs::write(run.join("run.vtkhdf"), damage).unwrap();
        is_missed();
    }
    fs::write(run.join("snap_000001.h5"), &whole).unwrap();
    assert_eq!(again().unwrap().len(), 4);
    assert_eq!(reals(&run.join("run.vtkhdf"), "t"), times);
    assert_eq!(reals(&run.join("run.vtkhdf"), "series/energy"), energies);
}

//! Blocks of older snapshots: a plain reader of an index opens few files, and is shown what the snapshots hold.

use crate::series_truth::shown;
use crate::support::asymmetric_box::{entries, l2, options, reals};
use crate::support::readers::{python, run};
use movimento::snapshot::{Census, Writer, make_index, pack, restore};
use movimento::{Options, Solver};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;

fn in_blocks_of(size: i64) -> Options {
    let mut options = options(1);
    options.set("snapshot_block", size).unwrap();
    options
}

fn write(solver: &mut Solver, folder: &Path, count: usize) {
    let mut writer = Writer::new(solver, folder, None).unwrap();
    for _ in 0..count {
        solver.step().unwrap();
        writer.write(solver).unwrap();
    }
    writer.close().unwrap();
}

fn blocks(folder: &Path) -> Vec<String> {
    let mut names = entries(folder);
    names.retain(|name| name.starts_with("run_block_"));
    names
}

fn files(folder: &Path) -> usize {
    let census = Census::of(folder).unwrap();
    let lost = [census.gone, census.replaced, census.unlisted].concat();
    assert_eq!(lost, [""; 0]);
    census.files
}

#[test]
fn older_snapshots_are_shown_out_of_blocks_and_stay() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let mut solver = l2(&in_blocks_of(4));
    write(&mut solver, at, 7);
    assert_eq!((blocks(at).len(), files(at)), (0, 7));
    write(&mut solver, at, 7);
    let two = ["run_block_000000.h5", "run_block_000004.h5"];
    assert_eq!((blocks(at), files(at)), (two.map(String::from).into(), 8));
    assert_eq!(shown(at).len(), 14);
    // A writer that goes on makes those that are missing alone.
    let identity = |name: &str| fs::metadata(at.join(name)).unwrap().ino();
    let before = two.map(identity);
    write(&mut solver, at, 6);
    assert_eq!((two.map(identity), files(at)), (before, 8));
    assert_eq!(shown(at).len(), 20);
    // A block is a series for itself.
    assert_eq!(reals(&at.join(two[1]), "t").len(), 4);
    // The snapshots are whole without them, also in a copy of the folder.
    let copy = tempfile::tempdir().unwrap();
    for name in entries(at) {
        fs::copy(at.join(&name), copy.path().join(&name)).unwrap();
    }
    assert_eq!((shown(copy.path()).len(), files(copy.path())), (20, 8));
    assert_eq!(restore(&mut solver, at).unwrap(), Some(19));
    let packed = copy.path().join("packed.h5");
    pack(at, &packed).unwrap();
    assert_eq!(reals(&packed, "u"), reals(&at.join("run.vtkhdf"), "u"));
}

#[test]
fn blocks_that_are_gone_or_another_are_told_and_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let mut solver = l2(&in_blocks_of(4));
    write(&mut solver, at, 14);
    let block = at.join("run_block_000004.h5");
    let whole = fs::read(&block).unwrap();
    fs::remove_file(&block).unwrap();
    assert_eq!(Census::of(at).unwrap().gone, ["run_block_000004.h5"]);
    // By a reader, who cannot write there.
    let elsewhere = tempfile::tempdir().unwrap();
    let index = elsewhere.path().join("index.vtkhdf");
    assert_eq!(make_index(at, Some(&index)).unwrap(), 14);
    let u: Vec<f64> = (0..14)
        .flat_map(|number| reals(&at.join(format!("snap_{number:06}.h5")), "u"))
        .collect();
    assert_eq!(reals(&index, "u"), u);
    fs::copy(at.join("run_block_000000.h5"), &block).unwrap();
    assert_eq!(Census::of(at).unwrap().replaced, ["run_block_000004.h5"]);
    write(&mut solver, at, 0);
    assert_eq!(fs::read(&block).unwrap(), whole);
    assert_eq!((shown(at).len(), files(at)), (14, 8));
    // A snapshot that somebody removed is shown no longer, though a block has its fields.
    fs::remove_file(at.join("snap_000005.h5")).unwrap();
    write(&mut solver, at, 1);
    assert_eq!((shown(at).len(), files(at)), (14, 9));
}

#[test]
fn what_is_cut_off_is_in_no_block_and_files_of_others_stay() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let mut options = in_blocks_of(4);
    let mut solver = l2(&options);
    let other = at.join("run_block_000008.h5");
    fs::write(&other, "of the host").unwrap();
    write(&mut solver, at, 16);
    assert_eq!((blocks(at).len(), files(at)), (3, 10));
    assert_eq!(shown(at).len(), 16);
    options.set("snapshot_existing", "truncate").unwrap();
    let mut early = l2(&options);
    early.step().unwrap();
    early.step().unwrap();
    write(&mut early, at, 12);
    // Three of the first block stay: the third came again with the same bits.
    assert_eq!(shown(at).len(), 14);
    assert_eq!(
        blocks(at),
        [
            "run_block_000000.h5",
            "run_block_000003.h5",
            "run_block_000008.h5"
        ]
    );
    assert_eq!(fs::read(&other).unwrap(), b"of the host");
}

/// Plain readers, which know nothing of blocks, with fewer files than there are snapshots.
#[test]
fn readers_with_few_files_see_every_snapshot() {
    let folder = tempfile::tempdir().unwrap();
    let mut solver = l2(&in_blocks_of(8));
    write(&mut solver, folder.path(), 90);
    assert_eq!(files(folder.path()), 20);
    let code = "import h5py, numpy, os, resource, sys\n\
        few = len(os.listdir('/proc/self/fd')) + 25\n\
        resource.setrlimit(resource.RLIMIT_NOFILE, (few, few))\n\
        with h5py.File(sys.argv[1] + '/run.vtkhdf') as file: u = file['u'][:, 0]\n\
        for n, u in enumerate(u):\n \
        with h5py.File(f'{sys.argv[1]}/snap_{n:06}.h5') as file: assert file['u'][0] == u\n\
        assert n == 89";
    let mut command = Command::new(python());
    run(command.args(["-c", code]).arg(folder.path()));
    let octave = format!(
        "s = load('-hdf5', '{}/run.vtkhdf'); if any(isnan(s.u(:))) || size(s.u, 2) != 90, exit(3), end",
        folder.path().display()
    );
    let mut command = Command::new("sh");
    run(command.args(["-c", "ulimit -n 64 && octave-cli --eval \"$0\"", &octave]));
}

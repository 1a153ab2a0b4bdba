//! Indices of folders of snapshots.

use super::{argument, guard};
use crate::snapshot::{self, Census};
use std::ffi::c_char;
use std::path::Path;

/// Makes the index of a folder of snapshots anew, such as that of a run that was killed: what `mov_writer_close` does.
/// Damaged files are passed over, with a warning in the log.
///
/// @param[in]  folder  of a writer that is closed, or of `mov_solver_write_snapshot`
/// @param[in]  path    a file that becomes a `run.vtkhdf` with the full paths of the snapshots, for who cannot write
///                     into the folder or while a writer has it; may be NULL, for the index in the folder
///
/// Returns `MOV_OK`, `MOV_ERROR_FILE` if there are no snapshots, a whole one cannot be read, they are of different
/// series, a writer has the folder, or the index cannot be written, or `MOV_ERROR_ARGUMENT`.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_index_snapshots(folder: *const c_char, path: *const c_char) -> i32 {
    guard::status(|| {
        // SAFETY: these are texts or NULL, says the header.
        let (folder, path) = unsafe {
            (
                argument::text(folder, "folder")?,
                argument::optional_text(path, "path")?,
            )
        };
        snapshot::make_index(Path::new(folder), path.map(Path::new)).map(drop)
    })
}

/// Compares the index of a folder with the snapshots there: HDF5 shows NaN, or the data of another file of that name,
/// where one that the index lists is not there. As a JSON object: `is_index`, whether there is an index; `listed`, how
/// many snapshots it lists; `files`, how many files a reader of it opens beside it, snapshots and blocks of older ones;
/// `gone`, the names of those that are not there; `replaced`, of those whose file is another one than that which was
/// listed; `unlisted`, of snapshots that are there and not listed, as those of the last
/// seconds of a run that was killed.
///
/// @param[in]  path    a folder of snapshots, or an index in it; a file that is no index has `is_index` = false
/// @param[out] buffer  receives the text and its NUL; may be NULL, to ask for the size alone
/// @param[in]  size    bytes in `buffer`; too few are MOV_ERROR_ARGUMENT, and nothing is written
///                     there
/// @param[out] needed  receives the bytes that the text needs with its NUL; may be NULL
///
/// Returns `MOV_OK`, `MOV_ERROR_FILE` if the folder cannot be looked into, or `MOV_ERROR_ARGUMENT`.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_index_describe(
    path: *const c_char,
    buffer: *mut c_char,
    size: u64,
    needed: *mut u64,
) -> i32 {
    guard::status(|| {
        // SAFETY: the path is a text, says the header.
        let path = unsafe { argument::text(path, "path") }?;
        let text = Census::of(Path::new(path))?.describe();
        // SAFETY: buffer and size belong together, says the header.
        unsafe { argument::put_text(&text, buffer, size, needed) }
    })
}

//! HDF5 is started here, before anything else of it is called, and held over a fork.
//!
//! Modules of clusters set `HDF5_VOL_CONNECTOR` and `HDF5_DRIVER` for the HDF5 of their own. The one in this library
//! has none of what they name: it would fail to start, print why, and crash in the next call. It does not see them.

use std::sync::OnceLock;

/// Starts HDF5, once.
///
/// # Errors
/// An error if it does not start, each time.
pub(super) fn start() -> hdf5::Result<()> {
    static STARTED: OnceLock<bool> = OnceLock::new();
    let started = STARTED.get_or_init(|| {
        let _hidden = hidden::Variables::hide();
        // SAFETY: it has no arguments; HDF5's lock is held. It comes before `H5open` of hdf5-metno, whose status
        // nobody looks at, and which does nothing after this.
        let status = unsafe {
            let _guard = hdf5_sys::LOCK.lock();
            hdf5_sys::h5::H5dont_atexit();
            hdf5_sys::h5::H5open()
        };
        if status >= 0 {
            fork::hold();
        }
        status >= 0
    });
    match started {
        true => Ok(()),
        false => Err("HDF5 does not start".into()),
    }
}

mod hidden {
    use libc::c_char;
    use std::ffi::CStr;

    const NAMES: [&[u8]; 2] = [b"HDF5_VOL_CONNECTOR=", b"HDF5_DRIVER="];
    const NOBODY: &CStr = c"MOVIMENTO_HIDDEN=";

    unsafe extern "C" {
        static mut environ: *mut *mut c_char;
    }

    /// Variables that the process does not see while this is there.
    pub struct Variables(Vec<(*mut *mut c_char, *mut c_char)>);

    impl Variables {
        /// Hides them. The environment is changed an entry at a time and neither grows nor moves, so that who reads
        /// it meanwhile finds it whole.
        pub fn hide() -> Self {
            let mut hidden = Vec::new();
            // SAFETY: the environment is a list of texts that a null pointer ends; entries are exchanged whole.
            unsafe {
                let mut place = environ;
                while !place.is_null() && !(*place).is_null() {
                    let text = CStr::from_ptr(*place).to_bytes();
                    if NAMES.iter().any(|name| text.starts_with(name)) {
                        hidden.push((place, *place));
                        place.write_volatile(NOBODY.as_ptr().cast_mut());
                    }
                    place = place.add(1);
                }
            }
            Self(hidden)
        }
    }

    impl Drop for Variables {
        fn drop(&mut self) {
            for (place, text) in &self.0 {
                // SAFETY: the entry is the one that was taken, unless somebody has changed it since.
                unsafe {
                    if place.read_volatile() == NOBODY.as_ptr().cast_mut() {
                        place.write_volatile(*text);
                    }
                }
            }
        }
    }
}

mod fork {
    /// Has every fork wait for HDF5, so that no child begins with its lock held by a thread that it has not.
    pub fn hold() {
        // SAFETY: the functions take and give the lock on one thread, and live as long as the library: the C
        // library forgets them when it is unloaded.
        unsafe {
            libc::pthread_atfork(Some(before), Some(in_parent), Some(in_child));
        }
    }

    extern "C" fn before() {
        std::mem::forget(hdf5_sys::LOCK.lock());
    }

    extern "C" fn in_parent() {
        // SAFETY: `before` took it on this thread.
        unsafe { hdf5_sys::LOCK.force_unlock() };
    }

    /// Makes the lock anew: giving it back would wake those who wait for it, of whom the child has none, by a list that one
    /// of them may have locked.
    extern "C" fn in_child() {
        let lock = &raw const hdf5_sys::LOCK;
        // SAFETY: this thread, the only one of the process, has the lock; its parts are cells and atomic numbers, which
        // are zero in a new one.
        unsafe { std::ptr::write_bytes(lock.cast_mut().cast::<u8>(), 0, size_of_val(&*lock)) };
    }
}

//! Handles: numbers that look like pointers, are never used twice, and are looked up in a
//! registry, so that a freed, foreign or confused handle is an error and not a crash.

use super::guard;
use crate::error::{Error, Result};
use std::cell::{RefCell, UnsafeCell};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{
    Arc, Mutex, MutexGuard, Once, PoisonError, RwLock, RwLockWriteGuard, TryLockError,
};
use std::thread;
use std::time::{Duration, Instant};

/// How long a call that changes an object waits for those that look at it.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_micros(50);

/// A kind of handle, named by its opaque C type.
pub trait Handle: Sized + 'static {
    /// What a handle of this kind stands for.
    type Object: Send + Sync;
    /// For messages: "an options object".
    const NOUN: &'static str;
    /// The low bits of its handles, see [`KINDS`].
    const TAG: usize;
    /// All that are alive.
    fn registry() -> &'static Registry<Self::Object>;
    /// Done once forks wait for it.
    fn watched() -> &'static Once;
}

/// The objects of one kind.
pub struct Registry<T: 'static>(Mutex<All<T>>, Held<T>);

type All<T> = BTreeMap<usize, Arc<Shared<T>>>;

/// An object that many calls may look at at a time, or one change. Without locks but its own, which nobody waits for: a
/// process that is forked meanwhile finds none that is held by a thread that it has not.
struct Shared<T> {
    object: RwLock<T>,
    /// How many calls look at it.
    lookers: AtomicUsize,
    /// Calls that wait until they may change it: nobody new looks until then.
    waiting: AtomicUsize,
}

thread_local! {
    /// The objects that this thread looks at, by their addresses.
    static LOOKS_AT: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

/// A call that looks at an object.
struct Looking<'a, T>(&'a Shared<T>);

impl<'a, T> Looking<'a, T> {
    fn enter(shared: &'a Shared<T>) -> Self {
        shared.lookers.fetch_add(1, Ordering::SeqCst);
        // A thread past the destructors of its locals makes no calls from callbacks.
        let _: Result<(), _> = LOOKS_AT.try_with(|at| at.borrow_mut().push(shared.address()));
        Self(shared)
    }
}

impl<T> Drop for Looking<'_, T> {
    fn drop(&mut self) {
        let address = self.0.address();
        let _: Result<(), _> = LOOKS_AT.try_with(|at| {
            let mut at = at.borrow_mut();
            if let Some(last) = at.iter().rposition(|other| *other == address) {
                at.remove(last);
            }
        });
        self.0.lookers.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Why an object is not to be had.
enum Refused {
    Busy,
    Poisoned,
}

impl<G> From<TryLockError<G>> for Refused {
    fn from(error: TryLockError<G>) -> Self {
        match error {
            TryLockError::WouldBlock => Self::Busy,
            TryLockError::Poisoned(_) => Self::Poisoned,
        }
    }
}

impl Refused {
    fn of(self, argument: &str) -> Error {
        Error::handle(match self {
            Self::Busy => format!(
                "the handle `{argument}` is busy: another thread is using it, or this call comes from a callback of a call that uses it; wait until that call has returned"
            ),
            Self::Poisoned => format!(
                "the handle `{argument}` was poisoned by an earlier bug in movimento; it can only be freed"
            ),
        })
    }
}

impl<T> Shared<T> {
    const fn new(object: T) -> Self {
        Self {
            object: RwLock::new(object),
            lookers: AtomicUsize::new(0),
            waiting: AtomicUsize::new(0),
        }
    }

    fn address(&self) -> usize {
        (&raw const *self).addr()
    }

    /// Whether a call of this thread looks at it, of whose callback this is.
    fn is_looked_at_here(&self) -> bool {
        let here = |at: &RefCell<Vec<usize>>| at.borrow().contains(&self.address());
        LOOKS_AT.try_with(here).unwrap_or(false)
    }

    /// The object alone, once those of other threads who look at it have left.
    fn alone(&self) -> Result<RwLockWriteGuard<'_, T>, Refused> {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let taken = self.taken();
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        taken
    }

    fn taken(&self) -> Result<RwLockWriteGuard<'_, T>, Refused> {
        let until = Instant::now() + PATIENCE;
        let mut is_changed = false;
        loop {
            let refused = match self.object.try_write() {
                Ok(object) => return Ok(object),
                Err(error) => Refused::from(error),
            };
            let is_looked_at = self.lookers.load(Ordering::SeqCst) > 0;
            // The last one may have left in between; that nobody looks twice is somebody who changes it.
            let is_over = is_changed && !is_looked_at || Instant::now() > until;
            if matches!(refused, Refused::Poisoned) || self.is_looked_at_here() || is_over {
                return Err(refused);
            }
            is_changed = !is_looked_at;
            thread::sleep(PAUSE);
        }
    }

    /// Lets `act` look at the object, beside others.
    fn look<R>(&self, act: impl FnOnce(&T) -> R) -> Result<R, Refused> {
        if self.waiting.load(Ordering::SeqCst) > 0 && !self.is_looked_at_here() {
            return Err(Refused::Busy);
        }
        let _looking = Looking::enter(self);
        let object = self.object.try_read()?;
        Ok(act(&object))
    }
}

/// The lock of a registry while the process forks.
struct Held<T: 'static>(UnsafeCell<Option<MutexGuard<'static, All<T>>>>);

// SAFETY: only the thread that forks, and its copy in the child, which have the lock, come to it.
unsafe impl<T: Send + 'static> Sync for Held<T> {}

impl<T: 'static> Registry<T> {
    pub const fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()), Held(UnsafeCell::new(None)))
    }

    /// Takes the lock before a fork, so that no child begins with it held by a thread that it has not.
    fn hold(&'static self) {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: this thread has the lock.
        unsafe { *self.1.0.get() = Some(held) };
    }

    /// Gives it back after the fork.
    fn release(&'static self) {
        // SAFETY: this thread took the lock, or is the copy of the one that did.
        drop(unsafe { (*self.1.0.get()).take() });
    }

    /// Hands those to `act` that no call is using.
    pub fn each_free(&self, mut act: impl FnMut(&mut T)) {
        let all: Vec<_> = self.locked(|all| all.values().cloned().collect());
        for object in all {
            if let Ok(mut object) = object.object.try_write() {
                act(&mut object);
            }
        }
    }

    fn locked<R>(&self, act: impl FnOnce(&mut All<T>) -> R) -> R {
        // The map is whole at any time; only its objects can be poisoned.
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The nouns of the kinds, at their tags; 0 is none, so that no handle is NULL.
pub const KINDS: [&str; 6] = [
    "",
    "an options object",
    "an energy",
    "a solver",
    "a writer of snapshots",
    "a saved state",
];
const TAG_BITS: u32 = 3;
const TAG_MASK: usize = (1 << TAG_BITS) - 1;

/// Serial numbers given out so far.
static SERIAL: AtomicUsize = AtomicUsize::new(0);

/// Has every fork of the process wait for the registry of a kind.
fn watch_forks<H: Handle>() {
    extern "C" fn before<H: Handle>() {
        H::registry().hold();
    }
    extern "C" fn after<H: Handle>() {
        H::registry().release();
    }
    // SAFETY: the functions live as long as the library: the C library forgets them when it is unloaded.
    unsafe { libc::pthread_atfork(Some(before::<H>), Some(after::<H>), Some(after::<H>)) };
}

/// Puts an object behind a new handle.
pub fn create<H: Handle>(object: H::Object) -> Result<*mut H> {
    H::watched().call_once(watch_forks::<H>);
    let next = |serial: usize| (serial < usize::MAX >> TAG_BITS).then_some(serial + 1);
    let serial = SERIAL
        .try_update(Ordering::Relaxed, Ordering::Relaxed, next)
        .map_err(|_| Error::memory("every handle that there can be has been used"))?;
    let number = (serial + 1) << TAG_BITS | H::TAG;
    H::registry().locked(|all| all.insert(number, Arc::new(Shared::new(object))));
    Ok(std::ptr::without_provenance_mut(number))
}

/// Ends a handle; its object goes when the last call that uses it returns.
pub fn free<H: Handle>(handle: *mut H, argument: &str) -> Result<()> {
    if handle.is_null() {
        return Ok(());
    }
    let found = H::registry().locked(|all| all.remove(&handle.addr()));
    // Dropped here, outside the registry's lock.
    found
        .map(drop)
        .ok_or_else(|| unknown::<H>(handle.addr(), argument))
}

/// Lets `act` work on the object behind a handle, alone.
pub fn with<H: Handle, R>(
    handle: *const H,
    argument: &str,
    act: impl FnOnce(&mut H::Object) -> Result<R>,
) -> Result<R> {
    let shared = found(handle, argument)?;
    let mut object = shared.alone().map_err(|refused| refused.of(argument))?;
    guard::with_memory(|| act(&mut object))
}

/// Lets `act` look at the object behind a handle, beside others that look at it.
pub fn look<H: Handle, R>(
    handle: *const H,
    argument: &str,
    act: impl FnOnce(&H::Object) -> Result<R>,
) -> Result<R> {
    let shared = found(handle, argument)?;
    let looked = shared.look(|object| guard::with_memory(|| act(object)));
    looked.map_err(|refused| refused.of(argument))?
}

fn found<H: Handle>(handle: *const H, argument: &str) -> Result<Arc<Shared<H::Object>>> {
    let number = handle.addr();
    let object = H::registry().locked(|all| all.get(&number).cloned());
    object.ok_or_else(|| unknown::<H>(number, argument))
}

/// Why there is nothing behind a handle.
fn unknown<H: Handle>(number: usize, argument: &str) -> Error {
    let accepted = H::NOUN;
    let (serial, tag) = (number >> TAG_BITS, number & TAG_MASK);
    let given_out = (1..=SERIAL.load(Ordering::Relaxed)).contains(&serial);
    let noun = KINDS.get(tag).filter(|noun| !noun.is_empty());
    Error::handle(match noun {
        _ if number == 0 => {
            format!("argument `{argument}` is NULL; accepted is a handle of {accepted}")
        }
        Some(_) if given_out && tag == H::TAG => {
            format!(
                "argument `{argument}` is the handle of {accepted} that was freed; accepted is one that \
                 is alive"
            )
        }
        Some(noun) if given_out => {
            format!(
                "argument `{argument}` is the handle of {noun}; accepted is a handle of {accepted}"
            )
        }
        _ => format!(
            "argument `{argument}` is no handle of this library; accepted is a handle of {accepted}"
        ),
    })
}

/// Makes an opaque C type a kind of handle with a registry of its own.
macro_rules! declare {
    ($name:ident, $object:ty, $tag:literal) => {
        impl crate::capi::handle::Handle for $name {
            type Object = $object;
            const NOUN: &'static str = crate::capi::handle::KINDS[$tag];
            const TAG: usize = $tag;
            fn registry() -> &'static crate::capi::handle::Registry<$object> {
                static ALL: crate::capi::handle::Registry<$object> =
                    crate::capi::handle::Registry::new();
                &ALL
            }
            fn watched() -> &'static std::sync::Once {
                static ONCE: std::sync::Once = std::sync::Once::new();
                &ONCE
            }
        }
    };
}
pub(crate) use declare;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capi::{guard, mov_energy, mov_options};
    use crate::options::Options;

    #[test]
    fn a_panic_poisons_its_handle_which_can_still_be_freed() {
        let handle = create::<mov_options>(Options::new()).unwrap();
        let status = guard::status(|| with(handle, "options", |_| panic!("half done")));
        assert_eq!(status, -10);
        let error = with(handle, "options", |_| Ok(())).unwrap_err();
        assert!(error.message().contains("poisoned"), "{error}");
        free(handle, "options").unwrap();
        let error = with(handle, "options", |_| Ok(())).unwrap_err();
        assert!(error.message().contains("was freed"), "{error}");
    }

    #[test]
    fn handles_are_told_apart() {
        let handle = create::<mov_options>(Options::new()).unwrap();
        let error = with(handle.cast::<mov_energy>(), "energy", |_| Ok(())).unwrap_err();
        assert!(
            error
                .message()
                .contains("is the handle of an options object"),
            "{error}"
        );
        let foreign = (&raw const error).cast::<mov_options>();
        let error = with(foreign, "options", |_| Ok(())).unwrap_err();
        assert!(
            error.message().contains("no handle of this library"),
            "{error}"
        );
        let error = with(std::ptr::null::<mov_options>(), "options", |_| Ok(())).unwrap_err();
        assert!(error.message().contains("is NULL"), "{error}");
        free(handle, "options").unwrap();
        assert!(free(handle, "options").is_err());
    }

    #[test]
    fn many_look_at_a_time_and_who_changes_waits_for_them() {
        let handle = create::<mov_options>(Options::new()).unwrap();
        let (number, barrier) = (handle.addr(), std::sync::Barrier::new(3));
        let both = |act: &dyn Fn()| {
            let handle = std::ptr::without_provenance::<mov_options>(number);
            look(handle, "options", |_| {
                barrier.wait();
                act();
                Ok(())
            })
        };
        let slow = || thread::sleep(Duration::from_millis(50));
        thread::scope(|scope| {
            let lookers = [0, 1].map(|_| scope.spawn(|| both(&slow)));
            // Both look now.
            barrier.wait();
            with(handle, "options", |options| options.set("tau", 0.5)).unwrap();
            for looker in lookers {
                looker.join().unwrap().unwrap();
            }
        });
        // A call from within the look of the same thread waits for nobody.
        let start = Instant::now();
        let busy = look(handle, "options", |_| {
            look(handle, "options", |_| Ok(()))?;
            Ok(with(handle, "options", |_| Ok(())).unwrap_err())
        });
        assert!(busy.unwrap().message().contains("busy"));
        assert!(start.elapsed() < PATIENCE / 2);
        let busy = with(handle, "options", |_| {
            Ok(look(handle, "options", |_| Ok(())).unwrap_err())
        });
        assert!(busy.unwrap().message().contains("busy"));
        free(handle, "options").unwrap();
    }

    #[test]
    fn a_handle_in_use_is_busy_and_a_free_waits_for_it() {
        let handle = create::<mov_options>(Options::new()).unwrap();
        let inner = with(handle, "options", |options| {
            let busy = with(handle, "options", |_| Ok(())).unwrap_err();
            free(handle, "options")?;
            options.set("tau", 0.5)?; // still whole
            Ok(busy)
        })
        .unwrap();
        assert!(inner.message().contains("busy"), "{inner}");
        assert!(with(handle, "options", |_| Ok(())).is_err());
    }
}

//! Check that memory comes back.

use std::mem;

use movimento_contract::Instance;

use super::create::unfit;
use super::pages::page;
use super::subject::Subject;

/// Rounds before anything is measured, and in each window.
const WARM: usize = 60;
const ROUNDS: usize = 100;
/// A leak shows in each window; a cache that fills up, or a block that another thread is about to
/// free, does not.
const WINDOWS: usize = 6;

pub fn check(subject: &Subject<'_>) {
    let Some(case) = subject.defaults().into_iter().next_back() else {
        return;
    };
    let d = u32::try_from(case.instance.dimension()).unwrap_or(u32::MAX);
    let fixed = subject.fixed();
    let energy = &subject.energy;
    measure(subject, "create and destroy", || {
        drop(Instance::create(energy, d, &fixed));
    });
    let refused = unfit(subject);
    measure(subject, "create with what does not fit", || {
        for given in &refused {
            drop(Instance::create(energy, d, given));
        }
    });
    for table in case.instance.tables() {
        let at = subject.points(&table, 32, 50);
        measure(subject, "evaluate", || {
            drop(table.evaluate(&at, table.offered()));
        });
        if subject.avoids("nan") || subject.avoids("message") {
            continue;
        }
        let mut spoilt = at.clone();
        spoilt
            .arrays
            .iter_mut()
            .for_each(|input| input.fill(f64::NAN));
        measure(subject, "evaluate NaN", || {
            drop(table.evaluate(&spoilt, table.offered()));
        });
    }
}

/// Repeats something and says by how much the memory in use grows.
fn measure(subject: &Subject<'_>, what: &str, mut again: impl FnMut()) {
    subject.channel.trying(what);
    (0..WARM).for_each(|_| again());
    let mut window = |measure: &dyn Fn() -> usize| {
        let before = measure();
        (0..ROUNDS).for_each(|_| again());
        measure().saturating_sub(before)
    };
    let mut least = |measure: &dyn Fn() -> usize| {
        let all = (0..WINDOWS).map(|_| window(measure));
        all.min().unwrap_or(0)
    };
    let each = |bytes: usize| bytes.div_ceil(ROUNDS);
    match (least(&allocated), least(&mapped)) {
        (0, 0) => subject.channel.pass(format!("{what}: nothing")),
        (0, grown) => {
            let found = format!("{what}: the process grows by {} bytes a time", each(grown));
            subject.channel.fail(found);
        }
        (lost, _) => {
            let found = format!("{what}: {} bytes are not freed a time", each(lost));
            subject.channel.fail(found);
        }
    }
}

/// Bytes that `malloc` has handed out. The C library must be a recent one of GNU's; otherwise 0.
fn allocated() -> usize {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        type Info = unsafe extern "C" fn() -> libc::mallinfo2;
        // SAFETY: a look-up by name, and the type that a function of this name has.
        let info: Option<Info> = unsafe {
            let symbol = libc::dlsym(libc::RTLD_DEFAULT, c"mallinfo2".as_ptr());
            (!symbol.is_null()).then(|| mem::transmute::<*mut libc::c_void, Info>(symbol))
        };
        // SAFETY: it takes nothing and changes nothing.
        info.map_or(0, |info| unsafe {
            let info = info();
            info.uordblks + info.hblkhd
        })
    }
    #[cfg(not(all(target_os = "linux", target_env = "gnu")))]
    0
}

/// Bytes of data that the process has mapped; 0 where the system does not tell.
fn mapped() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm.split_whitespace().nth(5);
    pages
        .and_then(|pages| pages.parse::<usize>().ok())
        .unwrap_or(0)
        * page()
}

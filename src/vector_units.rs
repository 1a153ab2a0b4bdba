//! Vector units of the processor: the widest that there are, or for debugging those that the environment
//! variable [`VARIABLE`] names.
//!
//! Everything that the library compiles for several units is [`vectorized`], and its linear algebra
//! through [`linear_algebra`](crate::linear_algebra), which asks [`are_reduced`].

use crate::error::{Error, Result};
use pulp::{Arch, NullaryFnOnce};
use std::ffi::OsStr;
use std::marker::PhantomData;
use std::sync::LazyLock;

/// The environment variable that forces vector units, read once in a process.
pub const VARIABLE: &str = "MOVIMENTO_VECTOR_UNITS";

/// The vector units that the process computes with.
struct Choice {
    arch: Arch,
    /// Whether the processor has wider units than these.
    reduced: bool,
    /// Why the variable is not heeded.
    refusal: Option<String>,
}

static CHOICE: LazyLock<Choice> = LazyLock::new(|| {
    let wanted = std::env::var_os(VARIABLE).filter(|wanted| !wanted.is_empty());
    let all = present();
    let widest = (Arch::new(), false, None);
    let (arch, reduced, refusal) = match wanted {
        None => widest,
        Some(wanted) => match position(&all, &wanted) {
            Some(at) => (all[at].1, at + 1 < all.len(), None),
            None => (widest.0, false, Some(refusal(&all, &wanted))),
        },
    };
    Choice {
        arch,
        reduced,
        refusal,
    }
});

/// The units of this processor by name, the widest last.
fn present() -> Vec<(&'static str, Arch)> {
    let mut all = vec![("scalar", Arch::Scalar)];
    #[cfg(target_arch = "x86_64")]
    {
        use pulp::x86::{V3, V4};
        all.extend(V3::try_new().map(|units| ("avx2", Arch::V3(units))));
        all.extend(V4::try_new().map(|units| ("avx512", Arch::V4(units))));
    }
    #[cfg(not(target_arch = "x86_64"))]
    all.push(("native", Arch::new()));
    all
}

fn position(all: &[(&'static str, Arch)], wanted: &OsStr) -> Option<usize> {
    all.iter().position(|(name, _)| wanted == *name)
}

fn refusal(all: &[(&'static str, Arch)], wanted: &OsStr) -> String {
    let names: Vec<_> = all.iter().map(|(name, _)| *name).collect();
    format!(
        "the environment variable `{VARIABLE}` is `{}`; accepted on this processor is {}",
        wanted.display(),
        names.join(", ")
    )
}

/// Refuses a [`VARIABLE`] that names no vector units of this processor.
///
/// # Errors
/// [`Option`](crate::ErrorKind::Option).
pub fn check() -> Result<()> {
    match &CHOICE.refusal {
        None => Ok(()),
        Some(refusal) => Err(Error::option(refusal.clone())),
    }
}

/// A function that is compiled for each of the units; see [`vectorized`].
pub trait Vectorized<Arguments> {
    /// What it returns.
    type Output;

    /// The function, `#[inline(always)]`: where it is not inlined it is compiled for none of them.
    fn run(arguments: Arguments) -> Self::Output;
}

/// A call of a [`Vectorized`] function.
struct Call<F, Arguments>(Arguments, PhantomData<F>);

impl<F: Vectorized<Arguments>, Arguments> NullaryFnOnce for Call<F, Arguments> {
    type Output = F::Output;

    #[inline(always)]
    fn call(self) -> F::Output {
        F::run(self.0)
    }
}

/// Calls a function as compiled for the units in use. It computes the same bits with each: the
/// compiler neither reorders sums nor fuses products into them.
#[inline(always)]
pub fn call<F: Vectorized<Arguments>, Arguments>(arguments: Arguments) -> F::Output {
    CHOICE.arch.dispatch(Call::<F, _>(arguments, PhantomData))
}

/// Declares a function whose body is compiled for the units in use. (A closure's would be a function
/// of its own, which the compiler inlines there or not: then it computes without them, and calls a
/// function for each fused product.)
macro_rules! vectorized {
    (
        $(#[$doc:meta])*
        $vis:vis fn $name:ident $(<$R:ident: $Bound:path>)?
        ($($argument:ident: $type:ty),* $(,)?) $(-> $Output:ty)? $body:block
    ) => {
        $(#[$doc])*
        $vis fn $name $(<$R: $Bound>)? ($($argument: $type),*) $(-> $Output)? {
            struct Body;

            impl $(<$R: $Bound>)? crate::vector_units::Vectorized<($($type,)*)> for Body {
                type Output = vectorized!(@output $($Output)?);

                #[inline(always)]
                fn run(($($argument,)*): ($($type,)*)) -> Self::Output $body
            }

            crate::vector_units::call::<Body, _>(($($argument,)*))
        }
    };
    (@output) => { () };
    (@output $Output:ty) => { $Output };
}
pub(crate) use vectorized;

/// Whether the units in use are not the widest that the processor has.
#[inline]
pub fn are_reduced() -> bool {
    CHOICE.reduced
}

/// Whether the units in use have products fused into sums.
#[inline]
pub fn fuse() -> bool {
    !matches!(CHOICE.arch, Arch::Scalar)
}

/// The architecture and its units in use, by which runs that compute the same bits are known.
pub fn name() -> String {
    let units = format!("{:?}", CHOICE.arch);
    let units = units.split('(').next().unwrap_or(&units);
    let forced = if CHOICE.reduced { ", forced" } else { "" };
    format!("{} {units}{forced}", std::env::consts::ARCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_found_by_name_and_others_are_refused_with_those_there_are() {
        let all = present();
        assert_eq!(position(&all, OsStr::new("scalar")), Some(0));
        assert_eq!(position(&all, OsStr::new("avx1024")), None);
        let refusal = refusal(&all, OsStr::new("avx1024"));
        assert!(
            refusal.contains("`avx1024`") && refusal.contains("scalar"),
            "{refusal}"
        );
        let widest = format!("{:?}", Arch::new());
        assert_eq!(format!("{:?}", all[all.len() - 1].1), widest);
    }
}

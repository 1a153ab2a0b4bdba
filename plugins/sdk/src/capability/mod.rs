//! The tables that an energy can offer: a trait for its author, in a file of its own, and a row
//! here.

pub(crate) mod functional;
pub(crate) mod hessian;
pub(crate) mod kernel;
pub(crate) mod system;

#[cfg(feature = "candle")]
pub use functional::Sample;
pub use functional::{First, FirstForm, Functional, Points, Second, SecondForm};
#[cfg(feature = "candle")]
pub use hessian::HessianSample;
pub use hessian::{
    HessianFirst, HessianForm, HessianFunctional, HessianPoints, HessianSecond, HessianSecondForm,
};
pub use kernel::{PairForm, PairKernel, PairValues, Pairs};
#[cfg(feature = "candle")]
pub use system::SystemSample;
pub use system::{SystemForm, SystemFunctional, SystemPoints, SystemSecondForm};

use std::marker::PhantomData;

use crate::border::table::TableOffer;

/// The tables of the energy `E`: an associated constant for each, which is inherent where `E`
/// implements the trait that the table needs, and [`NotOffered`]'s otherwise.
#[doc(hidden)]
pub struct Tables<E>(PhantomData<E>);

/// The tables of an energy that offers none.
#[doc(hidden)]
pub trait NotOffered {
    const LOCAL: Option<TableOffer> = None;
    const PAIR: Option<TableOffer> = None;
    const SYSTEM: Option<TableOffer> = None;
    const HESSIAN: Option<TableOffer> = None;
}

impl<E> NotOffered for Tables<E> {}

/// The tables of an energy of a concrete type, those that it offers and `None` for the others.
#[doc(hidden)]
#[macro_export]
macro_rules! offered_tables {
    ($energy:ty) => {{
        #[allow(unused_imports)]
        use $crate::export::NotOffered as _;
        [
            $crate::export::Tables::<$energy>::LOCAL,
            $crate::export::Tables::<$energy>::PAIR,
            $crate::export::Tables::<$energy>::SYSTEM,
            $crate::export::Tables::<$energy>::HESSIAN,
        ]
    }};
}

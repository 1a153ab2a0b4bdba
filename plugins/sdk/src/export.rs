//! The macros that make a plugin of a list of energies.

#[doc(hidden)]
pub use crate::border::entry::{ErasedEnergy, Plugin, entry, raw_descriptor};
#[doc(hidden)]
pub use crate::border::table::TableOffers;
#[doc(hidden)]
pub use crate::capability::{NotOffered, Tables};

/// Exports the listed energies as the plugin of this crate: the one symbol `movimento_plugin`
/// that the host looks for.
///
/// Local densities ([`Functional`](crate::Functional)) and kernels
/// ([`PairKernel`](crate::PairKernel)) may be mixed, and an energy may be both. Once a crate, in
/// its root; the crate is of type `cdylib`.
///
/// ```ignore
/// movimento_plugin::export_plugin!(SineGordon, Repulsion);
/// ```
#[macro_export]
macro_rules! export_plugin {
    ($($energy:ty),+ $(,)?) => {
        /// The entry of this plugin, under the name that the host looks for.
        #[allow(non_upper_case_globals)]
        #[unsafe(no_mangle)]
        pub static movimento_plugin: $crate::Entry = $crate::plugin_entry!($($energy),+);
    };
}

/// The [`Entry`](crate::Entry) that [`export_plugin!`](crate::export_plugin) exports, as a
/// constant expression without a symbol.
///
/// For energies that are linked into a program or tested side by side: symbols of one name from
/// two crates would clash there.
#[macro_export]
macro_rules! plugin_entry {
    ($($energy:ty),+ $(,)?) => {{
        struct Energies;
        impl $crate::export::Plugin for Energies {
            const COUNT: u32 = [$(stringify!($energy)),+].len() as u32;
            fn energy(index: u32) -> Option<$crate::export::ErasedEnergy> {
                let all = [$($crate::erased_energy!($energy)),+];
                all.get(index as usize).copied()
            }
        }
        $crate::export::entry::<Energies>()
    }};
}

/// An energy of a concrete type with the tables that it offers, as constants.
#[doc(hidden)]
#[macro_export]
macro_rules! erased_energy {
    ($energy:ty) => {{
        const TABLES: usize = $crate::offered_tables!($energy).len();
        const OFFERS: &$crate::export::TableOffers<TABLES> =
            &$crate::export::TableOffers::new($crate::offered_tables!($energy));
        const DESCRIPTOR: &$crate::abi::Descriptor =
            &$crate::export::raw_descriptor::<$energy, TABLES>(OFFERS);
        $crate::export::ErasedEnergy::new::<$energy, TABLES>(DESCRIPTOR, OFFERS)
    }};
}

/// What is inside, where this crate has its feature `candle`; nothing without it.
///
/// For the density or kernel of an energy whose closed forms do without Candle. It depends on the feature of
/// this crate, not of the one that writes it: another one in the same build may turn it on.
#[cfg(feature = "candle")]
#[macro_export]
macro_rules! with_candle {
    ($($item:tt)*) => { $($item)* };
}

/// Nothing, as this crate is built without its feature `candle`.
#[cfg(not(feature = "candle"))]
#[macro_export]
macro_rules! with_candle {
    ($($item:tt)*) => {};
}

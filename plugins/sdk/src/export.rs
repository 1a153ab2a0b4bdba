//! The macros that make a plugin of a list of energies.

#[doc(hidden)]
pub use crate::border::entry::{Energy, Plugin, ViaFunctional, ViaPairKernel, entry};

/// Exports the listed energies as the plugin of this crate: the one symbol `movimento_plugin`
/// that the host looks for.
///
/// Local densities ([`Functional`](crate::Functional)) and kernels
/// ([`PairKernel`](crate::PairKernel)) may be mixed. Once a crate, in its root; the crate is of
/// type `cdylib`.
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
            fn energy(index: u32) -> Option<$crate::export::Energy> {
                #[allow(unused_imports)]
                use $crate::export::{ViaFunctional as _, ViaPairKernel as _};
                let all = [$(::std::marker::PhantomData::<$energy>.energy()),+];
                all.get(index as usize).copied()
            }
        }
        $crate::export::entry::<Energies>()
    }};
}

//! The file name that programs remember follows the version of the C interface, not the release.

#![allow(missing_docs, dead_code)]

include!("src/capi/abi_version.rs");

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/capi/abi_version.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux") {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libmovimento.so.{MOV_ABI_VERSION}");
    }
}

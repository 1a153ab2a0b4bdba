//! The floating-point environment of the host.
//!
//! A host may have traps on (`feenableexcept`), another rounding mode or subnormals flushed. The
//! library computes in the environment that compilers assume, and gives the host its own back with
//! its exception flags as they were. Threads that the library starts inherit the former.

/// The host's environment, put back when this goes.
pub struct Quiet(#[allow(dead_code)] control::Saved);

impl Quiet {
    /// Saves the environment and sets the default: no traps, rounding to nearest.
    pub fn enter() -> Self {
        Self(control::save())
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        control::restore(&self.0);
    }
}

#[cfg(target_arch = "x86_64")]
mod control {
    use std::arch::asm;

    /// The control and status register of SSE, and the environment of the x87 unit, which long
    /// double and some libraries use.
    #[repr(C)]
    pub struct Saved {
        sse: u32,
        x87: [u32; 7],
    }

    /// All exceptions masked, to nearest, flags clear: the state in which a process begins.
    static SSE: u32 = 0x1f80;
    /// The same of the x87 unit, with its full precision.
    static X87: u16 = 0x037f;

    pub fn save() -> Saved {
        let mut saved = Saved {
            sse: 0,
            x87: [0; 7],
        };
        // SAFETY: the places are as large as the instructions write, and what is set is the state
        // that Rust takes for granted.
        unsafe {
            asm!(
                "stmxcsr [{sse}]",
                "ldmxcsr [{sse_default}]",
                "fnstenv [{x87}]",
                "fnclex",
                "fldcw [{x87_default}]",
                sse = in(reg) &raw mut saved.sse,
                sse_default = in(reg) &raw const SSE,
                x87 = in(reg) &raw mut saved.x87,
                x87_default = in(reg) &raw const X87,
                options(nostack),
            );
        }
        saved
    }

    pub fn restore(saved: &Saved) {
        // SAFETY: it is what the host had; nothing is computed between here and the return to it.
        unsafe {
            asm!(
                "ldmxcsr [{sse}]",
                "fldenv [{x87}]",
                sse = in(reg) &raw const saved.sse,
                x87 = in(reg) &raw const saved.x87,
                options(nostack),
            );
        }
    }
}

#[cfg(target_arch = "aarch64")]
mod control {
    use std::arch::asm;

    /// Control and status.
    pub struct Saved(u64, u64);

    pub fn save() -> Saved {
        let (control, status): (u64, u64);
        // SAFETY: what is set is the state that Rust takes for granted.
        unsafe {
            asm!("mrs {}, fpcr", "mrs {}, fpsr", "msr fpcr, xzr", out(reg) control, out(reg) status,
                options(nomem, nostack));
        }
        Saved(control, status)
    }

    pub fn restore(saved: &Saved) {
        // SAFETY: it is what the host had; nothing is computed between here and the return to it.
        unsafe {
            asm!("msr fpcr, {}", "msr fpsr, {}", in(reg) saved.0, in(reg) saved.1,
                options(nomem, nostack));
        }
    }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
mod control {
    /// Nothing is known of other processors: the host's environment stays.
    pub struct Saved;

    pub const fn save() -> Saved {
        Saved
    }

    pub const fn restore(_: &Saved) {}
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;
    use std::arch::asm;

    fn sse() -> u32 {
        let mut state = 0_u32;
        // SAFETY: four bytes are written to `state`.
        unsafe { asm!("stmxcsr [{}]", in(reg) &raw mut state, options(nostack)) };
        state
    }

    /// Divide trapped, rounding up, subnormals flushed, and a flag up.
    #[test]
    fn another_environment_is_left_and_comes_back_with_its_flags() {
        let before = sse();
        let host = 0x1f80 & !0x200 | 0x4000 | 0x8000 | 0x20;
        // SAFETY: a state that the processor has; it is put back below.
        unsafe { asm!("ldmxcsr [{}]", in(reg) &raw const host, options(nostack)) };
        let inside = {
            let _quiet = Quiet::enter();
            let state = sse();
            assert!((std::hint::black_box(1.0) / std::hint::black_box(0.0_f64)).is_infinite());
            state
        };
        let after = sse();
        // SAFETY: the state that was there.
        unsafe { asm!("ldmxcsr [{}]", in(reg) &raw const before, options(nostack)) };
        assert_eq!((inside, after), (0x1f80, host));
    }
}

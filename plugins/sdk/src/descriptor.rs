//! Descriptors: an energy's identity, formula, references, properties and parameters, known
//! before anything is created.
//!
//! Both builders are `const`: a descriptor is checked while it is compiled, so that a default
//! outside its own range, say, is a compile error and not a surprise at load.

use std::ffi::{CStr, c_char};
use std::mem;

use movimento_abi as abi;

/// One parameter of an energy.
///
/// ```
/// # use movimento_plugin::Parameter;
/// const KAPPA: Parameter = Parameter::real(c"kappa", 1.0, c"diffusivity").positive();
/// ```
#[derive(Clone, Copy)]
pub struct Parameter {
    pub(crate) name: &'static CStr,
    pub(crate) help: &'static CStr,
    pub(crate) kind: u32,
    pub(crate) default: f64,
    pub(crate) minimum: f64,
    pub(crate) maximum: f64,
}

impl Parameter {
    const fn new(name: &'static CStr, kind: u32, default: f64, help: &'static CStr) -> Self {
        let (minimum, maximum) = (f64::NEG_INFINITY, f64::INFINITY);
        let parameter = Self {
            name,
            help,
            kind,
            default,
            minimum,
            maximum,
        };
        parameter.checked()
    }

    /// A real number with its default and one line of help.
    #[must_use]
    pub const fn real(name: &'static CStr, default: f64, help: &'static CStr) -> Self {
        Self::new(name, abi::REAL, default, help)
    }

    /// A whole number with its default and one line of help.
    #[must_use]
    pub const fn integer(name: &'static CStr, default: i32, help: &'static CStr) -> Self {
        Self::new(name, abi::INTEGER, default as f64, help)
    }

    /// Several numbers; `default` stands for each of them. The help names the accepted lengths,
    /// [`Energy::create`](crate::Energy::create) checks them.
    #[must_use]
    pub const fn array(name: &'static CStr, default: f64, help: &'static CStr) -> Self {
        Self::new(name, abi::REAL_ARRAY, default, help)
    }

    /// The accepted range, both ends included; for arrays, of every entry.
    ///
    /// # Panics
    /// The range is empty or leaves the default out: in a constant, a compile error.
    #[must_use]
    pub const fn range(mut self, minimum: f64, maximum: f64) -> Self {
        self.minimum = minimum;
        self.maximum = maximum;
        self.checked()
    }

    /// Accepts positive numbers only.
    ///
    /// Ranges include their ends in the ABI, so the lower end is the smallest normal number.
    #[must_use]
    pub const fn positive(self) -> Self {
        let maximum = self.maximum;
        self.range(f64::MIN_POSITIVE, maximum)
    }

    const fn checked(self) -> Self {
        assert!(
            self.minimum <= self.maximum,
            "the range of a parameter is empty"
        );
        assert!(
            self.default.is_finite(),
            "the default of a parameter must be finite"
        );
        assert!(
            self.minimum <= self.default && self.default <= self.maximum,
            "the default of a parameter lies outside its range"
        );
        self
    }

    pub(crate) const fn raw(&self) -> abi::Parameter {
        abi::Parameter {
            name: self.name.as_ptr(),
            help: self.help.as_ptr(),
            kind: self.kind,
            reserved: 0,
            default_value: self.default,
            minimum: self.minimum,
            maximum: self.maximum,
        }
    }
}

/// An energy's descriptor, built in a constant.
///
/// The flag of second derivatives is not set here: it follows from
/// [`Functional::SECOND`](crate::Functional::SECOND), so the two cannot disagree.
///
/// ```
/// # use movimento_plugin::{Descriptor, Parameter};
/// const DESCRIPTOR: Descriptor = Descriptor::new(c"dirichlet", c"Dirichlet energy")
///     .version(c"1.0.0")
///     .formula(c"kappa/2 |p|^2")
///     .uses_gradient()
///     .convex()
///     .parameters(&[Parameter::real(c"kappa", 1.0, c"diffusivity").positive()]);
/// ```
#[derive(Clone, Copy)]
pub struct Descriptor {
    id: &'static CStr,
    name: &'static CStr,
    version: &'static CStr,
    formula: &'static CStr,
    references: &'static CStr,
    flags: u32,
    pub(crate) parameters: &'static [Parameter],
}

impl Descriptor {
    /// A descriptor with an id (lower case, digits and `-`) and a name for people.
    ///
    /// # Panics
    /// The id is not legal: in a constant, a compile error.
    #[must_use]
    pub const fn new(id: &'static CStr, name: &'static CStr) -> Self {
        let bytes = id.to_bytes();
        assert!(!bytes.is_empty(), "an energy needs an id");
        let mut i = 0;
        while i < bytes.len() {
            assert!(
                matches!(bytes[i], b'a'..=b'z' | b'0'..=b'9' | b'-'),
                "an id consists of lower case letters, digits and '-'"
            );
            i += 1;
        }
        Self {
            id,
            name,
            version: c"1.0.0",
            formula: c"",
            references: c"",
            flags: 0,
            parameters: &[],
        }
    }

    /// The version of the energy, `1.0.0` unless said.
    #[must_use]
    pub const fn version(mut self, version: &'static CStr) -> Self {
        self.version = version;
        self
    }

    /// The density or kernel as one line of plain text.
    #[must_use]
    pub const fn formula(mut self, formula: &'static CStr) -> Self {
        self.formula = formula;
        self
    }

    /// One reference with its DOI a line.
    #[must_use]
    pub const fn references(mut self, references: &'static CStr) -> Self {
        self.references = references;
        self
    }

    /// The density depends on `p = grad u`. Without this, `p` reads as zero and `f_p` is zero.
    #[must_use]
    pub const fn uses_gradient(mut self) -> Self {
        self.flags |= abi::USES_GRADIENT;
        self
    }

    /// The density depends on `x` explicitly. Without this, `f_x` is zero.
    #[must_use]
    pub const fn uses_position(mut self) -> Self {
        self.flags |= abi::USES_POSITION;
        self
    }

    /// The energy depends on time explicitly. Without this, the time that it is given has no meaning.
    #[must_use]
    pub const fn uses_time(mut self) -> Self {
        self.flags |= abi::USES_TIME;
        self
    }

    /// `(u, p) -> f(t, x, u, p)` is convex for all `x` and all accepted parameters.
    #[must_use]
    pub const fn convex(mut self) -> Self {
        self.flags |= abi::CONVEX;
        self
    }

    /// The parameters, 32 at most.
    ///
    /// # Panics
    /// There are more: in a constant, a compile error.
    #[must_use]
    pub const fn parameters(mut self, parameters: &'static [Parameter]) -> Self {
        assert!(
            parameters.len() <= MAX_PARAMETERS,
            "an energy has at most 32 parameters"
        );
        self.parameters = parameters;
        self
    }

    /// Whether all of these flags are set.
    pub(crate) const fn has(&self, flags: u32) -> bool {
        self.flags & flags == flags
    }

    /// The descriptor in the host's form; `table` is its parameter table, `extra` holds the flags
    /// that follow from the tables offered, and `extensions` is the list of their ids.
    pub(crate) const fn raw(
        &self,
        extra: u32,
        table: &'static ParameterTable,
        extensions: *const *const c_char,
    ) -> abi::Descriptor {
        abi::Descriptor {
            struct_size: mem::size_of::<abi::Descriptor>() as u64,
            id: self.id.as_ptr(),
            name: self.name.as_ptr(),
            version: self.version.as_ptr(),
            formula: self.formula.as_ptr(),
            references: self.references.as_ptr(),
            flags: self.flags | extra,
            parameter_count: self.parameters.len() as u32,
            parameter_size: mem::size_of::<abi::Parameter>() as u64,
            parameters: table.as_ptr(),
            extensions,
        }
    }

    /// The parameters in the host's form; places past the last one are never read.
    pub(crate) const fn parameter_table(&self) -> ParameterTable {
        let mut table = [const { Parameter::new(c"", abi::REAL, 0.0, c"").raw() }; MAX_PARAMETERS];
        let mut i = 0;
        while i < self.parameters.len() {
            table[i] = self.parameters[i].raw();
            i += 1;
        }
        table
    }
}

const MAX_PARAMETERS: usize = 32;
pub(crate) type ParameterTable = [abi::Parameter; MAX_PARAMETERS];

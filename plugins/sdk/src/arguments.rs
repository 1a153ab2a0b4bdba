//! The values given for an energy's parameters.

use crate::{Descriptor, Error, Parameter, Result};

/// The dimension and the parameters with which an energy is created.
///
/// Every parameter of the descriptor has a value here, its default where none was given, and
/// every value is finite and within its range.
#[derive(Clone)]
pub struct Arguments {
    dimension: usize,
    parameters: &'static [Parameter],
    /// One entry for each parameter, in the order of `parameters`.
    values: Vec<Vec<f64>>,
}

impl Arguments {
    /// Defaults throughout.
    pub(crate) fn new(dimension: usize, parameters: &'static [Parameter]) -> Self {
        let values = parameters.iter().map(|p| vec![p.default]).collect();
        Self {
            dimension,
            parameters,
            values,
        }
    }

    /// The given values, defaults for the rest: for tests of an energy without a host.
    ///
    /// # Errors
    /// A name is unknown, or a value is outside its range.
    pub fn with(
        dimension: usize,
        descriptor: Descriptor,
        given: &[(&str, &[f64])],
    ) -> Result<Self> {
        let mut arguments = Self::new(dimension, descriptor.parameters);
        for (name, values) in given {
            arguments.set(name, values)?;
        }
        Ok(arguments)
    }

    /// Gives `name` a value, checking what the descriptor promises.
    pub(crate) fn set(&mut self, name: &str, values: &[f64]) -> Result<()> {
        let known = self.parameters.iter().zip(&mut self.values);
        let Some((parameter, place)) = known.into_iter().find(|(p, _)| is(p, name)) else {
            let names: Vec<_> = self
                .parameters
                .iter()
                .map(|p| p.name.to_string_lossy())
                .collect();
            let names = if names.is_empty() {
                "none".into()
            } else {
                names.join(", ")
            };
            return Err(Error::fatal(format!(
                "unknown parameter '{name}'; there are: {names}"
            )));
        };
        if values.is_empty() || (parameter.kind != movimento_abi::REAL_ARRAY && values.len() != 1) {
            let count = values.len();
            return Err(Error::fatal(format!(
                "parameter '{name}' got {count} values"
            )));
        }
        for &value in values {
            let inside = parameter.minimum <= value && value <= parameter.maximum;
            if !(inside && value.is_finite()) {
                let (low, high) = (parameter.minimum, parameter.maximum);
                return Err(Error::fatal(format!(
                    "parameter '{name}' = {value:?} is not a finite number in [{low:?}, {high:?}]"
                )));
            }
            if parameter.kind == movimento_abi::INTEGER && value.fract() != 0.0 {
                return Err(Error::fatal(format!(
                    "parameter '{name}' = {value:?} is not whole"
                )));
            }
        }
        place.clear();
        place.extend_from_slice(values);
        Ok(())
    }

    /// The dimension of `x`.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// The value of a real parameter.
    ///
    /// # Errors
    /// The descriptor has no such parameter, or it is an array.
    pub fn real(&self, name: &str) -> Result<f64> {
        match self.array(name)? {
            [value] => Ok(*value),
            several => {
                let count = several.len();
                Err(Error::fatal(format!(
                    "parameter '{name}' is read as one number, has {count}"
                )))
            }
        }
    }

    /// The value of an integer parameter.
    ///
    /// # Errors
    /// The descriptor has no such parameter, or it is not an integer.
    pub fn integer(&self, name: &str) -> Result<i64> {
        let value = self.real(name)?;
        if value.fract() == 0.0 && value.abs() <= 2f64.powi(53) {
            Ok(value as i64)
        } else {
            Err(Error::fatal(format!(
                "parameter '{name}' = {value:?} is not a whole number"
            )))
        }
    }

    /// The values of an array parameter as given: one when it was left at its default.
    ///
    /// # Errors
    /// The descriptor has no such parameter.
    pub fn array(&self, name: &str) -> Result<&[f64]> {
        let mut all = self.parameters.iter().zip(&self.values);
        match all.find(|(p, _)| is(p, name)) {
            Some((_, values)) => Ok(values),
            None => Err(Error::fatal(format!(
                "the descriptor has no parameter '{name}'"
            ))),
        }
    }

    /// An array parameter with an entry for each coordinate; a single number counts for all.
    ///
    /// # Errors
    /// The descriptor has no such parameter, or it has neither 1 nor `d` values.
    pub fn vector(&self, name: &str) -> Result<Vec<f64>> {
        let (values, d) = (self.array(name)?, self.dimension);
        match values {
            [value] => Ok(vec![*value; d]),
            several if several.len() == d => Ok(several.to_vec()),
            several => Err(Error::fatal(format!(
                "parameter '{name}' takes 1 or d = {d} values, not {}",
                several.len()
            ))),
        }
    }
}

fn is(parameter: &Parameter, name: &str) -> bool {
    parameter.name.to_bytes() == name.as_bytes()
}

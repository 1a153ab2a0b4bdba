//! Checks that all ranks were given the same: the host's functions, options, texts and numbers.

use super::Ranks;
use crate::error::{Error, Result};

impl Ranks {
    /// Tries the functions of the host.
    pub(super) fn test(&self) -> Result<()> {
        let (rank, size) = (self.rank() as f64, self.size() as f64);
        if self.size() == 1 {
            return Ok(());
        }
        let expected = [
            ("sum", [0.5 * size * (size - 1.0), size]),
            ("max", [size - 1.0, 1.0]),
            ("broadcast", [0.0, 1.0]),
        ];
        let mut outcome = Ok(());
        for (name, expected) in expected {
            let mut values = [rank, 1.0];
            let done = self.exchange(&mut values, |them, values| match name {
                "sum" => them.sum(values),
                "max" => them.max(values),
                _ => them.broadcast(values),
            });
            let near = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-9 * size;
            let found = done.and_then(|()| match values.iter().zip(&expected).all(near) {
                true => Ok(()),
                false => Err(Error::argument(format!(
                    "`{name}` of the ranks' numbers and of ones gave {values:?}; accepted is a \
                     function that gives {expected:?} with {size} ranks"
                ))),
            });
            outcome = outcome.and(found);
        }
        outcome
    }

    /// Refuses a number that is not the same on all ranks.
    ///
    /// # Errors
    /// [`Argument`](crate::ErrorKind::Argument), naming it, and those of [`settle`](Self::settle).
    pub fn same(&self, name: &str, value: f64) -> Result<()> {
        let mut first = [value];
        self.agree(Ok(()), &mut first)?;
        let [first] = first;
        self.settle(if first.to_bits() == value.to_bits() {
            Ok(())
        } else {
            Err(Error::argument(format!(
                "`{name}` is {value}, and {first} on rank 0; accepted is the same on all ranks"
            )))
        })
    }

    /// Refuses texts, each with a name, that are not the same on all ranks.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option), naming the first that differs, and those of
    /// [`settle`](Self::settle).
    pub fn same_texts(&self, what: &str, texts: &[(String, String)]) -> Result<()> {
        if self.are_alone() {
            return Ok(());
        }
        let line = |(name, text): &(String, String)| format!("{name}\0{text}\n");
        let own: String = texts.iter().map(line).collect();
        let mut length = [own.len() as f64];
        self.agree(Ok(()), &mut length)?;
        let [length] = length;
        let mut first: Vec<f64> = own.bytes().map(f64::from).collect();
        first.resize(length as usize, 0.0);
        self.agree(Ok(()), &mut first)?;
        let first: Vec<u8> = first.iter().map(|b| *b as u8).collect();
        let first = String::from_utf8_lossy(&first);
        let theirs = first.lines().filter_map(|line| line.split_once('\0'));
        let mut theirs: Vec<(&str, &str)> = theirs.collect();
        theirs.resize(theirs.len().max(texts.len()), ("", "absent"));
        for (at, (name, text)) in theirs.into_iter().enumerate() {
            let own = texts.get(at).map_or(("", "absent"), |(n, t)| (n, t));
            if own != (name, text) {
                let name = if own.0.is_empty() { name } else { own.0 };
                return self.settle(Err(Error::option(format!(
                    "{what} `{name}` is {}, and {text} on rank 0; accepted is the same on all ranks",
                    own.1
                ))));
            }
        }
        self.settle(Ok(()))
    }
}

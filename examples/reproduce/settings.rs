//! The library's options for a case and what the command line changes of them.

use crate::Arguments;
use crate::case::Case;
use movimento::options::Value;
use movimento::{Error, ErrorKind, Options, Result};

pub fn options(case: &Case, arguments: &Arguments) -> Result<Options> {
    let mut options = Options::new();
    options.set("dimension", case.dimension)?;
    options.set("lower", vec![-case.half_width])?;
    options.set("upper", vec![case.half_width])?;
    options.set("movement", arguments.scheme(case))?;
    options.set("minimizer", arguments.minimizer.as_str())?;
    options.set("tau", arguments.tau.unwrap_or(case.tau))?;
    options.set("seed", arguments.seed)?;
    options.set("threads", arguments.threads)?;
    let extra = if arguments.minimizer == "adam" {
        [(case.options)(), (case.adam)()].concat()
    } else {
        (case.options)()
    };
    for (key, value) in extra {
        options.set(key, value)?;
    }
    if arguments.transport == "w2gn" {
        // It knows boxes only: those that the paper truncates the space to.
        if options.text("domain")? == "space" {
            options.set("domain", "box")?;
            options.set("embedding", "none")?;
        }
        options.set("minimizer", "adam")?;
    }
    if arguments.transport != "auto" {
        options.set("transport", arguments.transport.as_str())?;
    }
    for assignment in &arguments.set {
        let refusal = |message| Error::new(ErrorKind::Option, message);
        let (key, value) = assignment.split_once('=').ok_or_else(|| {
            refusal(format!(
                "--set was given `{assignment}`; accepted is KEY=VALUE"
            ))
        })?;
        let value = parse(&options.get(key)?, value).ok_or_else(|| {
            refusal(format!(
                "--set {key} was given `{value}`, which is not of the option's type"
            ))
        })?;
        options.set(key, value)?;
    }
    Ok(options)
}

/// `text` as a value of the same type as `like`.
fn parse(like: &Value, text: &str) -> Option<Value> {
    fn list<T: std::str::FromStr>(text: &str) -> Option<Vec<T>> {
        text.split(',').map(|part| part.parse().ok()).collect()
    }
    Some(match like {
        Value::Real(_) => Value::Real(text.parse().ok()?),
        Value::Integer(_) => Value::Integer(text.parse().ok()?),
        Value::Text(_) => Value::Text(text.to_owned()),
        Value::Reals(_) => Value::Reals(list(text)?),
        Value::Integers(_) => Value::Integers(list(text)?),
    })
}

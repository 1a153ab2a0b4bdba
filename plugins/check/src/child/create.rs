//! The descriptor, and `create` with parameters of all kinds.

use movimento_contract::ParameterKind;

use super::subject::{GivenValues, Subject, number};

/// Shows the descriptor, which `Subject::load` has read as the library does.
pub fn descriptor(subject: &Subject<'_>) {
    let parameters = subject.energy.parameters.iter();
    let mut parts: Vec<String> = parameters
        .map(|p| format!("{} = {}", p.name, number(p.default)))
        .collect();
    parts.extend(
        subject
            .energy
            .flag_names()
            .map(|name| name.replace('-', " ")),
    );
    if parts.is_empty() {
        parts.push("no parameters, no flags".to_owned());
    }
    subject.channel.pass(parts.join(", "));
    let remarks = subject.energy.remarks();
    remarks
        .into_iter()
        .for_each(|remark| subject.channel.note(remark));
}

/// Creates with defaults and with random parameters in each dimension.
pub fn create(subject: &Subject<'_>) {
    let fixed = subject.fixed();
    let (mut made, mut refused) = (Vec::new(), Vec::new());
    for &d in &subject.options.dimensions {
        match subject.create(d, &fixed) {
            Ok(_) => made.push(d.to_string()),
            Err(why) => refused.push(format!("d = {d}: {why}")),
        }
    }
    if made.is_empty() {
        refused.iter().for_each(|why| subject.channel.fail(why));
        return;
    }
    let cases = subject.cases().len() - made.len();
    let dimensions = made.join(", ");
    let found = match cases {
        0 => format!("in d = {dimensions}"),
        _ => format!("in d = {dimensions}; with {cases} sets of random parameters"),
    };
    subject.channel.pass(found);
    refused.iter().for_each(|why| subject.channel.note(why));
}

/// Parameters that no host should pass.
pub fn unfit(subject: &Subject<'_>) -> Vec<GivenValues> {
    if subject.avoids("refusals") || subject.avoids("message") {
        return Vec::new();
    }
    let mut all = vec![vec![("no_such_parameter".to_owned(), vec![1.0])]];
    for parameter in &subject.energy.parameters {
        let default = parameter.default;
        let mut values = vec![vec![f64::NAN], vec![f64::INFINITY], vec![f64::NEG_INFINITY]];
        values.push(vec![default; 7]);
        if parameter.minimum.is_finite() {
            values.push(vec![parameter.minimum - parameter.minimum.abs().max(1.0)]);
        }
        if parameter.maximum.is_finite() {
            values.push(vec![parameter.maximum + parameter.maximum.abs().max(1.0)]);
        }
        if parameter.kind == ParameterKind::Integer {
            values.push(vec![default + 0.5]);
        }
        let name = &parameter.name;
        all.extend(
            values
                .into_iter()
                .map(|values| vec![(name.clone(), values)]),
        );
    }
    all
}

/// Parameters that do not fit are refused with a message, or ignored, and do no harm.
pub fn refusals(subject: &Subject<'_>) {
    let Some(&d) = subject.options.dimensions.first() else {
        return;
    };
    let (mut refused, mut accepted, mut silent) = (0, Vec::new(), Vec::new());
    for given in unfit(subject) {
        match subject.create(d, &given) {
            Ok(case) => accepted.push(case.name),
            Err(why) if why.message.is_empty() => silent.push(why.status.to_string()),
            Err(_) => refused += 1,
        }
    }
    if !silent.is_empty() {
        let (count, status) = (silent.len(), silent.join(", "));
        let found = format!("{count} refused without a message (status {status})");
        subject.channel.note(found);
    }
    if !accepted.is_empty() {
        let (count, shown) = (accepted.len(), &accepted.join("; "));
        let shown: String = shown.chars().take(150).collect();
        let found = format!("{count} accepted, which the library itself refuses: {shown}");
        subject.channel.note(found);
    }
    subject
        .channel
        .pass(format!("{refused} refused with a message"));
}

use super::*;

fn section() -> Section {
    let mut root = Section::new("state");
    root.set_f64("tau", 0.5);
    root.set_u64("step", 7);
    root.set_array("past", &[2, 1, 2], vec![1.0, 2.0, 3.0, 4.0]);
    root.set_integers("steps", vec![3, -1]);
    root.set_text("name", "map");
    root.child_mut("inner").set_list("numbers", vec![1.0, 2.0]);
    root
}

#[test]
fn entries_come_back_as_they_were_set() {
    let root = section();
    assert_eq!(root.get_f64("tau").unwrap(), 0.5);
    assert_eq!(root.get_u64("step").unwrap(), 7);
    let (shape, values) = root.get_array("past").unwrap();
    assert_eq!(
        (shape, values),
        ([2, 1, 2], [1.0, 2.0, 3.0, 4.0].as_slice())
    );
    assert_eq!(root.get_integers("steps").unwrap(), [3, -1]);
    assert_eq!(root.get_text("name").unwrap(), "map");
    let inner = root.child("inner").unwrap();
    assert_eq!(inner.get_numbers("numbers").unwrap(), [1.0, 2.0]);
    let names: Vec<_> = root.entries().map(|(name, _)| name).collect();
    assert_eq!(names, ["tau", "step", "past", "steps", "inner"]);
}

#[test]
fn a_text_may_have_the_name_of_an_entry() {
    let mut root = section();
    root.set_text("tau", "long");
    assert_eq!(root.get_text("tau").unwrap(), "long");
    assert_eq!(root.get_f64("tau").unwrap(), 0.5);
    root.set_texts("past", vec!["a".to_owned()]);
    assert_eq!(
        root.get_text("past").unwrap_err().message(),
        "its `state/past` is a list of texts; accepted is one text"
    );
}

#[test]
fn a_section_is_gone_on_with() {
    let mut root = section();
    root.child_mut("inner").set_u64("count", 1);
    assert_eq!(root.child("inner").unwrap().entries().count(), 2);
    root.retain(|name| name.starts_with('t'));
    let names: Vec<_> = root.entries().map(|(name, _)| name).collect();
    assert_eq!(names, ["tau"]);
    assert!(!root.has_text("name"));
}

#[test]
#[should_panic(expected = "`tau` is saved once")]
fn a_name_is_set_once() {
    section().set_u64("tau", 3);
}

#[test]
fn errors_name_the_entry_and_what_is_accepted() {
    let root = section();
    let inner = root.child("inner").unwrap();
    for (error, expected) in [
        (
            root.get_f64("lost").unwrap_err(),
            "its `state/lost` is missing",
        ),
        (
            root.get_f64("step").unwrap_err(),
            "its `state/step` is a whole number; accepted is a real number",
        ),
        (
            root.get_array::<2>("past").unwrap_err(),
            "its `state/past` is of shape [2, 1, 2]; accepted is an array of 2 axes",
        ),
        (
            inner.get_numbers::<3>("numbers").unwrap_err(),
            "its `state/inner/numbers` is a list of 2; accepted is a list of 3",
        ),
        (
            root.child("tau").unwrap_err(),
            "its `state/tau` is a real number; accepted is a group",
        ),
    ] {
        assert_eq!(error.message(), expected);
        assert_eq!(error.kind(), crate::ErrorKind::File);
    }
    let mut root = Section::new("state");
    root.set_i64("step", -1);
    root.set_integers("steps", vec![2, -3]);
    for (error, expected) in [
        (
            root.get_u64("step").unwrap_err(),
            "its `state/step` is -1; accepted is 0 and above",
        ),
        (
            root.get_counts("steps").unwrap_err(),
            "its `state/steps` is [2, -3]; accepted is numbers of 0 and above",
        ),
    ] {
        assert_eq!(error.message(), expected);
    }
}

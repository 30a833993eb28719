//! `amanah record find`, `duplicates`, `merge` and `index rebuild`: in, out, and refused.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod cmd;
mod common;

use amanah::records::template;
use cmd::{by, entries, run, run_words};
use common::{CLINICAL, REGISTRY, World};

fn world() -> (World, Vec<String>) {
    let world = World::new();
    run(&mut by(&world, REGISTRY), "init vault").ok();
    let add = |fields: &[&str]| {
        let mut words = vec!["record", "add", "child"];
        words.extend(fields);
        words.extend(["-p", "registration", "--json"]);
        run_words(&mut by(&world, REGISTRY), &words).json()["record"].as_str().unwrap().to_owned()
    };
    let ids = vec![
        add(&["child_code=A-1", "full_name=Siti Aminah", "birth_date=2010-05-29", "nik=3171016905100001"]),
        add(&["child_code=A-2", "full_name=Djoko Soesilo", "birth_date=2012-01-01", "nik=3171010101120003"]),
    ];
    (world, ids)
}

#[test]
fn found_by_words_numbers_and_dates() {
    let (world, ids) = world();
    for (words, at) in [
        (&["record", "find", "Aminah", "Sitti"][..], 0),
        (&["record", "find", "joko susilo"], 1),
        (&["record", "find", "3171016905100001"], 0),
        (&["record", "find", "-f", "birth_date=2012"], 1),
        (&["record", "find", "-f", "birth_date=2010-05"], 0),
        (&["record", "find", "-f", "birth_date=2010..2011-12", "-k", "anak"], 0),
        (&["record", "find", "siti", "-f", "birth_date=29/05/2010"], 0),
        (&["record", "find", "-f", "nama lengkap=djoko"], 1),
    ] {
        let words = [words, &["-p", "care", "--json"]].concat();
        let found = run_words(&mut by(&world, REGISTRY), &words).json();
        assert_eq!(found["total"], 1, "{words:?}");
        assert_eq!(found["found"][0]["record"], ids[at].as_str(), "{words:?}");
    }
    let last = entries(&world).pop().unwrap();
    assert_eq!((&last["action"], &last["outcome"]), (&"record.find".into(), &"ok".into()));
    let found = run(by(&world, REGISTRY).write_stdin("siti\n"), "record find - -p care --json").json();
    assert_eq!(found["found"][0]["fields"]["full_name"], "Siti Aminah");
    let shown = run(&mut by(&world, REGISTRY), "record find siti -p care --lang id").ok().out;
    assert!(shown.contains("Nama lengkap*: Siti Aminah"), "{shown}");
}

#[test]
fn refused_or_wrong() {
    let (world, _) = world();
    for (member, words, exit, code) in [
        (REGISTRY, "record find siti", 2, "vault-no-purpose"),
        (REGISTRY, "record find si -p care", 3, "vault-short-term"),
        (REGISTRY, "record find -p care", 2, "vault-nothing-to-find"),
        (REGISTRY, "record find -f nik= -p care", 2, "vault-nothing-to-find"),
        (REGISTRY, "record find -f birth_date=2010-13 -p care", 3, "value-date"),
        (REGISTRY, "record find -f birth_date=2012..2010 -p care", 3, "vault-turned-days"),
        (REGISTRY, "record find -f health=x -p care", 3, "vault-not-searchable"),
        (CLINICAL, "record find siti -p care", 5, "vault-sealed"),
        (CLINICAL, "record find -f nik=3171016905100001 -p care", 5, "vault-sealed"),
        (CLINICAL, "record merge A-1 A-1 -p care", 3, "vault-merge-self"),
    ] {
        run(by(&world, member).arg("--json"), words).refused(exit, code);
    }
}

#[test]
fn a_case_goes_by_what_families_and_children_were_merged_into() {
    let (world, _) = world();
    let add = |what: &str| {
        let added = run(&mut by(&world, REGISTRY), &format!("record add {what} -p care --json")).json();
        added["record"].as_str().unwrap().to_owned()
    };
    let [left, goes_on] = [1, 2].map(|at| add(&format!("family family_code=F-{at} head_name=Kepala")));
    let member = add(&format!("member m_name=Ibu --of {goes_on}"));
    let child = add(&format!("child child_code=C-1 full_name=Anak --of {left}"));
    run(&mut by(&world, REGISTRY), &format!("record merge {left} {goes_on} -p care")).ok();
    for named in [&child, &left, &goes_on] {
        let ran = run(&mut by(&world, REGISTRY), &format!("case show {named} -p care --json"));
        assert_eq!(ran.err.contains("was merged into"), named == &left, "{}", ran.err);
        let case = ran.json();
        let mut shown: Vec<_> =
            case["records"].as_array().unwrap().iter().map(|one| one["record"].as_str().unwrap()).collect();
        let mut all = [goes_on.as_str(), &member, &child];
        shown.sort_unstable();
        all.sort_unstable();
        assert_eq!(shown, all, "{named}");
    }
}

#[test]
fn a_code_that_records_of_two_kinds_have_names_neither() {
    let (world, ids) = world();
    run(&mut by(&world, REGISTRY), "record add family family_code=A-1 head_name=Kepala -p care").ok();
    for command in ["record show a1 -p care --json", "record erase A-1 --ground mistake --yes -p care --json"] {
        let told = run(&mut by(&world, REGISTRY), command).refused(3, "vault-ambiguous-code");
        assert!(told.contains("family ") && told.contains(&format!("child {}", ids[0])), "{told}");
    }
    run(&mut by(&world, REGISTRY), "record show A-2 -p care").ok();
    // Nor does a number that somebody entered again who could not be told that it was there.
    let again = "record add child child_code=B-1 full_name=Lain nik=3171010101120003 -p care";
    run(&mut by(&world, CLINICAL), again).ok();
    run(by(&world, REGISTRY).arg("--json"), "record show 3171010101120003 -p care").refused(3, "vault-ambiguous-code");
    run(&mut by(&world, REGISTRY), "record show B-1 -p care").ok();
}

/// A number with letters and spaces in it is one code, where it is not a name and a number.
#[test]
fn found_by_codes_with_spaces() {
    let (world, ids) = world();
    let fields = ["record", "edit", "A-1", "birth_cert_no=AL 500 0123456", "child_code=SHA-2016/001", "-p", "care"];
    run_words(&mut by(&world, REGISTRY), &fields).ok();
    for typed in ["AL 500 0123456", "al 500 012 3456", "SHA 2016 001", "sha2016 001"] {
        let found = run_words(&mut by(&world, REGISTRY), &["record", "find", typed, "-p", "care", "--json"]).json();
        assert_eq!((&found["total"], &found["found"][0]["record"]), (&1.into(), &ids[0].as_str().into()), "{typed}");
    }
    let both = ["record", "find", "siti 3171016905100001", "-p", "care", "--json"];
    assert_eq!(run_words(&mut by(&world, REGISTRY), &both).json()["total"], 1);
    run(by(&world, REGISTRY).arg("--json"), "record find siti a 317 -p care").refused(3, "vault-short-term");
}

/// What has no number, and no name with a date of birth, is not compared, and so not opened.
#[test]
fn nothing_is_opened_that_is_not_compared() {
    let (world, _) = world();
    run(&mut by(&world, REGISTRY), "record add family family_code=F-1 head_name=Kepala -p care").ok();
    let before = entries(&world).len();
    for kind in ["family", "service"] {
        let ran = run(by(&world, REGISTRY).arg("--json"), &format!("record duplicates {kind} -p care"));
        ran.refused(5, "vault-nothing-to-compare");
    }
    assert_eq!(entries(&world).len(), before);
}

/// `Ibnu` is a title to the index, and a name to many: who finds nothing by it is told why.
#[test]
fn who_types_only_titles_is_told() {
    let (world, ids) = world();
    run_words(&mut by(&world, REGISTRY), &["record", "edit", "A-1", "full_name=Ibnu Fajar", "-p", "care"]).ok();
    let none = run(&mut by(&world, REGISTRY), "record find ibnu -p care");
    assert!(none.err.contains("titles") && none.out.lines().count() == 1, "{}{}", none.out, none.err);
    let found = run(&mut by(&world, REGISTRY), "record find ibnu fajar -p care");
    assert!(!found.err.contains("titles") && found.out.contains(&ids[0]), "{}{}", found.out, found.err);
}

/// A class that is opened only with a reason is not passed over in silence, nor opened without one.
#[test]
fn what_wants_a_reason_is_told() {
    let world = World::new();
    let charter = std::fs::read_to_string(world.path().join("charter.toml")).unwrap();
    let strict = charter.replacen("id = \"identity\"", "id = \"identity\"\nreason = true", 1);
    assert_ne!(strict, charter);
    std::fs::write(world.path().join("charter.toml"), strict).unwrap();
    run(&mut by(&world, REGISTRY), "init vault --charter charter.toml").ok();
    let line = "record add child child_code=A-1 full_name=Siti nik=3171016905100001 -p care -r x";
    run(&mut by(&world, REGISTRY), line).ok();
    for (line, code) in [
        ("record find siti -p care", "vault-class-reason"),
        ("record duplicates child -p care", "vault-class-reason"),
        ("record duplicates service -p care", "vault-nothing-to-compare"),
        ("index rebuild", "vault-class-reason"),
    ] {
        let ran = run(by(&world, REGISTRY).arg("--json"), line);
        ran.refused(if code == "vault-class-reason" { 2 } else { 5 }, code);
    }
    let find = |member: &str| run(&mut by(&world, member), "record find 3171016905100001 -p care --json").json();
    for member in [REGISTRY, CLINICAL] {
        let found = find(member);
        assert_eq!((&found["total"], &found["left_out"]), (&0.into(), &serde_json::json!(["identity"])), "{member}");
    }
    let ran = run(&mut by(&world, REGISTRY), "record find 3171016905100001 -p care");
    assert!(ran.err.contains("not searched: identity"), "{}", ran.err);
    run(&mut by(&world, REGISTRY), "index rebuild -p care -r Pindah").ok();
    let told = run(&mut by(&world, REGISTRY), "audit log --action index.rebuild --reasons -p care").ok();
    assert!(told.out.contains("Pindah"), "{}", told.out);
    let found = run(&mut by(&world, REGISTRY), "record find 3171016905100001 -p care -r x --json").json();
    assert_eq!((&found["total"], &found["left_out"]), (&1.into(), &serde_json::json!([])));
    run(&mut by(&world, REGISTRY), "audit verify").ok();
}

/// Codes that no index holds, too.
#[test]
fn what_was_merged_keeps_its_code_to_itself() {
    let world = World::new();
    let schema = template::SENTRA.replacen("unique = true\nsearch = \"exact\"", "unique = true", 1);
    assert_ne!(schema, template::SENTRA);
    std::fs::write(world.path().join("schema.toml"), schema).unwrap();
    run(&mut by(&world, REGISTRY), "init vault --schema schema.toml").ok();
    let add =
        |code: &str| run(&mut by(&world, REGISTRY), &format!("record add family family_code={code} -p care --json"));
    let (one, _) = (add("F-1").json(), add("F-2").json());
    run(&mut by(&world, REGISTRY), "record merge F-2 F-1 -p care").ok();
    assert_eq!(run(&mut by(&world, REGISTRY), "record show F-2 -p care --json").json()["record"], one["record"]);
    add("F-2").refused(3, "vault-duplicate");
    run(&mut by(&world, REGISTRY), "audit verify").ok();
}

#[test]
fn merged_and_made_anew() {
    let (world, ids) = world();
    run(&mut by(&world, REGISTRY), "record merge A-2 A-1 -p care").ok();
    let shown = run(&mut by(&world, REGISTRY), &format!("record show {} -p care --json", ids[1])).json();
    assert_eq!(shown["record"], ids[0].as_str());
    let old = run(&mut by(&world, REGISTRY), &format!("record show {} --at 1 -p care --json", ids[1])).json();
    assert_eq!(old["fields"]["full_name"], "Djoko Soesilo");
    let made = run(&mut by(&world, REGISTRY), "index rebuild --json").json();
    assert_eq!(made["records"], 2);
    let found = run(&mut by(&world, REGISTRY), "record find joko -p care --json").json();
    assert_eq!(found["found"][0]["by_way_of"], ids[1].as_str());
    // What is shown is not what was asked for, and it says why.
    let shown = run(&mut by(&world, REGISTRY), "record find joko -p care").ok().out;
    assert!(shown.contains("Full name: Siti Aminah") && shown.contains(&format!("found by {}", ids[1])), "{shown}");
    let pairs = run(&mut by(&world, REGISTRY), "record duplicates child -p care --json").json();
    assert_eq!(pairs.as_array().unwrap().len(), 0);
    run(&mut by(&world, REGISTRY), "audit verify").ok();
}

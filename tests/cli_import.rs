//! `amanah import`: tables as spreadsheets save them, and all the ways in which they are wrong.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod cmd;
mod common;

use std::fs;

use cmd::{Ran, by, entries, key, run};
use common::{CLINICAL, HEAD, KPAI, REGISTRY, World};
use serde_json::json;

fn world() -> World {
    let world = World::new();
    run(&mut by(&world, REGISTRY), "init vault").ok();
    world
}

fn import(world: &World, table: impl AsRef<[u8]>, options: &str) -> Ran {
    fs::write(world.path().join("table.csv"), table).unwrap();
    run(&mut by(world, REGISTRY), &format!("import table.csv --kind child {options} --json"))
}

/// What the children's full names are, in the order of their codes.
fn names(world: &World) -> Vec<String> {
    let list = run(&mut by(world, REGISTRY), "record list child -p care -f full_name --json").json();
    let text = |one: &serde_json::Value, field: &str| one["fields"][field].as_str().unwrap().to_owned();
    let mut names: Vec<_> =
        list.as_array().unwrap().iter().map(|one| (text(one, "child_code"), text(one, "full_name"))).collect();
    names.sort();
    names.into_iter().map(|(_, name)| name).collect()
}

#[test]
fn tables_as_spreadsheets_save_them() {
    let world = world();
    let done = |written: u64| json!({ "rows": written, "written": written, "wrong": 0 });
    let table = "child_code,full_name,birth_date\nA-1,Contoh,2010-03-12\n";
    assert_eq!(import(&world, table, "").json(), done(1));
    // With a byte-order mark, semicolons, Windows line ends, labels in Indonesian, and a quoted line break.
    let table =
        "\u{feff}Kode anak;NAMA LENGKAP;Tanggal lahir\r\nA-2;\"Contoh; Dua\";12/03/2010\r\n\r\nA-3;Contoh Tiga;\r\n";
    assert_eq!(import(&world, table, "").json(), done(2));
    let table = "Child code\tFull name\tNotes of the office\tSex\nA-4\tContoh Empat\tx\tPerempuan\n";
    import(&world, table, "").refused(3, "table-heading");
    fs::write(world.path().join("map.toml"), "\"Notes of the office\" = \"\"\n\"Child code\" = \"child_code\"\n")
        .unwrap();
    assert_eq!(import(&world, table, "--map map.toml").json(), done(1));
    assert_eq!(names(&world), ["Contoh", "Contoh; Dua", "Contoh Tiga", "Contoh Empat"]);
    let shown = run(&mut by(&world, REGISTRY), "record show A-2 -p care --json").json();
    assert_eq!(shown["fields"]["birth_date"], "2010-03-12");

    let table = "family_code,address\nK-1,\"Jalan Satu\nNo. 2\"\n";
    fs::write(world.path().join("family.csv"), table).unwrap();
    let ran = run(&mut by(&world, REGISTRY), "import family.csv --kind family --json");
    let told = ran.err.clone();
    ran.refused(3, "import-bad-rows");
    assert!(told.contains("row 2: column address"), "an address is one line: {told}");
    let service =
        "child,atensi_component,service_date,provider,service_note\nA-1,therapy,2016-08-01,Ibu Dewi,\"satu\ndua\"\n";
    fs::write(world.path().join("service.csv"), service).unwrap();
    run(&mut by(&world, REGISTRY), "import service.csv --kind service").ok();
    let case = run(&mut by(&world, CLINICAL), "case show A-1 -p care --json").json();
    assert_eq!(case["timeline"][0]["record"]["fields"]["service_note"], "satu\ndua");

    for (map, code) in [
        ("\"x\" = \"nickname\"", "table-map-field"),
        ("x", "table-map"),
        ("\"A\" = \"\"\n\"a \" = \"\"", "table-map-twice"),
    ] {
        fs::write(world.path().join("map.toml"), map).unwrap();
        import(&world, table, "--map map.toml").refused(3, code);
    }
}

#[test]
fn a_trial_writes_nothing() {
    let world = world();
    let before = entries(&world).len();
    let done = import(&world, "child_code,full_name\nA-1,Contoh\n", "--dry-run").json();
    assert_eq!(done, json!({ "rows": 1, "written": 0, "wrong": 0 }));
    import(&world, "child_code,full_name\nA-1,\n", "--dry-run").refused(3, "import-bad-rows");
    let since = entries(&world).split_off(before);
    assert!(since.iter().all(|entry| entry["action"] == "record.check"), "{since:?}");
    assert!(names(&world).is_empty());
}

#[test]
fn all_rows_or_none_unless_told() {
    let world = world();
    let table = "child_code,full_name,birth_date,sex\n\
        A-1,Contoh Satu,2010-03-12,female\n\
        A-2,,31/02/2010,cat\n\
        A-3,Contoh Tiga,,\n\
        a-3,Contoh Tiga Lagi,,\n";
    let ran = import(&world, table, "");
    let told = ran.err.clone();
    assert_eq!(ran.refused(3, "import-bad-rows"), "wrong rows: 2; nothing was written");
    for part in ["row 3: column birth_date", "row 3: column sex", "row 5: child_code: row 4 has the same value"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(names(&world).is_empty());

    import(&world, table, "--skip-invalid").refused(2, "usage-missing-argument");
    // What cannot be told is not done: with the next try it would be there twice.
    import(&world, table, "--skip-invalid --report none/report.txt").refused(9, "file-unwritable");
    assert!(names(&world).is_empty());
    let done = import(&world, table, "--skip-invalid --report report.txt").json();
    assert_eq!(done, json!({ "rows": 4, "written": 2, "wrong": 2 }));
    assert_eq!(names(&world), ["Contoh Satu", "Contoh Tiga"]);
    let report = fs::read_to_string(world.path().join("report.txt")).unwrap();
    assert!(report.contains("row 3: ") && report.contains("row 5: ") && !report.contains("row 2: "), "{report}");

    // Against what the vault holds; and a report is not overwritten.
    import(&world, "child_code,full_name\nA-9,B\n", "--report report.txt").refused(3, "file-exists");
    let ran = import(&world, "child_code,full_name\nA-9,B\na-1,C\n", "");
    assert!(ran.err.contains("row 3: child_code: another record has this value already"), "{}", ran.err);
    ran.refused(3, "import-bad-rows");
    assert_eq!(names(&world).len(), 2);
    run(&mut by(&world, REGISTRY), "audit verify").ok();
}

#[test]
fn references_by_code() {
    let world = world();
    let family = run(&mut by(&world, REGISTRY), "record add family family_code=K-1 --json").json();
    let family = family["record"].as_str().unwrap();
    let table = format!("child_code,full_name,family\nA-1,Contoh,k-1\nA-2,Contoh,{family}\nA-3,Contoh,\n");
    import(&world, table, "").json();
    let list = run(&mut by(&world, REGISTRY), "record list child --of K-1 -p care --json").json();
    assert_eq!(list.as_array().unwrap().len(), 2);
    let ran = import(&world, "child_code,full_name,family\nA-4,Contoh,K-9\n", "");
    assert!(ran.err.contains("row 2: column family"), "{}", ran.err);
    ran.refused(3, "import-bad-rows");
    // An id of nothing, and a code and an id of another kind.
    let nobody = "child_code,full_name,family\nA-5,Contoh,00000000000000000000000000\n";
    let ran = import(&world, nobody, "");
    assert!(ran.err.contains("row 2: column family"), "{}", ran.err);
    ran.refused(3, "import-bad-rows");
    let ran = import(&world, "child_code,full_name,family\nA-5,Contoh,A-1\n", "");
    assert!(ran.err.contains("row 2: column family"), "{}", ran.err);
    ran.refused(3, "import-bad-rows");
    let child = run(&mut by(&world, REGISTRY), "record show A-1 -p care --json").json()["record"].clone();
    let table = format!("child_code,full_name,family\nA-5,Contoh,{}\n", child.as_str().unwrap());
    let ran = import(&world, table, "");
    assert!(ran.err.contains("row 2: column family") && ran.err.contains("is a child"), "{}", ran.err);
    ran.refused(3, "import-bad-rows");
    assert_eq!(names(&world).len(), 3);
}

/// Two columns refer to records of two kinds that have the same code.
#[test]
fn references_to_records_of_several_kinds() {
    let world = world();
    let add =
        |line: &str| run(&mut by(&world, REGISTRY), &format!("record add {line} --json")).json()["record"].clone();
    let (family, child) = (add("family family_code=X-1"), add("child child_code=X-1 full_name=Contoh"));
    let text = run(&mut by(&world, HEAD), "schema show --toml").ok().out.replace("\nversion = 1\n", "\nversion = 2\n");
    let field = |id: &str, to: &str, rest: &str| {
        let label = format!("label = {{ en = \"{id}\", id = \"{id}\" }}");
        format!("\n[[kind.field]]\nid = \"{id}\"\n{label}\ntype = \"reference\"\nto = \"{to}\"\n{rest}\n")
    };
    let kind = "\n[[kind]]\nid = \"visit\"\nlabel = { en = \"Visit\", id = \"Kunjungan\" }\n";
    let fields = field("child", "child", "parent = true") + &field("household", "family", "class = \"administrative\"");
    fs::write(world.path().join("next.toml"), format!("{text}{kind}{fields}")).unwrap();
    run(&mut by(&world, HEAD), "schema amend next.toml").ok();
    let visits = |table: &str| {
        fs::write(world.path().join("visits.csv"), table).unwrap();
        run(&mut by(&world, REGISTRY), "import visits.csv --kind visit --json")
    };
    assert_eq!(visits("child,household\nX-1,X-1\n").json()["written"], 1);
    let shown = run(&mut by(&world, REGISTRY), "record list visit -p care -f household --json").json();
    assert_eq!((&shown[0]["of"], &shown[0]["fields"]["household"]), (&child, &family));
    for wrong in [child.as_str().unwrap(), "00000000000000000000000000"] {
        let ran = visits(&format!("child,household\nX-1,{wrong}\n"));
        assert!(ran.err.contains("row 2: column household"), "{}", ran.err);
        ran.refused(3, "import-bad-rows");
    }
    let child = child.as_str().unwrap();
    let add = format!("record add visit --of {child} household={child} --json");
    run(&mut by(&world, REGISTRY), &add).refused(3, "vault-wrong-kind");
}

#[test]
fn many_rows_are_few_entries() {
    let world = world();
    let before = entries(&world).len();
    let rows: String = (0..1200).map(|at| format!("A-{at},Contoh {at}\n")).collect();
    let done = import(&world, format!("child_code,full_name\n{rows}"), "-p registration").json();
    assert_eq!(done["written"], 1200);
    let since = entries(&world).split_off(before);
    let imports: Vec<_> = since
        .iter()
        .filter(|entry| entry["action"] == "record.import")
        .map(|entry| entry["subjects"][0]["records"].as_array().unwrap().len())
        .collect();
    assert_eq!(imports, [500, 500, 200]);
    let shown = run(&mut by(&world, REGISTRY), "record show A-1199 -p care --json").json();
    assert_eq!(shown["fields"]["full_name"], "Contoh 1199");
}

#[test]
fn files_that_are_no_tables() {
    let world = world();
    let before = entries(&world).len();
    let ran = import(&world, b"child_code,full_name\nA-1,Caf\xe9\n", "");
    assert!(ran.err.contains("CSV UTF-8"), "{}", ran.err);
    ran.refused(3, "table-utf8");
    import(&world, "", "").refused(3, "table-empty");
    import(&world, "PK\u{3}\u{4}", "").refused(3, "table-workbook");
    import(&world, "child_code,full_name\nA-1,\"never closed\n", "").refused(3, "table-open-quote");
    import(&world, "child_code,full_name,child_code\nA,B,C\n", "").refused(3, "table-column-twice");
    import(&world, "child_code,full_name\nA,B,C\n", "").refused(3, "table-no-heading");
    import(&world, "child_code,full_name,alias\nA,B\n", "").refused(3, "table-short-row");
    import(&world, "child_code,alias\nA-1,B\n", "").refused(3, "table-missing-column");
    let huge = format!("child_code,full_name\nA-1,{}\n", "x".repeat(2 * 1024 * 1024));
    import(&world, huge, "").refused(3, "table-long-row");
    assert_eq!(import(&world, "child_code,full_name\n", "").json(), json!({ "rows": 0, "written": 0, "wrong": 0 }));

    for (line, exit, code) in [
        ("import cards --kind child", 3, "file-unreadable"),
        ("import nowhere.csv --kind child", 3, "file-unreadable"),
        ("import table.csv", 2, "usage-missing-argument"),
        ("import table.csv --kind dog", 3, "vault-unknown-kind"),
    ] {
        run(&mut by(&world, REGISTRY), &format!("{line} --json")).refused(exit, code);
    }
    assert!(entries(&world).split_off(before).iter().all(|entry| entry["action"] == "record.check"));
    fs::write(world.path().join("table.csv"), "child_code,full_name\nA-1,B\n").unwrap();
    run(&mut by(&world, KPAI), "import table.csv --kind child --json").refused(5, "vault-may-not");
    assert!(names(&world).is_empty());
}

#[test]
fn what_acts_on_a_terminal_does_not_come_in() {
    let world = world();
    for bad in ["\u{1b}[2J", "a\u{202e}b", "\u{9b}31m"] {
        let ran = import(&world, format!("child_code,full_name\nA-1,{bad}\n"), "");
        assert!(ran.err.contains("row 2: column full_name") && !ran.err.contains(bad), "{}", ran.err);
        ran.refused(3, "import-bad-rows");
        let ran = import(&world, format!("child_code,full_name,{bad}\nA-1,B,C\n"), "");
        assert!(!ran.err.contains(bad), "{}", ran.err);
        ran.refused(3, "table-heading");
    }
}

/// A unique field can hold a whole number too, or a long text, and be searched or not.
#[test]
fn what_is_unique_is_so_whatever_it_holds() {
    let world = World::new();
    let field = |id: &str, rest: &str| {
        let label = format!("label = {{ en = \"{id}\", id = \"{id}\" }}");
        format!("[[kind.field]]\nid = \"{id}\"\n{label}\nclass = \"administrative\"\n{rest}\n")
    };
    let schema = "schema = \"test\"\nversion = 1\n[[kind]]\nid = \"child\"\nlabel = { en = \"Child\", id = \"Anak\" }\n"
        .to_owned()
        + &field("number", "type = \"integer\"\nunique = true\nsearch = \"exact\"")
        + &field("other", "type = \"integer\"\nunique = true")
        + &field("code", "type = \"text\"\nunique = true\nsearch = \"exact\"");
    fs::write(world.path().join("schema.toml"), schema).unwrap();
    run(&mut by(&world, REGISTRY), "init vault --schema schema.toml").ok();
    let long = "x".repeat(150);
    let add = |line: &str| run(&mut by(&world, REGISTRY), &format!("record add child {line} -p care --json"));
    add(&format!("number=12 other=-7 code={long}")).ok();
    for line in ["number=12", "other=-7", &format!("code={long}")] {
        add(line).refused(3, "vault-duplicate");
    }
    add("number=-12 other=7").ok();
    let find = format!("record find -f code={long} -p care --json");
    assert_eq!(run(&mut by(&world, REGISTRY), &find).json()["total"], 1);
    assert_eq!(run(&mut by(&world, REGISTRY), "record show 12 -p care --json").json()["fields"]["other"], -7);
    let ran = import(&world, format!("number,other,code\n12,1,a\n3,-7,b\n4,4,{long}\n5,5,c\n5,6,d\n"), "");
    for part in ["row 2: number: another", "row 3: other: another", "row 4: code: another", "row 6: number: row 5"] {
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
    }
    ran.refused(3, "import-bad-rows");
}

/// Rows are written in parts. After a failure it is told how many are there, or they would be imported twice.
#[test]
fn an_import_that_fails_half_way_says_how_much_of_it_is_there() {
    let world = world();
    let rows: String = (0..1500).map(|n| format!("A-{n},Contoh {n}\n")).collect();
    fs::write(world.path().join("table.csv"), format!("child_code,full_name\n{rows}")).unwrap();
    // No file can be longer than this many blocks of 512 bytes.
    let limited = r#"trap "" XFSZ; ulimit -f 6000; exec "$@""#;
    let program = env!("CARGO_BIN_EXE_amanah");
    let output = std::process::Command::new("sh")
        .args(["-c", limited, "sh", program, "import", "table.csv", "--kind", "child", "--json"])
        .args(["--vault", "vault", "-i", &key(REGISTRY), "--passphrase-file", "passphrase"])
        .env_clear()
        .env("AMANAH_STATE", world.path().join("state"))
        .current_dir(world.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(9), "{output:?}");
    let there = names(&world).len();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(there >= 500 && told.contains(&format!("all the same: {there}, ")), "{there}: {told}");
}

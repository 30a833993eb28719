//! The report: one page that stands alone, can be read aloud and printed, and names no child.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod cmd;
mod common;

use std::{collections::BTreeSet, fs, path::Path, process::Command as Process};

use cmd::{by, run};
use common::{CLINICAL, HEAD, KPAI, REGISTRY, World};

/// A vault in which a few things have happened, and the ids of its records.
fn world() -> (World, Vec<String>) {
    let world = World::new();
    run(&mut by(&world, REGISTRY), "init vault --charter charter.toml").ok();
    let mut ids = Vec::new();
    for code in ["A-1", "A-2"] {
        let line = format!("record add child child_code={code} full_name=Contoh{code} -p registration --json");
        let added = run(&mut by(&world, REGISTRY), &line).json();
        ids.push(added["record"].as_str().unwrap().to_owned());
    }
    run(&mut by(&world, REGISTRY), "record list child -p care").ok();
    run(&mut by(&world, REGISTRY), &format!("record show {} -p care", ids[0])).ok();
    for _ in 0..4 {
        run(&mut by(&world, CLINICAL), &format!("record show {} -f nik -p care --json", ids[0]))
            .refused(5, "vault-sealed");
    }
    run(&mut by(&world, KPAI), &format!("record show {} -p oversight -r alasan-tersegel", ids[1])).ok();
    (world, ids)
}

fn page(world: &World, words: &str, file: &str) -> String {
    run(&mut by(world, REGISTRY), &format!("audit report --html {file} {words}")).ok();
    fs::read_to_string(world.path().join(file)).unwrap()
}

/// The tags of a page, checked that each is closed by its own.
fn tags(page: &str) -> Vec<String> {
    let mut rest = page.strip_prefix("<!DOCTYPE html>").unwrap();
    let (mut open, mut all): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    while let Some((text, from)) = rest.split_once('<') {
        assert!(!text.contains('>') || open.last().is_some_and(|tag| tag == "style"), "{text}");
        let (tag, after) = from.split_once('>').unwrap();
        rest = after;
        match tag.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop().as_deref(), Some(name)),
            None => {
                let name = tag.split([' ', '/']).next().unwrap();
                assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
                if name != "meta" && !tag.ends_with('/') {
                    open.push(name.to_owned());
                }
                all.push(tag.to_owned());
            }
        }
    }
    assert!(open.is_empty() && rest.trim().is_empty(), "{open:?}");
    all
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    tag.split_once(&format!(" {name}=\""))?.1.split_once('"').map(|(value, _)| value)
}

#[test]
fn the_page_stands_alone_and_can_be_read_aloud() {
    let (world, ids) = world();
    for (language, words) in [("en", "Who saw what"), ("id", "Siapa melihat apa")] {
        let page = page(&world, &format!("--since 2020-01-01 --lang {language}"), &format!("{language}.html"));
        assert!(page.contains(words));
        let tags = tags(&page);
        assert_eq!(attribute(&tags[0], "lang"), Some(language));

        // Nothing is fetched, nothing runs, nothing leads away.
        assert!(page.contains("default-src 'none'"));
        let acts = [
            "script",
            "link",
            "iframe",
            "object",
            "embed",
            "img",
            "image",
            "use",
            "form",
            "a",
            "base",
            "foreignObject",
        ];
        for tag in &tags {
            let name = tag.split([' ', '/']).next().unwrap();
            assert!(!acts.contains(&name), "{tag}");
            for attribute in ["src", "href", "xlink:href", "action", "style"] {
                assert!(self::attribute(tag, attribute).is_none(), "{tag}");
            }
            assert!(!tag.contains(" on") && !tag.contains("http-equiv=\"refresh"), "{tag}");
        }
        for text in ["://", "url(", "@import", "javascript:"] {
            assert!(!page.contains(text), "{text}");
        }

        // Ids are there once, and what refers to one finds it.
        let ids_of: Vec<&str> = tags.iter().filter_map(|tag| attribute(tag, "id")).collect();
        let distinct: BTreeSet<&str> = ids_of.iter().copied().collect();
        assert_eq!(ids_of.len(), distinct.len());
        for tag in &tags {
            for name in attribute(tag, "aria-labelledby").unwrap_or_default().split_whitespace() {
                assert!(distinct.contains(name), "{tag}");
            }
        }
        // Each chart has a name, a description, and a table with a caption after it.
        let charts = page.matches("<svg ").count();
        assert_eq!((charts, page.matches("<svg viewBox=").count()), (4, 4));
        assert_eq!(page.matches("role=\"img\" aria-labelledby=").count(), charts);
        assert_eq!((page.matches("<title id=").count(), page.matches("<desc id=").count()), (charts, charts));
        for after in page.split("</figure>").skip(1) {
            assert!(
                after.starts_with("<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label="),
                "{}",
                &after[..80]
            );
        }
        assert_eq!(page.matches("<table>").count(), page.matches("<caption>").count());
        assert!(tags.iter().filter(|tag| tag.starts_with("th ")).all(|tag| attribute(tag, "scope").is_some()));

        // No child is named, by no name and by no id.
        assert!(!page.contains("Contoh") && ids.iter().all(|id| !page.contains(&id[..8])));
        assert!(!page.contains("alasan-tersegel"), "a reason is sealed");
    }
}

#[test]
fn its_numbers_are_those_of_the_ledger() {
    let (world, _) = world();
    let told = run(&mut by(&world, REGISTRY), "audit report --html a.html --json").json();
    let sum = &told["report"]["sum"];
    assert_eq!((&sum["refused"], &sum["written"]), (&4.into(), &2.into()));
    let entries = cmd::entries(&world);
    assert_eq!(told["report"]["entries"], entries.len());
    let members = told["report"]["members"].as_array().unwrap();
    let of = |member: &str| members.iter().find(|row| row[0] == member).unwrap()[1].clone();
    assert_eq!((&of(CLINICAL)["refused"], &of(KPAI)["opened"]), (&4.into(), &1.into()));
    let refused = told["unusual"].as_array().unwrap().iter().find(|one| one["rule"] == "refused").unwrap();
    assert_eq!(refused["member"], CLINICAL);
    // What is later than the stretch of time is not in it; a file that exists is left alone.
    let none = run(&mut by(&world, REGISTRY), "audit report --html b.html --until 2020-01-01 --json").json();
    assert_eq!(none["report"]["entries"], 0);
    tags(&fs::read_to_string(world.path().join("b.html")).unwrap());
    run(&mut by(&world, REGISTRY), "audit report --html a.html --json").refused(3, "file-exists");
}

#[test]
fn what_went_from_one_institution_to_another_and_how_long_it_took() {
    let world = World::new();
    run(&mut by(&world, REGISTRY), "init vault --charter charter.toml").ok();
    run(&mut by(&world, REGISTRY), "record add child child_code=A-1 full_name=Contoh -p care").ok();
    let added = "--json record add intake --of A-1 intake_date=2026-01-05 referrer=Rahasia -p care";
    let record = run(&mut by(&world, REGISTRY), added).json()["record"].as_str().unwrap().to_owned();
    let until = jiff::Timestamp::now().checked_add(jiff::SignedDuration::from_hours(72)).unwrap();
    let until = until.strftime("%Y-%m-%d");
    let ask = format!("--json request new {record} -c sealed --until {until} -p case_conference -r Konferensi");
    let ids: Vec<String> =
        (0..2).map(|_| run(&mut by(&world, HEAD), &ask).json()["request"].as_str().unwrap().to_owned()).collect();
    run(&mut by(&world, KPAI), &format!("release approve {}", ids[0])).ok();
    run(&mut by(&world, HEAD), &format!("release open {}", ids[0])).ok();
    let told = run(&mut by(&world, REGISTRY), "audit report --html a.html --json").json();
    let releases = told["releases"].as_array().unwrap();
    assert_eq!(releases.len(), 2);
    let answered = releases.iter().find(|one| one["request"] == ids[0].as_str()).unwrap();
    assert_eq!((&answered["asker"], &answered["given"][0]["group"]), (&HEAD.into(), &"kpai/reviewers".into()));
    assert!(answered["answer_seconds"].as_i64().is_some() && answered["opening_seconds"].as_i64().is_some());
    let waits = releases.iter().find(|one| one["request"] == ids[1].as_str()).unwrap();
    assert!(waits["answer_seconds"].is_null() && waits["given"].as_array().unwrap().is_empty());
    let page = fs::read_to_string(world.path().join("a.html")).unwrap();
    tags(&page);
    assert!(page.contains("waits for an answer") && !page.contains("Rahasia"));
}

#[test]
fn break_glass_stands_first_until_each_is_acknowledged() {
    let world = World::new();
    let path = world.path().join("charter.toml");
    let group =
        "[[group]]\nid = \"handayani/emergency\"\nmembers = [\"handayani/budi\"]\n\n[[group]]\nid = \"kpai/reviewers\"";
    let glass = "id = \"sealed\"\nbreak_glass = { any = 1, of = [\"handayani/emergency\"] }\n";
    let charter = fs::read_to_string(&path).unwrap();
    let charter = charter.replacen("[[group]]\nid = \"kpai/reviewers\"", group, 1);
    fs::write(&path, charter.replacen("id = \"sealed\"\n", glass, 1)).unwrap();
    run(&mut by(&world, REGISTRY), "init vault --charter charter.toml").ok();
    run(&mut by(&world, REGISTRY), "record add child child_code=A-1 full_name=Contoh -p care").ok();
    let added = "--json record add intake --of A-1 intake_date=2026-01-05 referrer=Rahasia -p care";
    let record = run(&mut by(&world, REGISTRY), added).json()["record"].as_str().unwrap().to_owned();
    let mut broken = Vec::new();
    for _ in 0..2 {
        run(&mut by(&world, CLINICAL), &format!("record show {record} --break-glass -p emergency -r Gawat")).ok();
        // The log shows these before all others, so places do not count.
        let entries = cmd::entries(&world);
        let glass = entries.iter().filter(|entry| entry["action"] == "glass.break");
        broken.push(glass.map(|entry| entry["seq"].as_u64().unwrap()).max().unwrap());
    }
    // Also in a report of another time, and by rules that do not look for it.
    fs::write(world.path().join("rules.toml"), "[break_glass]\non = false\n").unwrap();
    let open = |file: &str| {
        let line = format!("audit report --html {file} --until 2020-01-01 --rules rules.toml --json");
        let told = run(&mut by(&world, REGISTRY), &line).json();
        let page = fs::read_to_string(world.path().join(file)).unwrap();
        tags(&page);
        let alarm = page.find("<section class=\"alarm\"");
        assert!(alarm.is_none_or(|at| at < page.find("<section aria").unwrap()), "it stands first");
        let entries = |one: &serde_json::Value| one["entries"].as_array().unwrap().clone();
        let open: Vec<_> = told["unacknowledged"].as_array().unwrap().iter().flat_map(entries).collect();
        assert_eq!(alarm.is_some(), !open.is_empty());
        open.iter().map(|entry| entry.as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(open("a.html"), broken);
    run(&mut by(&world, KPAI), &format!("glass acknowledge {}", broken[1])).ok();
    assert_eq!(open("b.html"), broken[..1]);
    let unusual = run(&mut by(&world, REGISTRY), "audit unusual --json").json();
    let glass = unusual.as_array().unwrap().iter().filter(|one| one["rule"] == "break_glass");
    assert_eq!(glass.map(|one| one["acknowledged"].as_bool().unwrap()).collect::<Vec<_>>(), [false, true]);
    run(&mut by(&world, KPAI), &format!("glass acknowledge {}", broken[0])).ok();
    assert!(open("c.html").is_empty());
}

#[test]
fn a_browser_shows_and_prints_it() {
    let Some(browser) = ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find(|name| Process::new(name).arg("--version").output().is_ok_and(|output| output.status.success()))
    else {
        eprintln!("skipped: there is no Chromium here");
        return;
    };
    let (world, _) = world();
    page(&world, "--lang id", "page.html");
    let url = format!("file://{}", world.path().join("page.html").display());
    let browse = |words: &[&str], profile: &str| {
        let mut command = Process::new("timeout");
        command.args(["90", browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]);
        command.arg(format!("--user-data-dir={}", world.path().join(profile).display()));
        let output = command.args(words).arg(&url).current_dir(world.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    browse(&["--window-size=1000,4200", "--screenshot=page.png"], "one");
    browse(&["--no-pdf-header-footer", "--print-to-pdf=page.pdf"], "two");
    // The browser's own reading of it: nothing was mended.
    let dom = browse(&["--dump-dom"], "three");
    for part in ["<svg viewBox=", "<caption>", "<section ", "<th scope=\"row\">"] {
        let written = fs::read_to_string(world.path().join("page.html")).unwrap();
        assert_eq!(dom.matches(part).count(), written.matches(part).count(), "{part}");
    }
    let length = |name: &str| fs::metadata(world.path().join(name)).unwrap().len();
    assert!(length("page.png") > 30_000 && length("page.pdf") > 10_000);
    if let Some(kept) = std::env::var_os("AMANAH_KEEP_PAGES") {
        for name in ["page.html", "page.png", "page.pdf"] {
            fs::copy(world.path().join(name), Path::new(&kept).join(name)).unwrap();
        }
    }
}

//! One family, its members and children, and what happens from intake to closure.

use jiff::civil::Date;

use super::{LAST_DAY, Record, days, later, rng::Rng, words::*};

/// Puts records together, and counts what must not be given out twice.
#[derive(Default)]
pub(super) struct Writer {
    pub(super) records: Vec<Record>,
    families: usize,
    children: usize,
    numbers: usize,
}

/// What is decided for a family as a whole.
struct Family {
    index: usize,
    arrival: Date,
    abroad: bool,
    region: (&'static str, &'static str),
    religion: &'static str,
    /// The region that its numbers begin with, which is none.
    area: usize,
    kk: String,
    /// Where the children go, the choice's key and how a note calls it.
    placement: (&'static str, &'static str),
    placement_address: String,
    accepted: bool,
    referrer: String,
    /// Whether a parent or guardian could be asked.
    consents: bool,
}

/// What is decided for a child.
struct Child {
    index: usize,
    age: i64,
    /// Whether the child goes to school after leaving.
    at_school: bool,
}

impl Writer {
    /// Writes a family that arrives on that day with so many children.
    pub(super) fn family(&mut self, rng: &mut Rng, arrival: Date, children: usize) {
        self.families += 1;
        let region = *rng.pick(REGIONS);
        let abroad = rng.chance(35);
        let accepted = rng.chance(75);
        let address = address(rng, region.1);
        let people = people(rng);
        let placement = placement(rng, &people);
        let religion =
            if rng.chance(85) { "islam" } else { *rng.pick(&["protestant", "catholic", "hindu", "buddhist"]) };
        let recorded = later(arrival, -(rng.between(200, 3000) as i64));
        let referrer = if abroad {
            (*rng.pick(REFERRERS_ABROAD)).to_owned()
        } else {
            format!("{} {}", rng.pick(REFERRERS), region.1)
        };
        let area = 101 + rng.below(900);
        let family = Family {
            index: self.records.len(),
            arrival,
            abroad,
            region,
            religion,
            area,
            kk: self.number(area, recorded, false),
            placement,
            placement_address: if placement.0 == "parents" { address.clone() } else { self::address(rng, region.1) },
            accepted,
            referrer,
            consents: rng.chance(85),
        };
        let head = people.iter().find(|person| person.lives).map(|person| person.name.clone());
        let acceptance: &[&str] = if accepted { &["accepted", "partly"] } else { &["rejected", "not_assessed"] };
        let record = Record::new("family", None)
            .with("family_code", format!("K-{}-{:03}", arrival.year(), self.families))
            .with_some("head_name", head)
            .with("address", address)
            .with("region_code", region.0)
            .with_some("phone", rng.chance(80).then(|| format!("0840-{:04}-{:04}", rng.below(10_000), self.families)))
            .with("economy", *rng.pick(&["very_poor", "poor", "vulnerable", "adequate", "unknown"]))
            .with("acceptance", *rng.pick(acceptance));
        self.records.push(record);
        for person in people {
            self.member(rng, &family, person);
        }

        // The eldest first, and mostly at least a year between two.
        let mut age = rng.between(children * 2, 17) as i64;
        for _ in 0..children {
            self.child(rng, &family, age);
            age = (age - rng.between(1, 2) as i64).max(0);
        }
    }

    fn member(&mut self, rng: &mut Rng, family: &Family, person: Person) {
        let years = if person.relation.starts_with("grand") { rng.between(55, 72) } else { rng.between(38, 52) };
        let born = later(family.arrival, -(years as i64 * 365 + rng.below(365) as i64));
        let risk = match person.status {
            "none" => "none",
            "unknown" => "not_assessed",
            _ => *rng.pick(&["low", "medium"]),
        };
        let record = Record::new("member", Some(family.index))
            .with("m_name", person.name)
            .with("m_nik", self.number(family.area, born, person.woman))
            .with("relation", person.relation)
            .with("is_caregiver", yes_no(person.cares))
            .with("is_alive", yes_no(person.lives))
            .with_some("occupation", person.lives.then(|| *rng.pick(OCCUPATIONS)))
            .with("legal_status", person.status)
            .with("risk_to_child", risk);
        self.records.push(record);
    }

    fn child(&mut self, rng: &mut Rng, family: &Family, age: i64) {
        self.children += 1;
        let girl = rng.chance(50);
        let born = later(family.arrival, -(age * 365 + 30 + rng.below(300) as i64));
        let name = if girl { woman(rng) } else { man(rng) };
        // Whoever was born within the years abroad was born there.
        let place = if family.abroad && age < 5 { *rng.pick(ABROAD) } else { town(family.region.1) };
        let registered = !family.abroad || rng.chance(60);
        let code = format!("{}-{:03}", family.arrival.year(), self.children);
        let record = Record::new("child", Some(family.index))
            .with("child_code", format!("A-{code}"))
            .with("full_name", name.clone())
            .with_some("alias", rng.chance(70).then(|| name.split(' ').next().unwrap_or_default().to_owned()))
            .with_some("nik", registered.then(|| self.number(family.area, born, girl)))
            .with("no_kk", family.kk.clone())
            .with_some(
                "birth_cert_no",
                registered.then(|| {
                    format!("9971-LU-{:02}{:02}{}-{:04}", born.day(), born.month(), born.year(), self.children)
                }),
            )
            .with("birth_place", place)
            .with("birth_date", born.to_string())
            .with("birth_estimated", yes_no(!registered && rng.chance(40)))
            .with("sex", if girl { "female" } else { "male" })
            .with("religion", family.religion)
            .with("citizenship", if registered || rng.chance(50) { "indonesian" } else { "undetermined" })
            .with("photo", format!("F-{code}"))
            .with(
                "education",
                match age {
                    ..=3 => "none",
                    4..=6 => "preschool",
                    7..=12 => "elementary",
                    13..=15 => "junior",
                    _ => "senior",
                },
            )
            .with(
                "disability",
                if rng.chance(92) {
                    "none"
                } else {
                    *rng.pick(&["physical", "sight", "hearing", "speech; intellectual"])
                },
            )
            .with("origin", if family.abroad { "abroad" } else { "domestic" });
        let index = self.records.len();
        self.records.push(record);
        let at_school = rng.chance(80);
        self.case(rng, family, &Child { index, age, at_school });
    }

    /// From intake to closure, or to the last day of the register.
    fn case(&mut self, rng: &mut Rng, family: &Family, child: &Child) {
        let stay = rng.between(150, 330) as i64;
        self.intake(rng, family, child);
        let mut day = 8 + rng.below(7) as i64;
        self.assessment(rng, family, child, day, true);
        while day < stay - 40 {
            day += rng.between(18, 45) as i64;
            self.service(rng, family, child, day);
        }
        self.assessment(rng, family, child, day + 5, false);
        let conference = day + 12 + rng.below(10) as i64;
        self.best_interest(rng, family, child, conference);
        let mut visit = conference.max(stay) + 30;
        for _ in 0..rng.between(1, 3) {
            self.aftercare(rng, family, child, visit);
            visit += rng.between(60, 100) as i64;
        }
        self.closure(rng, family, child, visit);
    }

    fn intake(&mut self, rng: &mut Rng, family: &Family, child: &Child) {
        let category = match (family.abroad, child.age) {
            (true, _) => *rng.pick(&["network_victim", "separated"]),
            (false, 14..) => *rng.pick(&["network_victim", "stigma", "conflict_with_law", "witness"]),
            _ => *rng.pick(&["network_victim", "stigma", "separated"]),
        };
        let record = Record::new("intake", Some(child.index))
            .with("intake_date", family.arrival.to_string())
            .with("referrer", family.referrer.clone())
            .with(
                "handover_no",
                format!("BAST/{:03}/{:02}/{}", self.children, family.arrival.month(), family.arrival.year()),
            )
            .with("category", category)
            .with("repatriation", if family.abroad { *rng.pick(REPATRIATION) } else { "Tidak ada riwayat repatriasi." })
            .with("guardian_consent", if family.consents { "given" } else { "not_reachable" })
            .with("child_assent", if child.age < 7 { "too_young" } else { "given" })
            .with("legal_basis", if family.consents && rng.chance(30) { "consent" } else { "public_task" });
        self.records.push(record);
    }

    fn assessment(&mut self, rng: &mut Rng, family: &Family, child: &Child, day: i64, first: bool) {
        let views = match child.age {
            ..=3 => "Anak belum dapat menyampaikan pendapat; diamati tenang saat bersama pengasuhnya.",
            _ => *rng.pick(VIEWS),
        };
        let levels: &[&str] = if first { &["low", "low", "medium", "not_assessed"] } else { &["low", "low", "medium"] };
        let exposure: &[&str] = if child.age < 7 { &["none", "low"] } else { &["none", "low", "medium"] };
        let record = Record::new("assessment", Some(child.index))
            .with("assess_date", later(family.arrival, day).to_string())
            .with("assessor", *rng.pick(STAFF))
            .with("health", *rng.pick(HEALTH))
            .with("psych", *rng.pick(PSYCH))
            .with("violence_history", *rng.pick(VIOLENCE))
            .with("exposure", *rng.pick(exposure))
            .with("risk_level", *rng.pick(levels))
            .with("child_views", views);
        self.dated(record, later(family.arrival, day));
    }

    fn service(&mut self, rng: &mut Rng, family: &Family, child: &Child, day: i64) {
        // Nobody teaches a trade to a small child.
        let (component, note) = loop {
            let (component, note) = *rng.pick(NOTES);
            if component != "vocational" || child.age >= 13 {
                break (component, note);
            }
        };
        let date = later(family.arrival, day);
        let record = Record::new("service", Some(child.index))
            .with("atensi_component", component)
            .with(
                "approach",
                if component == "family_support" {
                    "family"
                } else {
                    *rng.pick(&["residential", "residential", "community"])
                },
            )
            .with("service_date", date.to_string())
            .with("provider", *rng.pick(STAFF))
            .with("service_note", note)
            .with("progress", *rng.pick(PROGRESS));
        self.dated(record, date);
    }

    fn best_interest(&mut self, rng: &mut Rng, family: &Family, child: &Child, day: i64) {
        let date = later(family.arrival, day);
        let participants = ["Pekerja sosial", "Psikolog", "Pengasuh", "Orang tua/wali"].join("; ");
        let record = Record::new("best_interest", Some(child.index))
            .with("conference_date", date.to_string())
            .with("participants", format!("{participants}; Dinas Sosial {}", family.region.1))
            .with("options", *rng.pick(OPTIONS))
            .with("decision", format!("Anak diasuh oleh {}, dengan bimbingan lanjut.", family.placement.1))
            .with("rationale", *rng.pick(RATIONALE))
            .with("approver", *rng.pick(STAFF))
            .with("review_date", later(date, 180).to_string());
        self.dated(record, date);
    }

    fn aftercare(&mut self, rng: &mut Rng, family: &Family, child: &Child, day: i64) {
        let date = later(family.arrival, day);
        let age = child.age + days(family.arrival, date) / 365;
        let school = match age {
            ..=5 => "not_of_age",
            18.. => "completed",
            _ if child.at_school => "enrolled",
            _ => *rng.pick(&["equivalency", "not_enrolled"]),
        };
        let stigma = if family.accepted || rng.chance(40) {
            if school == "enrolled" && rng.chance(50) {
                format!("Tidak ada kejadian. Bersekolah di {} {}.", rng.pick(schools(age)), rng.between(1, 12))
            } else {
                "Tidak ada kejadian yang dilaporkan.".to_owned()
            }
        } else {
            (*rng.pick(STIGMA)).to_owned()
        };
        let record = Record::new("aftercare", Some(child.index))
            .with("placement_type", family.placement.0)
            .with("placement_address", family.placement_address.clone())
            .with("visit_date", date.to_string())
            .with("school_status", school)
            .with("stigma_event", stigma);
        self.dated(record, date);
    }

    fn closure(&mut self, rng: &mut Rng, family: &Family, child: &Child, day: i64) {
        let date = later(family.arrival, day);
        let reason = match (child.age + days(family.arrival, date) / 365, family.placement.0) {
            (18.., _) => "of_age",
            (_, "parents" | "relatives") => "reintegrated",
            _ if rng.chance(80) => "alternative_care",
            _ => "referred",
        };
        let record = Record::new("closure", Some(child.index))
            .with("closure_date", date.to_string())
            .with("closure_reason", reason)
            .with("handed_to", format!("Dinas Sosial {}", family.region.1))
            .with("retention_until", later(date, 25 * 365).to_string());
        self.dated(record, date);
    }

    /// Writes a record of that day, unless the register ends before.
    fn dated(&mut self, record: Record, date: Date) {
        if date <= LAST_DAY {
            self.records.push(record);
        }
    }

    /// An identity number of a province that does not exist.
    fn number(&mut self, area: usize, date: Date, woman: bool) -> String {
        self.numbers += 1;
        let day = date.day() + if woman { 40 } else { 0 };
        format!("99{area:04}{day:02}{:02}{:02}{:04}", date.month(), date.year() % 100, self.numbers)
    }
}

struct Person {
    name: String,
    woman: bool,
    relation: &'static str,
    cares: bool,
    lives: bool,
    status: &'static str,
}

/// Father and mother, and whoever cares for the children if neither does.
fn people(rng: &mut Rng) -> Vec<Person> {
    let father_cares = rng.chance(20);
    let father_lives = father_cares || rng.chance(80);
    let status = match (father_lives, father_cares) {
        (false, _) => "none",
        (true, true) => *rng.pick(&["none", "released"]),
        (true, false) => *rng.pick(&["none", "convicted", "released", "unknown"]),
    };
    let mother_cares = !father_cares && rng.chance(70);
    let mother_lives = mother_cares || rng.chance(85);
    let mut people = vec![
        Person { name: man(rng), woman: false, relation: "father", cares: father_cares, lives: father_lives, status },
        Person {
            name: woman(rng),
            woman: true,
            relation: "mother",
            cares: mother_cares,
            lives: mother_lives,
            status: if mother_lives && rng.chance(15) { "witness" } else { "none" },
        },
    ];
    if !father_cares && !mother_cares {
        let (relation, woman_cares) =
            *rng.pick(&[("grandmother", true), ("grandfather", false), ("uncle", false), ("aunt", true)]);
        let name = if woman_cares { woman(rng) } else { man(rng) };
        people.push(Person { name, woman: woman_cares, relation, cares: true, lives: true, status: "none" });
    }
    people
}

/// Mostly to whoever cares for them: the choice's key, and how a note calls it.
fn placement(rng: &mut Rng, people: &[Person]) -> (&'static str, &'static str) {
    if rng.chance(15) {
        return *rng.pick(&[
            ("guardian", "wali yang ditetapkan"),
            ("institution", "lembaga kesejahteraan sosial anak di daerah asal"),
        ]);
    }
    match people.iter().find(|person| person.cares).map(|person| person.relation) {
        Some("father") => ("parents", "ayah kandung"),
        Some("mother") => ("parents", "ibu kandung"),
        Some("grandmother") => ("relatives", "nenek"),
        Some("grandfather") => ("relatives", "kakek"),
        Some("aunt") => ("relatives", "keluarga bibi"),
        _ => ("relatives", "keluarga paman"),
    }
}

fn man(rng: &mut Rng) -> String {
    format!("{} {}", rng.pick(BOYS), rng.pick(BOYS_LAST))
}

fn woman(rng: &mut Rng) -> String {
    format!("{} {}", rng.pick(GIRLS), rng.pick(GIRLS_LAST))
}

fn address(rng: &mut Rng, region: &str) -> String {
    format!(
        "Jl. {} No. {}, RT {:02}/RW {:02}, {}, {region}",
        rng.pick(STREETS),
        rng.between(1, 120),
        rng.between(1, 12),
        rng.between(1, 9),
        rng.pick(VILLAGES),
    )
}

/// The place without what kind of place it is.
fn town(region: &'static str) -> &'static str {
    region.split_once(' ').map_or(region, |(_, town)| town)
}

fn schools(age: i64) -> &'static [&'static str] {
    match age {
        ..=12 => &["SDN", "MI"],
        13..=15 => &["SMPN", "MTs"],
        _ => &["SMAN", "SMKN", "MA"],
    }
}

fn yes_no(yes: bool) -> &'static str {
    if yes { "ya" } else { "tidak" }
}

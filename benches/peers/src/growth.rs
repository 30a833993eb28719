//! How the vault grows: the same work with 1,000 records and with many more.

use std::{collections::BTreeMap, path::Path, time::Instant};

use amanah::vault::By;

use crate::{
    child,
    ours::{self, Index, Open},
    peer::{bytes_below, median},
    table::told,
};

/// Figures at one size, by name.
pub struct Point {
    pub records: usize,
    pub figures: BTreeMap<String, u64>,
}

/// What grows: the name of a figure, whose end is its unit, and what it is called.
pub const CURVES: [(&str, &str); 10] = [
    ("import_ns", "import, a record"),
    ("more_ns", "import of 1,000 more, a record"),
    ("plain_ns", "import without an index, a record"),
    ("read_ns", "read by id, a record"),
    ("number_us", "search by number, with its entry"),
    ("name_us", "search by name, with its entry"),
    ("cold_us", "cold opening and one read, CPU besides scrypt"),
    ("sled_us", "of that, sled's own opening"),
    ("rows_us", "sled opening the lower bound's rows"),
    ("bytes", "bytes on disk, a record"),
];

/// The same of what is not fitted.
const MEMORY: [(&str, &str); 3] = [
    ("import_kib", "memory of the importer"),
    ("more_kib", "memory of an importer of 1,000 more"),
    ("hwm_kib", "memory of a reader that searches"),
];

pub fn measure(place: &Path, sizes: &[usize]) -> Vec<Point> {
    sizes
        .iter()
        .map(|size| {
            println!("# {size} records");
            let folder = |name: &str| {
                let folder = place.join(format!("{name}-{size}"));
                std::fs::create_dir(&folder).unwrap();
                folder
            };
            let (plain, indexed) = (folder("plain"), folder("indexed"));
            let words =
                |folder: &Path, how: &str| child::figures(&["fill", folder.to_str().unwrap(), &size.to_string(), how]);
            let mut figures = BTreeMap::new();
            figures.insert("plain_ns".to_owned(), words(&plain, "plain")["import_ns"]);
            std::fs::remove_dir_all(&plain).unwrap();
            let filled = words(&indexed, "index");
            figures.insert("import_ns".to_owned(), filled["import_ns"]);
            figures.insert("import_kib".to_owned(), filled["hwm_kib"]);
            figures.insert("bytes".to_owned(), bytes_below(&indexed.join("vault")) / *size as u64);
            figures.extend(middle("use", &indexed, "cold_us"));
            let more = child::figures(&["more", indexed.to_str().unwrap(), &size.to_string()]);
            figures.insert("more_ns".to_owned(), more["more_ns"]);
            figures.insert("more_kib".to_owned(), more["hwm_kib"]);
            std::fs::remove_dir_all(&indexed).unwrap();
            let rows = folder("rows");
            child::figures(&["fill-rows", rows.to_str().unwrap(), &size.to_string()]);
            figures.insert("rows_us".to_owned(), middle("open-rows", &rows, "rows_us")["rows_us"]);
            std::fs::remove_dir_all(&rows).unwrap();
            Point { records: *size, figures }
        })
        .collect()
}

/// The figures of the middle one of three processes, by one of them.
fn middle(task: &str, folder: &Path, by: &str) -> BTreeMap<String, u64> {
    let mut three: Vec<_> = (0..3).map(|_| child::figures(&[task, folder.to_str().unwrap()])).collect();
    three.sort_by_key(|figures| figures[by]);
    three.swap_remove(1)
}

/// In a process of its own: a vault with so many records.
pub fn fill(folder: &Path, count: usize, index: bool) {
    let mut open = Open::found(folder, if index { Index::Full } else { Index::None });
    let took = open.import_records(amanah::records::wide::records(count, 1));
    open.close();
    println!("import_ns {}", took.as_nanos() / count as u128);
}

/// How many records [`more`] imports.
const MORE: usize = 1_000;

/// In a process of its own: opens a vault that has so many records, and imports a few more.
pub fn more(folder: &Path, there: usize) {
    // Those before are made again as well: not while the clock runs.
    let drafts: Vec<_> = amanah::records::wide::records(there + MORE, 1).skip(there).collect();
    let mut open = Open::at(folder);
    let took = open.import_records(drafts.into_iter());
    open.close();
    println!("more_ns {}", took.as_nanos() / MORE as u128);
}

/// In a process of its own: opens the vault, reads, searches.
pub fn use_it(folder: &Path) {
    let identity = Open::identity(folder);
    let before = child::cpu_time();
    let mut open = Open::open_as(folder, identity);
    let (vault, actor) = open.both();
    let first = vault.line(1).unwrap().entry().subjects[0].records[0];
    let shown = vault.read_record(actor, crate::scene::WHY, &first, None, None).unwrap();
    assert_eq!(shown.cells.len(), 20);
    println!("cold_us {}", (child::cpu_time() - before).as_micros());
    let some: Vec<_> = amanah::records::wide::records(100, 1).collect();
    let wanted = open.ids(500);
    let read = median((0..5).map(|_| {
        let begun = Instant::now();
        assert_eq!(open.read_all(&wanted), 20 * wanted.len());
        begun.elapsed() / wanted.len() as u32
    }));
    println!("read_ns {}", read.as_nanos());
    let schema = open.both().0.schema().clone();
    // The first search of a class opens its key: warm is from the second on.
    let number = |open: &mut Open, at: usize| {
        let by = ours::number(&schema, some[at].get("nik").unwrap());
        let begun = Instant::now();
        assert_eq!(open.find("nik", by), 1);
        begun.elapsed()
    };
    number(&mut open, 99);
    println!("number_us {}", median((0..50).map(|at| number(&mut open, at))).as_micros());
    let name = |open: &mut Open, at: usize| {
        let by = By::Name(some[at].get("full_name").unwrap().to_owned());
        let begun = Instant::now();
        assert!(open.find("full_name", by) > 0);
        begun.elapsed()
    };
    name(&mut open, 99);
    println!("name_us {}", median((0..20).map(|at| name(&mut open, at))).as_micros());
    open.close();
    sled_opens("sled_us", &folder.join("vault/store"));
}

/// What it takes sled to open a folder, and nothing more.
pub fn sled_opens(figure: &str, folder: &Path) {
    let before = child::cpu_time();
    drop(sled::Config::new().path(folder).open().unwrap());
    println!("{figure} {}", (child::cpu_time() - before).as_micros());
}

/// The slope of the logarithms: 0 is flat, 1 grows with the number of records.
pub fn slope(points: &[Point], name: &str) -> f64 {
    let logs: Vec<(f64, f64)> =
        points.iter().map(|point| ((point.records as f64).ln(), (point.figures[name].max(1) as f64).ln())).collect();
    let count = logs.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| logs.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|log| log.0), mean(|log| log.1));
    let over: f64 = logs.iter().map(|log| (log.0 - x) * (log.1 - y)).sum();
    let under: f64 = logs.iter().map(|log| (log.0 - x).powi(2)).sum();
    over / under
}

pub fn print(points: &[Point]) {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::ASCII_MARKDOWN);
    let sizes = points.iter().map(|point| point.records.to_string());
    table.set_header(std::iter::once("amanah, by records".to_owned()).chain(sizes).chain(["grows as n^".to_owned()]));
    for (name, label) in CURVES {
        let figure = |point: &Point| {
            let value = point.figures[name];
            match name.rsplit_once('_').map(|(_, unit)| unit) {
                Some("ns") => told(std::time::Duration::from_nanos(value)),
                Some("us") => told(std::time::Duration::from_micros(value)),
                _ => format!("{value} B"),
            }
        };
        let slope = if points.len() > 1 { format!("{:.2}", slope(points, name)) } else { String::new() };
        table.add_row(std::iter::once(label.to_owned()).chain(points.iter().map(figure)).chain([slope]));
    }
    for (name, label) in MEMORY {
        let figure = |point: &Point| format!("{:.0} MiB", point.figures[name] as f64 / 1024.0);
        table.add_row(std::iter::once(label.to_owned()).chain(points.iter().map(figure)).chain([String::new()]));
    }
    println!("\n{table}");
}

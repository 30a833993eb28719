//! The page about dependencies speaks of every one.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use std::{fs, path::Path};

#[test]
fn the_page_names_every_direct_dependency() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest: toml::Table = fs::read_to_string(root.join("Cargo.toml")).unwrap().parse().unwrap();
    let page = fs::read_to_string(root.join("docs/DEPENDENCIES.md")).unwrap();
    let mut missing = Vec::new();
    for table in ["dependencies", "dev-dependencies"] {
        let names = manifest[table].as_table().unwrap().keys();
        missing.extend(names.filter(|name| !page.contains(&format!("`{name}`"))).cloned());
    }
    assert!(missing.is_empty(), "not on the page: {missing:?}");
}

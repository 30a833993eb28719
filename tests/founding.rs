//! Who may found a vault, and what a charter asks for before it lets look.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod common;

use amanah::{
    custody::{self, CharterError},
    records::template,
    vault::{self, Access, VaultError},
};
use common::{CARE, CLINICAL, HEAD, KPAI, REGISTRY, World, draft};

#[test]
fn an_overseer_does_not_make_the_vault() {
    let world = World::new();
    let founding = vault::Founding { charter: world.charter(), schema: template::sentra() };
    let errors = vault::create(&world.vault_dir(), founding, world.identity(KPAI), &world.options()).unwrap_err();
    assert!(matches!(&errors[..], [VaultError::Charter(CharterError::Founder { member })] if member == KPAI));
    assert!(!world.vault_dir().exists());
}

#[test]
fn a_reason_is_wanted_for_the_purpose_or_for_the_class() {
    let world = World::new();
    let toml = std::fs::read_to_string(world.path().join("charter.toml")).unwrap();
    let toml = toml.replace("id = \"sensitive\"", "id = \"sensitive\"\nreason = true");
    let charter = custody::Draft::read(&toml, "charter.toml", world.path()).unwrap();
    let founding = vault::Founding { charter, schema: template::sentra() };
    let (mut vault, mut siti) =
        vault::create(&world.vault_dir(), founding, world.identity(REGISTRY), &world.options()).unwrap();
    let schema = vault.schema().clone();
    let given = [("child_code", "A-1"), ("full_name", "Contoh Anak")];
    let child = vault.create_record(&mut siti, CARE, "child", &draft(&schema, "child", &given)).unwrap().record;

    let before = vault.size();
    let oversight = Access { purpose: Some("oversight"), reason: Some(" ") };
    let error = vault.read_record(&mut siti, oversight, &child, None, None).unwrap_err();
    assert!(matches!(error, VaultError::NoReason { purpose } if purpose == "oversight"));
    // Siti cannot open the class that wants a reason: nobody asks her for one.
    vault.read_record(&mut siti, CARE, &child, None, None).unwrap();
    assert_eq!(vault.size(), before + 1);
    vault.close(&mut siti).unwrap();

    for member in [CLINICAL, HEAD] {
        let (mut vault, mut actor) = world.open(member);
        let error = vault.read_record(&mut actor, CARE, &child, None, None).unwrap_err();
        assert!(matches!(error, VaultError::ClassReason { class } if class == "sensitive"));
        let care = Access { reason: Some("before the case conference"), ..CARE };
        vault.read_record(&mut actor, care, &child, None, None).unwrap();
        vault.close(&mut actor).unwrap();
    }
}

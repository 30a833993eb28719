//! A ledger as a folder of static files that any web server can serve (C2SP `tlog-tiles.md`):
//! hashes in tiles of 256, entries in bundles of 256, and the checkpoint, which is written last.
//!
//! The arithmetic of tiles is `tlog_tiles`'; it names the files as the Go checksum database does,
//! and C2SP names them a little differently.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tlog_tiles::{Hash, HashReader as _, Tile, TileHashReader, TileReader};

use super::{
    LedgerError,
    checkpoint::{self, SignedHead},
    entry::TreeHead,
    proof,
    tree::Nodes,
};
use crate::{crypto::digest::Digest, disk};

/// The height of tiles: 2^8 hashes.
const HEIGHT: u8 = 8;

/// Hashes in a full tile, entries in a full bundle.
const FULL: u64 = 1 << HEIGHT;

/// The largest tree that is looked for in a folder: more entries than a folder could hold, and few
/// enough that no number overflows.
const MAX_TREE: u64 = 1 << 48;

/// The file with the checkpoint.
const CHECKPOINT: &str = "checkpoint";

/// What a publication did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Published {
    /// Entries that were there before.
    pub before: u64,
    /// Entries that are there now.
    pub size: u64,
    /// Files that were written.
    pub files: u64,
}

/// A folder with a published log.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// A folder, which may not exist yet.
    pub fn new(path: &Path) -> Folder {
        Folder { path: path.to_owned() }
    }

    /// The checkpoint that is published; its signatures are not checked. `None` if there is none.
    ///
    /// # Errors
    /// A file that cannot be read, or is no checkpoint.
    pub fn checkpoint(&self) -> Result<Option<SignedHead>, LedgerError> {
        let path = self.path.join(CHECKPOINT);
        match disk::read_shared(&path, checkpoint::MAX_BYTES) {
            Ok(bytes) => Ok(Some(SignedHead::parse(&bytes)?)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(LedgerError::io(&path)(error)),
        }
    }

    /// Writes what the tree of `head` has and the published one (of `before` entries, whose
    /// checkpoint the caller has compared with this tree) has not, then the checkpoint. Killed at
    /// any moment and begun again it comes to the same: full tiles never change, partial ones have
    /// their width in their name, and the checkpoint is replaced whole when all it needs is there.
    ///
    /// `nodes` are the tree's, `line` gives the bytes of an entry, `told` is told of each file.
    ///
    /// # Errors
    /// Nodes or lines that are missing, files that cannot be written.
    pub fn publish(
        &self,
        before: u64,
        head: &SignedHead,
        nodes: &dyn Nodes,
        line: &mut dyn FnMut(u64) -> Result<Vec<u8>, LedgerError>,
        told: &mut dyn FnMut(u64),
    ) -> Result<Published, LedgerError> {
        let size = head.tree().size;
        if size > MAX_TREE || before > size {
            return Err(LedgerError::NotInTree { index: before, size });
        }
        self.make_folders(&self.path)?;
        let mut published = Published { before, size, files: 0 };
        let mut full = Vec::new();
        for tile in Tile::new_tiles(HEIGHT, before, size) {
            let first = tile.level_index() * FULL;
            let last = first + u64::from(tile.width());
            let mut hashes = Vec::with_capacity(tile.width() as usize * 32);
            for n in first..last {
                hashes.extend(nodes.node(tlog_tiles::stored_hash_index(HEIGHT * tile.level(), n))?);
            }
            let path = path(&tile);
            self.write(&path, &hashes)?;
            published.files += 1;
            if tile.level() == 0 {
                let mut bundle = Vec::new();
                for seq in first..last {
                    let entry = line(seq)?;
                    let length = u16::try_from(entry.len()).map_err(|_| LedgerError::TooLong { most: 65_535 })?;
                    bundle.extend(length.to_be_bytes());
                    bundle.extend(entry);
                }
                self.write(&bundle_path(&path), &bundle)?;
                published.files += 1;
                told(last - before.min(last));
            }
            if u64::from(tile.width()) == FULL {
                full.push(path);
            }
        }
        let text = head.note().to_bytes();
        if disk::read_shared(&self.path.join(CHECKPOINT), checkpoint::MAX_BYTES).ok().as_ref() != Some(&text) {
            self.write(CHECKPOINT, &text)?;
            published.files += 1;
        }
        // Nobody needs the parts of what is there whole.
        for path in full {
            for parts in [format!("{path}.p"), format!("{}.p", bundle_path(&path))] {
                match fs::remove_dir_all(self.path.join(&parts)) {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                        return Err(LedgerError::io(&self.path.join(&parts))(error));
                    }
                    _ => {}
                }
            }
        }
        Ok(published)
    }

    /// Proves from the tiles that the tree of `old` is the beginning of that of `new`. Whoever takes
    /// the proof has to check it: `tlog_tiles` 0.2 compares tiles with the tree as it reads them, but
    /// not all of them where the tree's right edge has several parts in one tile.
    ///
    /// # Errors
    /// Tiles that are missing, or do not belong to `new`.
    pub fn consistency(&self, old: u64, new: &TreeHead) -> Result<Vec<Digest>, LedgerError> {
        if old > new.size || new.size > MAX_TREE {
            return Err(LedgerError::NotInTree { index: old, size: new.size });
        }
        if old == 0 || old == new.size {
            return Ok(Vec::new());
        }
        let files = Files { folder: self, failed: std::cell::RefCell::new(None) };
        let reader = TileHashReader::new(new.size, Hash(new.root), &files);
        let nodes = Tiled(&reader);
        proof::consistency(old, new.size, &nodes).map_err(|error| files.failed.take().unwrap_or(error))
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), LedgerError> {
        let path = self.path.join(name);
        self.make_folders(path.parent().unwrap_or(&self.path))?;
        disk::replace_shared(&path, bytes).map_err(LedgerError::io(&path))
    }

    fn make_folders(&self, path: &Path) -> Result<(), LedgerError> {
        disk::make_shared_folders(path).map_err(LedgerError::io(path))
    }
}

/// The tile's file, as C2SP names it.
fn path(tile: &Tile) -> String {
    // The crate's name has the height in it: `tile/8/0/x001/234`.
    tile.path().replacen("tile/8/", "tile/", 1)
}

/// The file with the entries of a tile of leaves.
fn bundle_path(tile: &str) -> String {
    tile.replacen("tile/0/", "tile/entries/", 1)
}

/// Reads tiles from the folder.
struct Files<'a> {
    folder: &'a Folder,
    failed: std::cell::RefCell<Option<LedgerError>>,
}

impl TileReader for Files<'_> {
    fn height(&self) -> u8 {
        HEIGHT
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        let one = |tile: &Tile| {
            let width = tile.width() as usize * 32;
            let whole = Tile::new(HEIGHT, tile.level(), tile.level_index(), 1 << HEIGHT, false);
            // A part may be gone since the whole is there.
            for name in [path(tile), path(&whole)] {
                let file = self.folder.path.join(name);
                match disk::read_shared(&file, FULL * 32) {
                    Ok(mut bytes) if bytes.len() >= width => {
                        bytes.truncate(width);
                        return Ok(bytes);
                    }
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                        return Err(LedgerError::io(&file)(error));
                    }
                    _ => {}
                }
            }
            Err(LedgerError::BadTile { path: path(tile) })
        };
        tiles.iter().map(one).collect::<Result<_, _>>().map_err(|error| {
            self.failed.replace(Some(error));
            tlog_tiles::Error::InvalidTile
        })
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

struct Tiled<'a>(&'a TileHashReader<'a>);

impl Nodes for Tiled<'_> {
    fn node(&self, index: u64) -> Result<Digest, LedgerError> {
        match self.0.read_hashes(&[index]) {
            Ok(hashes) => hashes.first().map(|hash| hash.0).ok_or(LedgerError::NoHash { index }),
            Err(_) => Err(LedgerError::BadTile { path: format!("node {index}") }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{
        crypto::sign::SigningKey,
        id::Id,
        ledger::{Checkpoint, Frontier},
    };

    struct Ledger {
        tree: Frontier,
        nodes: BTreeMap<u64, Digest>,
        heads: Vec<TreeHead>,
    }

    impl Ledger {
        fn new() -> Ledger {
            let tree = Frontier::new();
            let heads = vec![TreeHead { size: 0, root: tree.root() }];
            Ledger { tree, nodes: BTreeMap::new(), heads }
        }

        fn grow(&mut self, size: u64) {
            while self.tree.size() < size {
                self.nodes.extend(self.tree.push(&entry(self.tree.size())));
                self.heads.push(TreeHead { size: self.tree.size(), root: self.tree.root() });
            }
        }

        fn head(&self) -> SignedHead {
            let head = self.heads.last().unwrap();
            let key = SigningKey::from_seed(&[1; 32]).unwrap();
            let note = Checkpoint { size: head.size, root: head.root }.sign(&Id([1; 16]), &key).unwrap();
            SignedHead::parse(&note.to_bytes()).unwrap()
        }

        fn publish(&self, folder: &Folder, before: u64) -> Published {
            folder.publish(before, &self.head(), &self.nodes, &mut |seq| Ok(entry(seq)), &mut |_| {}).unwrap()
        }
    }

    fn entry(seq: u64) -> Vec<u8> {
        format!("entry {seq}").into_bytes()
    }

    fn files(folder: &Path) -> Vec<String> {
        let mut out = Vec::new();
        let mut next = vec![folder.to_owned()];
        while let Some(at) = next.pop() {
            for entry in fs::read_dir(&at).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { next.push(path) } else { out.push(path) }
            }
        }
        let mut out: Vec<_> = out.iter().map(|path| path.strip_prefix(folder).unwrap().display().to_string()).collect();
        out.sort();
        out
    }

    #[test]
    fn the_layout_of_the_specification() {
        let temp = tempfile::tempdir().unwrap();
        let folder = Folder::new(&temp.path().join("log"));
        let mut ledger = Ledger::new();
        ledger.grow(70_000);
        ledger.publish(&folder, 0);
        let names = files(&temp.path().join("log"));
        let has = |name: &str| names.iter().any(|found| found == name);
        // The example of tlog-tiles: 273 full tiles and one of 112, one full and one of 17, one of 1.
        assert_eq!(names.iter().filter(|name| name.starts_with("tile/0/") && !name.contains(".p/")).count(), 273);
        assert!(has("tile/0/272") && has("tile/0/273.p/112") && has("tile/entries/273.p/112"));
        assert!(has("tile/1/000") && has("tile/1/001.p/17") && has("tile/2/000.p/1"));
        assert_eq!(names.len(), 2 * 274 + 3 + 1);
        let bundle = fs::read(temp.path().join("log/tile/entries/001")).unwrap();
        assert_eq!(&bundle[..11], b"\x00\x09entry 256");
        assert_eq!(path(&Tile::new(8, 0, 1_234_067, 256, false)), "tile/0/x001/x234/067");
        assert_eq!(bundle_path(&path(&Tile::new(8, 0, 1_234_067, 8, false))), "tile/entries/x001/x234/067.p/8");
    }

    #[test]
    fn in_steps_or_at_once_and_proofs_from_the_tiles() {
        let temp = tempfile::tempdir().unwrap();
        let folder = Folder::new(&temp.path().join("log"));
        let mut ledger = Ledger::new();
        let mut before = 0;
        for size in [1, 2, 255, 256, 257, 511, 512, 600, 600, 1_000] {
            ledger.grow(size);
            ledger.publish(&folder, before);
            // A second time, as after a kill before the checkpoint.
            ledger.publish(&folder, before);
            before = size;
            let head = folder.checkpoint().unwrap().unwrap();
            for old in [1, 2, 100, 255, 256, 257, 300, 511, 512, 599].into_iter().filter(|old| *old <= size) {
                let proof = folder.consistency(old, head.tree()).unwrap();
                proof::check_consistency(&ledger.heads[old as usize], head.tree(), &proof).unwrap();
            }
        }
        let whole = Folder::new(&temp.path().join("whole"));
        ledger.publish(&whole, 0);
        let stepped = files(&temp.path().join("log"));
        for name in files(&temp.path().join("whole")) {
            let read = |folder: &str| fs::read(temp.path().join(folder).join(&name)).unwrap();
            assert!(stepped.contains(&name) && read("log") == read("whole"), "{name}");
        }
        assert!(!temp.path().join("log/tile/0/000.p").exists());
        // A tile that was changed, or is gone, proves nothing.
        let file = temp.path().join("whole/tile/0/000");
        let mut bytes = fs::read(&file).unwrap();
        bytes[40] ^= 1;
        fs::write(&file, &bytes).unwrap();
        let head = ledger.heads.last().unwrap();
        let made = whole.consistency(3, head);
        assert!(made.and_then(|proof| proof::check_consistency(&ledger.heads[3], head, &proof)).is_err());
        fs::remove_file(&file).unwrap();
        assert!(matches!(whole.consistency(3, ledger.heads.last().unwrap()), Err(LedgerError::BadTile { .. })));
        let huge = TreeHead { size: proof::MAX_SIZE, root: [0; 32] };
        assert!(whole.consistency(3, &huge).is_err());
    }
}

//! Hashes that somebody else promised: a content that has another one is not kept.

use std::{fs::File, io::Read as _, path::Path};

use md5::digest::DynDigest;
use tokio::task::spawn_blocking;

use crate::{Error, Kind, Result};

/// How a content is hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Md5,
    Sha1,
    Sha256,
}

impl Algorithm {
    /// Its name for people.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
        }
    }

    /// Begins to hash.
    pub(crate) fn begin(self) -> Hasher {
        Hasher(match self {
            Self::Md5 => Box::new(md5::Md5::default()),
            Self::Sha1 => Box::new(sha1::Sha1::default()),
            Self::Sha256 => Box::new(sha2::Sha256::default()),
        })
    }

    /// The hash of a local file, in hexadecimal.
    pub(crate) async fn of_file(self, path: &Path) -> Result<String> {
        let path = path.to_owned();
        let work = spawn_blocking(move || {
            let mut hasher = self.begin();
            File::open(&path).and_then(|file| hasher.read(file)).map_err(|e| Error::io(&path, e))?;
            Ok(hasher.hex())
        });
        work.await.expect("hashing does not panic")
    }
}

/// A hash that is being made, of bytes in their order.
pub(crate) struct Hasher(Box<dyn DynDigest + Send>);

impl Hasher {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Takes in all that is to be read.
    pub(crate) fn read(&mut self, mut from: impl std::io::Read) -> std::io::Result<()> {
        let mut block = vec![0; 256 << 10];
        loop {
            match from.read(&mut block) {
                Ok(0) => return Ok(()),
                Ok(n) => self.0.update(&block[..n]),
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
    }

    /// Takes in the next `length` bytes of a file that is at the right place.
    pub(crate) fn read_next(&mut self, file: &File, length: u64) -> std::io::Result<()> {
        self.read(file.take(length))
    }

    pub(crate) fn hex(self) -> String {
        self.0.finalize().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
    }
}

/// The hash that a content must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Checksum {
    pub algorithm: Algorithm,
    /// In hexadecimal.
    pub hex: String,
}

impl Checksum {
    /// That a content which was hashed so is the one that was promised.
    ///
    /// # Errors
    /// [`Kind::Conflict`], with both hashes.
    pub(crate) fn compare(&self, hex: &str) -> Result<()> {
        if self.hex.eq_ignore_ascii_case(hex) {
            return Ok(());
        }
        let Self { algorithm, hex: expected } = self;
        let message = format!(
            "the content that came is not the one that was promised: its {} is {hex}, and should be {expected}; nothing \
             of it was kept",
            algorithm.name()
        );
        Err(Error::new(Kind::Conflict, message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn hashes_are_those_that_everybody_makes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "abc").unwrap();
        for (algorithm, expected) in [
            (Algorithm::Md5, "900150983cd24fb0d6963f7d28e17f72"),
            (Algorithm::Sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (Algorithm::Sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ] {
            assert_eq!(algorithm.of_file(&path).await.unwrap(), expected);
            let checksum = Checksum { algorithm, hex: expected.to_uppercase() };
            assert!(checksum.compare(expected).is_ok(), "case is no difference");
            let wrong = checksum.compare("00").unwrap_err();
            assert_eq!(wrong.kind(), Kind::Conflict);
            assert!(wrong.to_string().contains(algorithm.name()) && wrong.to_string().contains(" 00,"), "{wrong}");
        }
    }
}

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use futures::future::BoxFuture;
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, params};

use super::{Entry, Key, Partition, Store, StoreStats};

/// Keeps answers in a file that all processes of a user share: SQLite in WAL mode, 256 MiB of bodies at most, the longest
/// unused leave first.
///
/// The file is its owner's alone (0600, in a folder of 0700). A file that is broken, or of another version, is made anew.
#[derive(Clone)]
pub struct SqliteStore(Arc<Inner>);

struct Inner {
    path: PathBuf,
    secret: [u8; 32],
    connection: Mutex<Connection>,
}

/// The form of the file; another number, another file.
const VERSION: i64 = 1;

/// The most that bodies may take, in bytes.
const LARGEST: i64 = 256 << 20;

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS secret (value BLOB NOT NULL);
    CREATE TABLE IF NOT EXISTS generation (partition BLOB PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS entry (
        partition BLOB NOT NULL, path TEXT NOT NULL, rest BLOB NOT NULL,
        policy BLOB NOT NULL, date TEXT, body BLOB NOT NULL, hash BLOB NOT NULL, used INTEGER NOT NULL,
        PRIMARY KEY (partition, path, rest)
    );
    CREATE INDEX IF NOT EXISTS entry_used ON entry (used);
";

impl SqliteStore {
    /// Opens the file, and makes it and its folder if they are not there.
    ///
    /// # Errors
    /// A place where it would not be safe: somebody else's, open to others, or on a network file system, where SQLite's
    /// shared memory does not work.
    pub fn open(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            make_private_folder(folder)?;
            refuse_network(folder)?;
        }
        make_private_file(path)?;
        let connection = match connect(path) {
            Err(error) if is_broken(&error) => {
                tracing::warn!(path = %path.display(), %error, "the cache is broken; it is made anew");
                remove(path)?;
                make_private_file(path)?;
                connect(path)
            }
            done => done,
        };
        let connection = connection.map_err(io::Error::other)?;
        let secret = secret(&connection).map_err(io::Error::other)?;
        Ok(Self(Arc::new(Inner { path: path.to_path_buf(), secret, connection: Mutex::new(connection) })))
    }

    /// Runs `work` where it may block. What fails is not there; what is broken is made anew.
    async fn run<T, F>(&self, work: F) -> T
    where
        T: Default + Send + 'static,
        F: FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let inner = self.0.clone();
        let done = tokio::task::spawn_blocking(move || {
            let mut connection = inner.connection.lock().unwrap_or_else(PoisonError::into_inner);
            let done = work(&mut connection);
            if let Err(error) = &done {
                tracing::warn!(path = %inner.path.display(), %error, "the cache could not be used");
                if is_broken(error) && remove(&inner.path).is_ok() && make_private_file(&inner.path).is_ok() {
                    // Under the old secret, which this process goes on to use.
                    let renewed = connect(&inner.path).and_then(|new| {
                        new.execute("DELETE FROM secret", [])?;
                        new.execute("INSERT INTO secret VALUES (?1)", params![&inner.secret[..]])?;
                        Ok(new)
                    });
                    if let Ok(new) = renewed {
                        *connection = new;
                    }
                }
            }
            done.unwrap_or_default()
        });
        done.await.unwrap_or_default()
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let mut connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    // A power cut may lose the newest answers, and never breaks the file.
    connection.pragma_update(None, "synchronous", "normal")?;
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let version: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version != VERSION {
        transaction.execute_batch(
            "DROP TABLE IF EXISTS secret; DROP TABLE IF EXISTS generation; DROP TABLE IF EXISTS entry;",
        )?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    }
    transaction.execute_batch(SCHEMA)?;
    transaction.commit()?;
    Ok(connection)
}

fn secret(connection: &Connection) -> rusqlite::Result<[u8; 32]> {
    let mut new = [0_u8; 32];
    new.fill_with(|| fastrand::u8(..));
    // Whoever is first decides.
    connection.execute("INSERT INTO secret SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM secret)", params![&new[..]])?;
    connection.query_row("SELECT value FROM secret", [], |row| row.get(0))
}

fn is_broken(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

fn remove(path: &Path) -> io::Result<()> {
    for end in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        match fs::remove_file(&name) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(unix)]
fn make_private_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    if folder.is_dir() {
        return Ok(());
    }
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(unix)]
fn make_private_file(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
    match fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => return Ok(()),
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        Err(_) => {}
    }
    let found = fs::symlink_metadata(path)?;
    let refuse = |why: &str| Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
    if !found.is_file() {
        return refuse("the cache is no plain file");
    }
    if found.uid() != rustix::process::geteuid().as_raw() {
        return refuse("the cache belongs to somebody else");
    }
    if found.mode() & 0o077 != 0 {
        return refuse("the cache is open to others; remove it, or chmod 600");
    }
    Ok(())
}

/// File systems of several machines, on which the shared memory of SQLite's WAL does not work.
#[cfg(target_os = "linux")]
fn refuse_network(folder: &Path) -> io::Result<()> {
    const NETWORK: [(u64, &str); 6] = [
        (0x6969, "NFS"),
        (0x0BD0_0BD0, "Lustre"),
        (0xFF53_4D42, "CIFS"),
        (0xFE53_4D42, "SMB"),
        (0x4750_4653, "GPFS"),
        (0x1983_0326, "BeeGFS"),
    ];
    let kind = rustix::fs::statfs(folder)?.f_type as u64 & 0xFFFF_FFFF;
    match NETWORK.iter().find(|(it, _)| *it == kind) {
        Some((_, name)) => Err(io::Error::new(io::ErrorKind::Unsupported, format!("the cache can't be on {name}"))),
        None => Ok(()),
    }
}

#[cfg(not(target_os = "linux"))]
fn refuse_network(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn make_private_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

#[cfg(not(unix))]
fn make_private_file(_: &Path) -> io::Result<()> {
    Ok(())
}

fn now() -> i64 {
    SystemTime::UNIX_EPOCH.elapsed().map_or(0, |it| i64::try_from(it.as_millis()).unwrap_or(i64::MAX))
}

fn generation(connection: &Connection, partition: &Partition) -> rusqlite::Result<i64> {
    let n = connection.prepare_cached("SELECT n FROM generation WHERE partition = ?1")?;
    let mut n = n;
    Ok(n.query_row(params![&partition.0[..]], |row| row.get(0)).optional()?.unwrap_or_default())
}

impl Store for SqliteStore {
    fn secret(&self) -> &[u8; 32] {
        &self.0.secret
    }

    fn get<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Option<Entry>> {
        let Key { partition, path, rest } = key.clone();
        Box::pin(self.run(move |connection| {
            let key = params![&partition.0[..], path, &rest[..]];
            let found = connection
                .prepare_cached(
                    "SELECT policy, date, body, hash, used FROM entry WHERE partition = ?1 AND path = ?2 AND rest = ?3",
                )?
                .query_row(key, |row| {
                    let (policy, date, body): (Vec<u8>, Option<String>, Vec<u8>) =
                        (row.get(0)?, row.get(1)?, row.get(2)?);
                    Ok((policy, date, body, row.get::<_, [u8; 32]>(3)?, row.get::<_, i64>(4)?))
                })
                .optional()?;
            let Some((policy, date, body, hash, used)) = found else { return Ok(None) };
            let policy = serde_json::from_slice(&policy).ok().filter(|_| blake3::hash(&body) == hash);
            let Some(policy) = policy else {
                let forget = "DELETE FROM entry WHERE partition = ?1 AND path = ?2 AND rest = ?3";
                connection.execute(forget, key)?;
                return Ok(None);
            };
            // Once a minute is often enough to know what is used; a read is then no write.
            if now() - used > 60_000 {
                let touch = "UPDATE entry SET used = ?4 WHERE partition = ?1 AND path = ?2 AND rest = ?3";
                connection.execute(touch, params![&partition.0[..], path, &rest[..], now()])?;
            }
            Ok(Some(Entry { policy, date, body: body.into() }))
        }))
    }

    fn generation<'a>(&'a self, partition: &'a Partition) -> BoxFuture<'a, u64> {
        let partition = *partition;
        Box::pin(async move { self.run(move |connection| generation(connection, &partition)).await as u64 })
    }

    fn put<'a>(&'a self, key: &'a Key, entry: Entry, seen: u64) -> BoxFuture<'a, ()> {
        let (Key { partition, path, rest }, Entry { policy, date, body }) = (key.clone(), entry);
        Box::pin(self.run(move |connection| {
            let Ok(policy) = serde_json::to_vec(&policy) else { return Ok(()) };
            let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
            if generation(&transaction, &partition)? as u64 != seen {
                return Ok(());
            }
            let hash = blake3::hash(&body);
            transaction.execute(
                "INSERT OR REPLACE INTO entry VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![&partition.0[..], path, &rest[..], policy, date, &body[..], &hash.as_bytes()[..], now()],
            )?;
            // To add up all bodies takes a while, so not each time.
            let look = fastrand::u8(..32) == 0;
            let all = "SELECT total(length(body)) FROM entry";
            if look && transaction.query_row(all, [], |row| row.get::<_, f64>(0))? as i64 > LARGEST {
                let oldest = "DELETE FROM entry WHERE rowid IN (SELECT rowid FROM entry ORDER BY used LIMIT (SELECT count(*) / 4 + 1 FROM entry))";
                transaction.execute(oldest, [])?;
            }
            transaction.commit()
        }))
    }

    fn invalidate<'a>(&'a self, partition: &'a Partition, paths: &'a [String]) -> BoxFuture<'a, ()> {
        let (partition, paths) = (*partition, paths.to_vec());
        Box::pin(self.run(move |connection| {
            let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
            transaction.execute(
                "INSERT INTO generation VALUES (?1, 1) ON CONFLICT (partition) DO UPDATE SET n = n + 1",
                params![&partition.0[..]],
            )?;
            for path in paths {
                let path = path.trim_end_matches('/');
                transaction.execute(
                    "DELETE FROM entry WHERE partition = ?1 AND (path = ?2 OR substr(path, 1, length(?2) + 1) = ?2 || '/')",
                    params![&partition.0[..], path],
                )?;
            }
            transaction.commit()
        }))
    }

    fn clear(&self) -> BoxFuture<'_, ()> {
        Box::pin(
            self.run(|connection| {
                connection.execute_batch("DELETE FROM entry; VACUUM; PRAGMA wal_checkpoint(truncate);")
            }),
        )
    }

    fn stats(&self) -> BoxFuture<'_, StoreStats> {
        Box::pin(self.run(|connection| {
            connection.query_row("SELECT count(*), total(length(body)) FROM entry", [], |row| {
                Ok(StoreStats { entries: row.get::<_, i64>(0)? as u64, bytes: row.get::<_, f64>(1)? as u64 })
            })
        }))
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SqliteStore({})", self.0.path.display())
    }
}

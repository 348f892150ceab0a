"""What dserver keeps users, permissions and the list of datasets in: SQLite, or the PostgreSQL of this machine."""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess

import psycopg2

import processes


@contextlib.contextmanager
def serving(kind, run):
    """The URI of an empty database that lies in the folder `run`."""
    if kind == "sqlite":
        yield f"sqlite:///{run}/dserver.sqlite"
        return
    port, data = processes.free_port(), run / "postgres"
    data.mkdir()
    # It refuses to run as root.
    other = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
    if other:
        run.chmod(0o711)
        shutil.chown(data, "nobody", "nogroup")
    initdb = [program("initdb"), "--pgdata", data, "--username", "dserver", "--auth", "trust", "--no-sync"]
    # URIs are any text, and without a locale it would take ASCII only.
    initdb += ["--encoding", "UTF8", "--locale", "C"]
    subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, cwd=data, **other)
    command = [program("postgres"), "-D", data, "-p", str(port), "-c", "listen_addresses=127.0.0.1"]
    command += ["-c", "unix_socket_directories=", "-c", "fsync=off"]
    # SIGINT: it stops without waiting for clients.
    with processes.running(command, run / "postgres.log", port, stop=signal.SIGINT, cwd=data, **other):
        with contextlib.closing(connect(port)) as connection:
            connection.autocommit = True
            connection.cursor().execute("create database dserver")
        # Of the driver that is installed; SQLAlchemy 2.1 takes another one by default.
        yield f"postgresql+psycopg2://dserver@127.0.0.1:{port}/dserver"


def connect(port):
    """It listens a little before it answers."""
    for _ in range(100):
        with contextlib.suppress(psycopg2.OperationalError):
            return psycopg2.connect(host="127.0.0.1", port=port, user="dserver", dbname="postgres")
    return psycopg2.connect(host="127.0.0.1", port=port, user="dserver", dbname="postgres")


def program(name):
    """Debian has the programs of a server in a folder of their version."""
    # Neither wrappers nor shims, which ask for an environment.
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob(f"*/bin/{name}")) or [shutil.which(name)]
    if found[-1] is None:
        raise RuntimeError(f"PostgreSQL's {name} is not installed; on Debian: apt-get install postgresql")
    return found[-1]

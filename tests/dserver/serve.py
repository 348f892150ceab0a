"""A real dserver on loopback, for as long as standard input is open: databases, datasets, users, and a token generator.

It prints one line of JSON that tells where all is. When standard input ends, or it is told to end, nothing of it is left; if it is
killed, what it had started ends with it, and only its temporary folder stays.
"""

import argparse
import contextlib
import json
import os
import pathlib
import signal
import sys
import tempfile

import dtoolcore.utils

import datasets
import mongodb
import processes
import sql
import tokens


def settings(mongo_uri, sql_uri, keys):
    """dserver's, and its plugins'."""
    found = {"SQLALCHEMY_DATABASE_URI": sql_uri, "JWT_PRIVATE_KEY_FILE": keys[0], "JWT_PUBLIC_KEY_FILE": keys[1]}
    # Aggregations are off by default.
    found |= {"DSERVER_ALLOW_DIRECT_QUERY": "true", "DSERVER_ALLOW_DIRECT_AGGREGATION": "true"}
    for plugin, collection in (("SEARCH", "search"), ("RETRIEVE", "retrieve"), ("DSERVER", "metadata")):
        found |= {f"{plugin}_MONGO_URI": mongo_uri, f"{plugin}_MONGO_DB": "dserver", f"{plugin}_MONGO_COLLECTION": collection}
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kept", type=pathlib.Path, required=True, help="where made datasets are kept for the next time")
    parser.add_argument("--mongodb", type=pathlib.Path, required=True, help="where mongodb.py has unpacked it")
    parser.add_argument("--datasets", type=int, default=20)
    parser.add_argument("--sql", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--workers", type=int, default=1, help="processes of gunicorn")
    parser.add_argument("--threads", type=int, default=2, help="threads of each")
    parser.add_argument("--token-seconds", type=int, default=900, help="how long the generator's tokens last")
    asked = parser.parse_args()
    # So that all that is below is left in order.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with contextlib.ExitStack() as stack:
        run = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dserver-")))
        # What a user has set for dtool is nothing to this.
        os.environ |= {"HOME": str(run), "DTOOL_CONFIG_DIR": str(run), "LC_ALL": "C", "PYTHONUTF8": "1"}
        keys = tokens.Keys()
        files = [run / "private.pem", run / "public.pem"]
        for file, text in zip(files, (keys.private, keys.public)):
            file.write_text(text)
        root = datasets.made(asked.kept.resolve(), asked.datasets)
        mongo_uri = stack.enter_context(mongodb.serving(asked.mongodb.resolve(), run))
        sql_uri = stack.enter_context(sql.serving(asked.sql, run))
        port, access_log = processes.free_port(), run / "access.log"
        command = [sys.executable, pathlib.Path(__file__).with_name("app.py"), root, port, asked.workers, asked.threads, access_log]
        environment = os.environ | settings(mongo_uri, sql_uri, [str(it) for it in files])
        stack.enter_context(processes.running(command, run / "dserver.log", port, env=environment, cwd=run))
        generator = tokens.generator(keys, asked.token_seconds)
        told = {
            "url": f"http://127.0.0.1:{port}",
            "token": keys.token("testuser"),
            "admin_token": keys.token("admin"),
            "nobody_token": keys.token("nobody"),
            "token_generator_url": f"{generator}/token",
            "ldap_token_generator_url": f"{generator}/auth/ldap/token",
            "username": "testuser",
            "password": tokens.PASSWORD,
            "base_uris": [dtoolcore.utils.sanitise_uri(str(root / it)) for it in datasets.BASES],
            "datasets": asked.datasets,
            "folder": str(root),
            "sql": asked.sql,
            "access_log": str(access_log),
        }
        print(json.dumps(told), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()

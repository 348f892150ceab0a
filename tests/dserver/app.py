"""dserver itself: filled with the datasets of a folder, and served by gunicorn.

usage: python app.py FOLDER PORT WORKERS THREADS ACCESS_LOG, with dserver's settings in the environment
"""

import pathlib
import sys

import dservercore
import dservercore.utils
import dtoolcore
import dtoolcore.utils
import gunicorn.app.base

import datasets
import processes


def fill(root):
    """Users, base URIs, permissions, and every dataset below the folder `root`."""
    app = dservercore.create_app()
    with app.app_context():
        dservercore.sql_db.create_all()
        users = [{"username": "admin", "is_admin": True}, {"username": "testuser"}, {"username": "nobody"}]
        dservercore.utils.register_users(users)
        keepers = [app.search, app.retrieve, *app.custom_extensions]
        # Some share one.
        collections = {it.collection.name: it.collection for it in keepers if getattr(it, "collection", None) is not None}
        # dserver has no index for what it asks for at each registration. Only for as long as this lasts: it is to be slow as it is.
        for it in collections.values():
            it.create_index([("uuid", 1), ("uri", 1)], name="filling")
        commit, dservercore.sql_db.session.commit = dservercore.sql_db.session.commit, dservercore.sql_db.session.flush
        for name in datasets.BASES:
            base_uri = dtoolcore.utils.sanitise_uri(str(root / name))
            dservercore.utils.register_base_uri(base_uri)
            may_register = ["admin", "testuser"] if name == "base1" else ["admin"]
            may = {"users_with_search_permissions": ["admin", "testuser"], "users_with_register_permissions": may_register}
            dservercore.utils.register_permissions(base_uri, may)
            for dataset in dtoolcore.iter_datasets_in_base_uri(base_uri):
                dservercore.utils.register_dataset(datasets.info(dataset, base_uri))
        # The server below is of the same process.
        dservercore.sql_db.session.commit = commit
        commit()
        for it in collections.values():
            it.drop_index("filling")


class Server(gunicorn.app.base.BaseApplication):
    def __init__(self, **settings):
        self.settings = settings
        super().__init__()

    def load_config(self):
        for name, value in self.settings.items():
            self.cfg.set(name, value)

    def load(self):
        return dservercore.create_app()


def main():
    root, port, workers, threads, log = sys.argv[1:]
    fill(pathlib.Path(root))
    Server(
        bind=f"127.0.0.1:{port}",
        workers=int(workers),
        worker_class="gthread",
        threads=int(threads),
        keepalive=5,
        accesslog=log,
        # The request, its status, and the microseconds that it took here.
        access_log_format='"%(r)s" %(s)s %(D)s',
        post_fork=lambda _server, _worker: processes.die_with_parent(),
    ).run()


if __name__ == "__main__":
    main()

"""One embedded PostgreSQL and Redis for a whole test run, in a folder that goes with it."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from config.embedded.folders import Folders
from config.embedded.servers import Servers


def start_unless_given() -> None:
    """Start the pair and put its addresses into the environment, unless they are there.

    Called by the test settings, so it happens before Django opens a connection; pytest-xdist's
    workers inherit the addresses from the process that started them.
    """
    database = "DATABASE_URL" not in os.environ
    broker = "REDIS_URL" not in os.environ
    if not (database or broker):
        return
    var = Path(tempfile.mkdtemp(prefix="anhao-tests-"))
    servers = Servers(Folders(var), database=database, broker=broker)
    servers.claim()
    atexit.register(shutil.rmtree, var, ignore_errors=True)
    atexit.register(shutil.rmtree, servers.folders.sockets, ignore_errors=True)
    atexit.register(servers.stop)  # the last registered is the first called
    servers.start()
    os.environ["VAR_DIR"] = str(var)
    if database:
        os.environ["DATABASE_URL"] = servers.folders.database_url()
    if broker:
        os.environ["REDIS_URL"] = servers.folders.redis_url()

"""The settings of the test run: the real ones, on servers of its own and without slow hashing."""

import os

from tests.embedded_servers import start_unless_given

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "alone")
os.environ.update(
    {
        "DEMO": "1",
        "DEBUG_FAULTS": "1",
        "SECRET_KEY": "only-for-tests-" * 5,
        "CREDENTIALS_KEY": "b25seS1mb3ItdGVzdHMtb25seS1mb3ItdGVzdHMtMTI=",
        "REDIS_PREFIX": f"anhao-test-{WORKER}",
        "PUBLIC_URL": "http://testserver",
    }
)
start_unless_given()

from config.settings import *  # noqa: E402, F403

DATABASES["default"]["ENGINE"] = "tests.emptying"  # noqa: F405
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Sockets are tested inside one process; processes that tests start use Redis as they do in life.
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}

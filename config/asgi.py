"""The asynchronous entry: pages and sockets. `uvicorn config.asgi:application`"""

import os
import warnings

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Files are read in whole before they are sent: they are small, and this is one process by design.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous")
pages = get_asgi_application()  # loads the apps, which the imports below need

from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402

from channels_ingest import routing as doors  # noqa: E402
from dashboard import routing as desk  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": pages,
        # A page of another site may open a socket with our cookies unless its origin is checked.
        "websocket": AllowedHostsOriginValidator(
            AuthMiddlewareStack(
                URLRouter([*desk.websocket_urlpatterns, *doors.websocket_urlpatterns])
            )
        ),
    }
)

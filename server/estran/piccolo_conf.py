"""Where Piccolo finds the engine and the rooms' tables. `db.bind` sets the engine; nothing else does."""

from typing import Any

from piccolo.conf.apps import AppRegistry

DB: Any = None

APP_REGISTRY = AppRegistry(
    apps=[
        "estran.history.piccolo_app",
        "estran.inbox.piccolo_app",
        "estran.access.piccolo_app",
        "estran.mail.piccolo_app",
        "estran.club.piccolo_app",
        "estran.venues.piccolo_app",
        "estran.passes.piccolo_app",
        "estran.events.piccolo_app",
        "estran.visits.piccolo_app",
        "estran.privacy.piccolo_app",
        "piccolo.apps.migrations.piccolo_app",
    ]
)

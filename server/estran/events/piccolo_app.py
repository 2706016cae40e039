"""What Piccolo needs to know of this room."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

from estran.events import tables

APP_CONFIG = AppConfig(
    app_name="events",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=[tables.Event, tables.Slot, tables.Invitee, tables.News, tables.Quiet, tables.Feed],
    migration_dependencies=["estran.club.piccolo_app", "estran.venues.piccolo_app"],
    commands=[],
)

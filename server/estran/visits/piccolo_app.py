"""What Piccolo needs to know of this room."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

from estran.visits import tables

APP_CONFIG = AppConfig(
    app_name="visits",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=[tables.Visit, tables.Change, tables.ParkedItem, tables.Tally],
    migration_dependencies=["estran.passes.piccolo_app", "estran.venues.piccolo_app", "estran.events.piccolo_app"],
    commands=[],
)

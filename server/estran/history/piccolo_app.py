"""What Piccolo needs to know of this room."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

from estran.history import tables

APP_CONFIG = AppConfig(
    app_name="history",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=[tables.Entry],
    migration_dependencies=[],
    commands=[],
)

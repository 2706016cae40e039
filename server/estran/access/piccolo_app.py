"""What Piccolo needs to know of this room."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

from estran.access import tables

APP_CONFIG = AppConfig(
    app_name="access",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=[tables.Account, tables.Grant, tables.SignIn, tables.Session],
    migration_dependencies=[],
    commands=[],
)

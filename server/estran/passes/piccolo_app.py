"""What Piccolo needs to know of this room."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

from estran.passes import tables

APP_CONFIG = AppConfig(
    app_name="passes",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=[tables.SigningKey, tables.Pass, tables.StatusList],
    migration_dependencies=["estran.club.piccolo_app"],
    commands=[],
)

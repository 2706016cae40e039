"""What Piccolo needs to know of this room."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

from estran.club import tables

APP_CONFIG = AppConfig(
    app_name="club",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=[
        tables.House,
        tables.Identity,
        tables.Logo,
        tables.Candidate,
        tables.Ambassador,
        tables.Mandate,
        tables.Manifesto,
        tables.Signature,
        tables.Comment,
        tables.Circle,
        tables.CircleMember,
    ],
    migration_dependencies=["estran.access.piccolo_app"],
    commands=[],
)

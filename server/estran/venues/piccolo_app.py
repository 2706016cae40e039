"""What Piccolo needs to know of this room."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

from estran.venues import tables

APP_CONFIG = AppConfig(
    app_name="venues",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=[
        tables.Venue,
        tables.Closure,
        tables.Group,
        tables.GroupMember,
        tables.Benefit,
        tables.BenefitVersion,
        tables.Invited,
        tables.Proposal,
        tables.Pairing,
        tables.Device,
    ],
    migration_dependencies=[],
    commands=[],
)

"""Whether a device's category is certain, NULL of those described before."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """The column as `inventory/sightings.py` knows it."""
    op.add_column("devices", sa.Column("certain", sa.Boolean))

"""The first store: runs, devices over time, findings over time."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Tables as `inventory/sightings.py` and `rules/history.py` know them."""
    op.create_table(
        "runs",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("taken_at", _MOMENT, nullable=False, index=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("guests", sa.Integer, nullable=False),
    )
    op.create_table(
        "sweeps",
        sa.Column("run", sa.String(32), sa.ForeignKey("runs.name", ondelete="CASCADE"), primary_key=True),
        sa.Column("network", sa.String(64), primary_key=True),
    )
    op.create_table(
        "devices",
        sa.Column("id", sa.String(160), primary_key=True),
        sa.Column("first", _MOMENT, nullable=False),
        sa.Column("last", _MOMENT, nullable=False, index=True),
        sa.Column("described_at", _MOMENT),
        sa.Column("name", sa.String(256)),
        sa.Column("category", sa.String(32)),
        sa.Column("vendor", sa.String(256)),
        sa.Column("zone", sa.String(16)),
        sa.Column("randomised", sa.Boolean, nullable=False),
        sa.Column("declared", sa.String(64)),
    )
    op.create_table(
        "traces",
        sa.Column("device", sa.String(160), sa.ForeignKey("devices.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("kind", sa.String(8), primary_key=True),
        sa.Column("value", sa.String(64), primary_key=True),
        sa.Column("first", _MOMENT, nullable=False),
        sa.Column("last", _MOMENT, nullable=False),
    )
    op.create_table(
        "sightings",
        sa.Column("run", sa.String(32), sa.ForeignKey("runs.name", ondelete="CASCADE"), primary_key=True),
        sa.Column("device", sa.String(160), sa.ForeignKey("devices.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("addresses", sa.Text, nullable=False),
        sa.Column("ports", sa.Text),
    )
    op.create_table(
        "states",
        sa.Column("device", sa.String(160), sa.ForeignKey("devices.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("state", sa.String(64), primary_key=True),
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("as_of", _MOMENT, nullable=False),
    )
    op.create_table(
        "recognised",
        sa.Column("device", sa.String(160), sa.ForeignKey("devices.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("known", sa.Text, nullable=False),
        sa.Column("lasting", sa.Boolean, nullable=False),
        sa.Column("as_of", _MOMENT, nullable=False),
    )
    op.create_table(
        "assessments",
        sa.Column("run", sa.String(32), primary_key=True),
        sa.Column("taken_at", _MOMENT, nullable=False, index=True),
        sa.Column("vigie", sa.String(64), nullable=False),
        sa.Column("policy", sa.String(64), nullable=False),
    )
    op.create_table(
        "changes",
        sa.Column("rule", sa.String(32), primary_key=True),
        sa.Column("subject", sa.String(160), primary_key=True),
        sa.Column("item", sa.String(500), primary_key=True),
        sa.Column("at", _MOMENT, primary_key=True),
        sa.Column("verdict", sa.String(16)),
        sa.Column("severity", sa.String(16)),
    )

"""What the data protection officer has chosen, and what people ask for by right."""

from piccolo.columns import UUID, Text, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table


class Choice(Table, tablename="privacy_choice"):
    """A keeping time or a legal basis that differs from the default of `rules`."""

    id = UUID(primary_key=True, default=UUID4())
    key = Varchar(length=40, default=None, null=False, unique=True)  #: keep.<period> or basis.<treatment>
    value = Varchar(length=20, default=None, null=False)


class Request(Table, tablename="privacy_request"):
    """Somebody asks to have something corrected, or objects. To be answered within a month (RGPD art. 12)."""

    id = UUID(primary_key=True, default=UUID4())
    ambassador_id = UUID(default=None, null=False, index=True)
    kind = Varchar(length=10, default=None, null=False)  #: correct, object
    text = Text(default=None, null=False)
    at = Timestamptz(default=None, null=False)
    answered_at = Timestamptz(default=None, null=True)
    answer = Text(default=None, null=True)

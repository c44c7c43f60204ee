"""Everything that lasts, but Temporal's own histories: one `Store` for one database."""

from store.agenda import Agenda
from store.applications import Applications
from store.clicks import Clicks
from store.cohorts import Cohorts
from store.database import Database
from store.definitions import Definitions
from store.digests import Digests
from store.drafts import Drafts
from store.grants import Grants
from store.holds import Holds
from store.identities import Identities
from store.lists import Lists
from store.mailbox import Mailbox
from store.outbox import Outbox
from store.people import People
from store.record import Record
from store.reviews import Reviews
from store.submissions import Submissions
from store.webhooks import Webhooks


class Store:
    """The tables by subject; safe to use from any thread, and from several processes at once.

    `url` is an SQLAlchemy address: SQLite in a file, or PostgreSQL. Call `migrate` once before use.
    Whatever needs the database raises UnavailableError where it is locked, away, full or read-only.
    """

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        self.database = Database(url, read_only=read_only)
        self.record = Record(self.database)
        self.people = People(self.database)
        self.cohorts = Cohorts(self.database)
        self.submissions = Submissions(self.database)
        self.clicks = Clicks(self.database)
        self.definitions = Definitions(self.database)
        self.outbox = Outbox(self.database)
        self.mailbox = Mailbox(self.database)
        self.digests = Digests(self.database)
        self.holds = Holds(self.database)
        self.reviews = Reviews(self.database)
        self.lists = Lists(self.database)
        self.agenda = Agenda(self.database)
        self.webhooks = Webhooks(self.database)
        self.grants = Grants(self.database)
        self.drafts = Drafts(self.database)
        self.applications = Applications(self.database)
        self.identities = Identities(self.database)

    def migrate(self) -> None:
        """Makes the tables, or brings them up to this version; quick where they are."""
        from store.schema import migrate  # noqa: PLC0415  # Only who migrates pays for it.

        migrate(self.database)

    def close(self) -> None:
        """Closes every connection; using the store again opens new ones."""
        self.clicks.flush()
        self.database.close()

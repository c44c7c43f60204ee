"""A cohort as its file states and assumes it: dates, seats and people of one run of a program."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from residency.fields import (
    Address,
    Country,
    Day,
    Id,
    Locale,
    Model,
    Role,
    Some,
    Text,
    Zone,
    listed,
)

POOLS = ("reviewers", "interviewers", "panelists", "mentors")


class Member(Model):
    """Somebody of a cohort."""

    name: Text = Field(description="The name.")
    email: Address = Field(description="The address.")
    zone: Zone | None = Field(None, description="The time zone; without one, the program's.")
    locale: Locale = Field("en", description="The language.")


class PoolMember(Member):
    """Somebody of a pool, to whom work is given in turn."""

    most: Some | None = Field(None, description="At most so many at a time.")
    tracks: Annotated[list[Id], BeforeValidator(listed)] = Field(
        [], description="Only for these tracks."
    )


class Pools(Model):
    """Who is asked in turn, least loaded first."""

    reviewers: list[PoolMember] = Field([], description="Who reads applications.")
    interviewers: list[PoolMember] = Field([], description="Who interviews.")
    panelists: list[PoolMember] = Field([], description="Who listens to presentations.")
    mentors: list[PoolMember] = Field([], description="Who mentors.")


class Cohort(Model):
    """One run of a program: `cohorts/<name>.yaml`."""

    name: Id = Field(description="Its name: the name of its file.")
    opens: Day | None = Field(None, description="The first day of applying.")
    closes: Day | None = Field(
        None, description="The last day of applying: its end, in the program's zone."
    )
    first_day: Day = Field(description="The first day of everybody's residency.")
    seats: Some | dict[Id, Some] = Field(description="How many; a number, or one for each track.")
    holidays: Annotated[list[Country | Day], BeforeValidator(listed)] = Field(
        [], description="Further holidays of this run."
    )
    coordinators: Annotated[list[Member], Field(min_length=1)] = Field(
        description="Who runs it; the first hears of what nobody else does."
    )
    pools: Pools = Field(Pools(), description="The people, by what they do.")
    others: dict[Role, list[Member]] = Field(
        {}, description="Others who own tasks, by role: `legal`."
    )

    @property
    def seats_in_all(self) -> int:
        """All seats together."""
        return self.seats if isinstance(self.seats, int) else sum(self.seats.values())

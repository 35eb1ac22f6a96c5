"""The small databases that the demo's questions are about: pairs of linked tables, with rows.

A column is written `name@person` (a label: every row its own), `name=a/b/c` (a category),
`name:3-90` (whole numbers) or `name:3.0-90.0` (decimals).
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

ROWS_PER_TABLE = 12

LABELS: dict[str, tuple[list[str], list[str]]] = {
    "person": (
        [
            "Ada",
            "Bruno",
            "Chloe",
            "Dmitri",
            "Elena",
            "Farid",
            "Greta",
            "Hugo",
            "Ines",
            "Jonas",
            "Keiko",
            "Liam",
        ],
        [
            "Moreau",
            "Novak",
            "Okafor",
            "Petrov",
            "Quinn",
            "Rossi",
            "Silva",
            "Tanaka",
            "Ueda",
            "Vargas",
        ],
    ),
    "work": (
        [
            "Amber",
            "Broken",
            "Crimson",
            "Distant",
            "Endless",
            "Frozen",
            "Golden",
            "Hidden",
            "Iron",
            "Silent",
        ],
        [
            "Bridge",
            "Circle",
            "Dream",
            "Empire",
            "Forest",
            "Garden",
            "Harbor",
            "Island",
            "Mirror",
            "River",
        ],
    ),
    "firm": (
        [
            "Apex",
            "Bright",
            "Cedar",
            "Delta",
            "Ember",
            "Falcon",
            "Granite",
            "Harvest",
            "Indigo",
            "Juniper",
        ],
        ["Group", "House", "Labs", "Partners", "Supply", "Systems", "Trading", "Union", "Works"],
    ),
    "place": (
        ["Ash", "Brook", "Clear", "East", "Fair", "Green", "High", "Lake", "Maple", "North"],
        ["bridge", "burg", "dale", "field", "ford", "haven", "mont", "port", "ton", "ville"],
    ),
}

# Parent's singular, parent table, its columns, child table, its columns.
_DOMAINS = """
author | authors | name@person country=France/Japan/Brazil/Kenya birth_year:1900-1999 | books | title@work genre=novel/poetry/history/science pages:80-900 price:5.0-60.0
department | departments | name@firm floor:1-12 budget:20000-900000 region=north/south/east/west | employees | name@person job_title=engineer/analyst/manager/clerk salary:24000-150000 age:20-65
artist | artists | name@person style=jazz/rock/folk/opera debut_year:1960-2020 | albums | title@work label=Sony/Decca/Verve/Motown tracks:5-24 sales:1000-900000
team | teams | name@place league=first/second/third points:5-95 founded:1880-2005 | players | name@person position=goalkeeper/defender/midfielder/striker goals:1-40 height:160-205
customer | customers | name@person city=Paris/Lima/Oslo/Cairo credit:100-9000 | orders | reference@firm status=open/paid/shipped/returned amount:10.0-990.0 items:1-40
airline | airlines | name@firm alliance=Star/SkyTeam/Oneworld/none fleet_size:5-400 | flights | code@work destination=Rome/Tokyo/Dakar/Quito distance:200-9000 passengers:30-380
school | schools | name@place kind=primary/secondary/private capacity:90-2000 | students | name@person grade=freshman/sophomore/junior/senior score:30-100 absences:1-40
hospital | hospitals | name@place ownership=public/private/charity beds:20-1200 | doctors | name@person specialty=surgery/cardiology/pediatrics/oncology experience:1-40 patients:5-300
director | directors | name@person nationality=Italian/Korean/Mexican/Indian awards:1-30 | movies | title@work category=drama/comedy/thriller/animation runtime:70-210 rating:1.0-9.9
farm | farms | name@place soil=clay/sand/loam/peat area:5-900 | crops | variety@work season=spring/summer/autumn/winter yield:10-800 water:100-900
museum | museums | name@place type=art/history/science/design visitors:1000-900000 | paintings | title@work medium=oil/watercolor/acrylic/ink year:1600-2010 value:100-90000
publisher | publishers | name@firm market=local/national/global revenue:1000-900000 | magazines | title@work topic=travel/fashion/cooking/sports circulation:500-90000 issues:4-52
shop | shops | name@place segment=budget/standard/luxury staff:2-90 | products | name@work color=red/blue/green/black price:1.0-500.0 stock:1-900
station | stations | name@place line=red/blue/green/yellow platforms:2-20 | trains | name@work operator=Metro/Rapid/Regio/Nova speed:60-320 seats:80-900
company | companies | name@firm industry=energy/retail/media/mining founded:1900-2015 | projects | name@work stage=planned/active/paused/finished cost:1000-90000 duration:1-60
chef | chefs | name@person cuisine=Thai/Greek/Indian/Peruvian stars:1-30 | recipes | name@work course=starter/main/dessert/snack calories:90-1200 minutes:5-180
bank | banks | name@firm tier=small/medium/large branches:1-300 | accounts | owner@person plan=basic/silver/gold/student balance:10-90000 opened:1990-2024
gym | gyms | name@place district=center/harbor/hills/suburb machines:5-120 | members | name@person level=beginner/regular/expert visits:1-300 weight:48-120
ship | ships | name@work flag=Panama/Malta/Norway/Liberia tonnage:500-90000 | containers | code@firm cargo=grain/steel/fruit/textiles volume:10-90 fee:100-5000
garage | garages | name@firm service=repair/paint/tires/tuning rating:1-50 | cars | model@work fuel=petrol/diesel/electric/hybrid horsepower:60-500 mileage:100-250000
zoo | zoos | name@place climate=tropical/temperate/arid enclosures:10-200 | animals | name@person species=lion/otter/parrot/gecko age:1-60 weight:1-900
theater | theaters | name@place quarter=old/new/river/station rows:10-60 | plays | title@work language=English/French/Polish/Turkish acts:1-9 tickets:50-2000
lake | lakes | name@place region=alpine/coastal/boreal depth:4-400 | boats | name@work hull=wood/steel/fiberglass/rubber length:3-60 crew:1-30
hotel | hotels | name@place class=economy/business/boutique rooms:8-900 | guests | name@person origin=Chile/Ghana/Nepal/Spain nights:1-30 spending:50-9000
vineyard | vineyards | name@place country=Chile/Italy/Georgia/Portugal hectares:2-300 | wines | name@work grape=merlot/riesling/malbec/shiraz vintage:1980-2023 bottles:100-9000
lab | labs | name@firm field=biology/physics/chemistry/geology grants:1-80 | experiments | name@work outcome=success/failure/unclear samples:3-500 hours:1-400
island | islands | name@place ocean=Pacific/Atlantic/Indian population:10-90000 | volcanoes | name@work activity=active/dormant/extinct elevation:100-5000 eruptions:1-90
club | clubs | name@firm hobby=chess/hiking/pottery/sailing dues:5-300 | events | title@work venue=hall/park/library/rooftop attendance:5-800 donations:10-9000
"""


@dataclass(frozen=True)
class Column:
    """A column and where its values come from."""

    name: str
    kind: Literal["label", "category", "number", "decimal"]
    choices: tuple[str, ...] = ()
    low: float = 0
    high: float = 0

    @property
    def sql_type(self) -> str:
        return {"number": "INT", "decimal": "REAL"}.get(self.kind, "TEXT")


@dataclass(frozen=True)
class Table:
    """A table, its columns, and the column that links it to its parent."""

    name: str
    columns: tuple[Column, ...]
    link: str | None = None

    @property
    def label(self) -> Column:
        return next(c for c in self.columns if c.kind == "label")

    @property
    def categories(self) -> list[Column]:
        return [c for c in self.columns if c.kind == "category"]

    @property
    def numbers(self) -> list[Column]:
        return [c for c in self.columns if c.kind in ("number", "decimal")]

    def create(self) -> str:
        columns = ["id INT", *(f"{c.name} {c.sql_type}" for c in self.columns)]
        if self.link:
            columns.append(f"{self.link} INT")
        return f"CREATE TABLE {self.name} ({', '.join(columns)});"


@dataclass(frozen=True)
class Domain:
    """Two linked tables, and the rows that answers are checked on."""

    parent: Table
    child: Table
    rows: dict[str, list[tuple[int | float | str, ...]]]

    def context(self, *tables: Table) -> str:
        """What the model is shown: the tables' definitions."""
        return " ".join(table.create() for table in tables)

    def inserts(self, *tables: Table) -> str:
        """What answers are executed on: the tables' rows."""
        return " ".join(
            f"INSERT INTO {table.name} VALUES {', '.join(map(_literals, self.rows[table.name]))};"
            for table in tables
        )


def domains(seed: int) -> list[Domain]:
    """All domains, their rows drawn from `seed`, in a seeded order."""
    rng = random.Random(seed)
    made = [_domain(line, rng) for line in _DOMAINS.strip().splitlines()]
    rng.shuffle(made)
    return made


def _domain(line: str, rng: random.Random) -> Domain:
    singular, parent_name, parent_columns, child_name, child_columns = (
        part.strip() for part in line.split("|")
    )
    parent = Table(parent_name, tuple(map(_column, parent_columns.split())))
    child = Table(child_name, tuple(map(_column, child_columns.split())), link=f"{singular}_id")
    return Domain(parent, child, {table.name: _rows(table, rng) for table in (parent, child)})


def _column(text: str) -> Column:
    if "@" in text:
        name, pool = text.split("@")
        return Column(name, "label", choices=(pool,))
    if "=" in text:
        name, choices = text.split("=")
        return Column(name, "category", choices=tuple(choices.split("/")))
    name, bounds = text.split(":")
    low, high = map(float, bounds.split("-"))
    return Column(name, "decimal" if "." in bounds else "number", low=low, high=high)


def _rows(table: Table, rng: random.Random) -> list[tuple[int | float | str, ...]]:
    values = [_values(column, rng) for column in table.columns]
    if table.link:
        values.append([rng.randint(1, ROWS_PER_TABLE) for _ in range(ROWS_PER_TABLE)])
    return [(number, *row) for number, row in enumerate(zip(*values, strict=True), start=1)]


def _values(column: Column, rng: random.Random) -> list[int | float | str]:
    """Labels and numbers differ in every row, so that "the three highest" has one answer."""
    if column.kind == "category":
        return [rng.choice(column.choices) for _ in range(ROWS_PER_TABLE)]
    drawn: set[int | float | str] = set()
    ordered: list[int | float | str] = []
    while len(ordered) < ROWS_PER_TABLE:
        value = _value(column, rng)
        if value not in drawn or column.high - column.low < ROWS_PER_TABLE:
            drawn.add(value)
            ordered.append(value)
    return ordered


def _value(column: Column, rng: random.Random) -> int | float | str:
    if column.kind == "label":
        pool = column.choices[0]
        first, last = (rng.choice(words) for words in LABELS[pool])
        return f"{first}{last}" if pool == "place" else f"{first} {last}"
    if column.kind == "decimal":
        return round(rng.uniform(column.low, column.high), 1)
    return rng.randint(int(column.low), int(column.high))


def _literals(row: tuple[int | float | str, ...]) -> str:
    return f"({', '.join(repr(value) for value in row)})"

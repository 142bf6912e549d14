"""Parameters of the demo company: its calendar, its people, its products; frozen before anything is tuned on them.

Lumio sells software to companies in France; ten months into the story it buys Brightdesk, a British company of its
kind that keeps its own Salesforce. All names are invented; every e-mail is under a reserved domain.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

PARIS = ZoneInfo("Europe/Paris")
HUBSPOT, SALESFORCE = "hubspot_fr", "salesforce_uk"
OWN_DOMAIN = "lumio.example"

STAGES = ("lead", "mql", "sql", "opportunity", "demo", "proposal", "won")
CHANNELS = ("organic_search", "paid_search", "paid_social", "referral", "direct", "event", "outbound")
PRODUCTS = ("Lumio Essentiel", "Lumio Pro", "Lumio Entreprise")
SEGMENTS = ("small", "mid_market", "enterprise")
LOSS_REASONS = ("price", "competitor", "no_budget", "missing_feature", "no_decision")
# why deals were won; each deal has that of its key
WIN_REASONS = ("product_fit", "price", "references", "support", "relationship")
RATES = {"USD": 0.92, "GBP": 1.165, "CHF": 1.04}

MONTH_WEIGHTS = (0.95, 1.0, 1.1, 1.0, 0.95, 1.05, 0.8, 0.5, 1.15, 1.2, 1.15, 0.7)
WEEKDAY_WEIGHTS = (1.0, 1.1, 1.1, 1.05, 0.9, 0.08, 0.06)


@dataclass(frozen=True)
class Story:
    """What is asked of the simulator, and the clock it runs on.

    `until` is the day the exports are made, at midnight in Paris; the last whole day they cover is the one before.
    """

    seed: int
    scale: float
    until: dt.date

    @property
    def as_of(self) -> dt.date:
        """Last whole day of the exports."""
        return self.until - dt.timedelta(days=1)

    @property
    def extracted_at(self) -> pd.Timestamp:
        """The moment of the exports, UTC without an offset."""
        midnight = dt.datetime.combine(self.until, dt.time(), tzinfo=PARIS)
        return pd.Timestamp(midnight).tz_convert("UTC").tz_localize(None)

    @property
    def start(self) -> pd.Timestamp:
        """First day: three calendar years before the one of the exports."""
        return pd.Timestamp(self.until.year - 3, 1, 1)

    @property
    def horizon(self) -> pd.Timestamp:
        """How far the story is told: to the end of the year of the exports.

        Exports of different days of a year are cuts of one story, as a real company's would be.
        """
        return pd.Timestamp(self.until.year + 1, 1, 1)

    @property
    def acquisition(self) -> pd.Timestamp:
        """The day Brightdesk and its Salesforce come in: ten months into the story."""
        return self.start + pd.DateOffset(months=10)

    @property
    def field_history_from(self) -> pd.Timestamp:
        """How far Salesforce's field history reaches back: 18 months."""
        return self.extracted_at - pd.DateOffset(months=18)

    @property
    def days(self) -> pd.DatetimeIndex:
        """Every day of the story."""
        return pd.date_range(self.start, self.horizon, freq="D", inclusive="left")


def local_to_utc(times: pd.Series) -> pd.Series:
    """Wall-clock times in Paris as UTC, to the second, both without an offset."""
    zoned = times.dt.floor("s").dt.tz_localize(PARIS, ambiguous=False, nonexistent="shift_forward")
    return zoned.dt.tz_convert("UTC").dt.tz_localize(None)


def utc_to_date(times: pd.Series) -> pd.Series:
    """Days, in Paris, of UTC times."""
    return times.dt.tz_localize("UTC").dt.tz_convert(PARIS).dt.tz_localize(None).dt.normalize()


def utc_day(time: pd.Timestamp) -> pd.Timestamp:
    """Day, in Paris, of one UTC time."""
    return time.tz_localize("UTC").tz_convert(PARIS).tz_localize(None).normalize()


def day_weights(days: pd.DatetimeIndex) -> npt.NDArray[np.float64]:
    """Relative business of each day: growth, season, weekday."""
    growth = np.linspace(1.0, 2.3, len(days))
    months = np.array(MONTH_WEIGHTS)[days.month - 1]
    weekdays = np.array(WEEKDAY_WEIGHTS)[days.day_of_week]
    weights: npt.NDArray[np.float64] = growth * months * weekdays
    return weights


def business_times(rng: np.random.Generator, days: pd.Series) -> pd.Series:
    """UTC times in working hours of the given days; one in fifty late in the evening, as web forms are."""
    hours = np.clip(rng.normal(13.0, 2.6, len(days)), 7.5, 19.5)
    hours = np.where(rng.random(len(days)) < 0.02, rng.uniform(22.2, 23.98, len(days)), hours)
    return local_to_utc(days + pd.to_timedelta(hours, unit="h"))


def next_workday(times: pd.Series) -> pd.Series:
    """Times moved from Saturday and Sunday to Monday."""
    shift = times.dt.day_of_week.map({5: 2, 6: 1}).fillna(0)
    return times + pd.to_timedelta(shift, unit="D")


FIRST_NAMES = (
    "Camille Louise Léa Chloé Manon Inès Jade Zoé Sarah Élise Hugo Louis Jules Adam Lucas Arthur Maël Noah Paul Théo "
    "Antoine Nicolas Julien Mathieu Claire Sophie Nathalie Isabelle Olivier Thomas Emily Olivia Harry George Amelia"
).split()
LAST_NAMES = (
    "Martin Bernard Thomas Petit Robert Richard Durand Dubois Moreau Laurent Simon Michel Lefèvre Leroy Roux David "
    "Bertrand Morel Fournier Girard Bonnet Dupont Lambert Fontaine Rousseau Vincent Muller Faure Mercier Blanc Guérin "
    "Boyer Garnier Chevalier François Legrand Gauthier Garcia Perrin Robin Clément Morin Nicolas Henry Smith Jones"
).split()
COMPANY_WORDS = (
    "Alpha Boréal Cobalt Delta Éclair Fabrique Granit Horizon Iris Jalon Kairos Lumière Méridien Nova Océan Pivot "
    "Quartz Relais Sillage Tempo Union Vecteur Zénith Arc Brise Cap Dune Écume Forge Givre"
).split()
COMPANY_FORMS = "Conseil Industrie Services Logistique Santé Énergie Média Finance Digital Habitat".split()

TEAMS = {
    "sdr_fr": ("SDR France", "sdr", HUBSPOT),
    "ae_fr": ("AE France", "account_executive", HUBSPOT),
    "am_fr": ("Account Management", "account_manager", HUBSPOT),
    "sdr_uk": ("SDR UK", "sdr", SALESFORCE),
    "ae_uk": ("AE UK", "account_executive", SALESFORCE),
}


def hire_reps(rng: np.random.Generator, story: Story) -> pd.DataFrame:
    """One row per rep: rep_key, name, email, role, team, crm, hired, left, skill, crm_id, rep_id.

    Skill multiplies the odds of success at each step; a rep ramps over the first three months.
    """
    sizes = {"sdr_fr": 8, "ae_fr": 9, "am_fr": 3, "sdr_uk": 4, "ae_uk": 5}
    rows = []
    for code, size in sizes.items():
        team, role, crm = TEAMS[code]
        first_day = story.start if crm == HUBSPOT else story.acquisition
        span = (story.horizon - first_day).days
        for position in range(size):
            early = position < size * 0.6
            hired = first_day if early else first_day + pd.Timedelta(days=int(rng.uniform(0.1, 0.75) * span))
            leaves = rng.random() < 0.3 and position > 0
            left = hired + pd.Timedelta(days=int(rng.uniform(120, max(260, span)))) if leaves else pd.NaT
            rows.append((code, team, role, crm, hired, left if leaves and left < story.horizon else pd.NaT))
    reps = pd.DataFrame(rows, columns=["group", "team", "role", "crm", "hired", "left"])
    reps["rep_key"] = np.arange(len(reps))
    names = rng.choice(len(FIRST_NAMES) * len(LAST_NAMES), len(reps), replace=False)
    first = pd.Series([FIRST_NAMES[code % len(FIRST_NAMES)] for code in names])
    last = pd.Series([LAST_NAMES[code // len(FIRST_NAMES)] for code in names])
    reps["first"], reps["last"] = first, last
    reps["name"] = first + " " + last
    reps["email"] = slugs(first) + "." + slugs(last) + "@" + OWN_DOMAIN
    reps["skill"] = np.exp(rng.normal(0.0, 0.25, len(reps)))
    hubspot = reps["crm"] == HUBSPOT
    reps["crm_id"] = np.where(
        hubspot, (51_000_000 + reps["rep_key"] * 37).astype(str), salesforce_ids("005", reps["rep_key"])
    )
    reps["rep_id"] = reps["crm"] + ":" + reps["crm_id"]
    return reps


def slugs(names: pd.Series) -> pd.Series:
    """Names as they stand in e-mail addresses."""
    plain = names.str.normalize("NFKD").str.encode("ascii", "ignore").str.decode("ascii")
    return plain.str.lower().str.replace(r"[^a-z0-9]", "", regex=True)


def salesforce_ids(prefix: str, numbers: pd.Series) -> pd.Series:
    """Ids of 18 characters in Salesforce's manner."""
    return prefix + "bm" + numbers.astype(str).str.zfill(10) + "AAA"


def active_reps(reps: pd.DataFrame, group: str, days: pd.Series, rng: np.random.Generator) -> pd.Series:
    """A rep of the group who was there, for each day; the longest-serving one where nobody was."""
    members = reps[reps["group"] == group]
    hired = members["hired"].to_numpy()[:, None]
    left = members["left"].fillna(pd.Timestamp("2262-01-01")).to_numpy()[:, None]
    present = (hired <= days.to_numpy()[None, :]) & (days.to_numpy()[None, :] < left)
    present[0] |= ~present.any(axis=0)
    draws = rng.random(present.shape) * present
    return pd.Series(members["rep_key"].to_numpy()[draws.argmax(axis=0)], index=days.index)

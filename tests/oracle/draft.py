"""A case in the making: an eligible request and the small makers that themes change it with."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from .days import add_months

__all__ = ["BRANDS", "DISPLAYS", "UNIDENTIFIED", "Draft", "Raw"]

Raw = dict[str, Any]

_EDGES = (
    "2024-02-29",
    "2025-02-28",
    "2025-03-01",
    "2025-09-30",
    "2025-10-01",
    "2025-12-31",
    "2026-01-01",
    "2026-02-28",
    "2026-03-16",
    "2027-02-28",
    "2028-02-29",
)
_NEW_CODES = "2025-10-01"
BRANDS = {
    "interferon_beta_1a": ("Avonex", "Rebif", "interferon beta-1a"),
    "interferon_beta_1b": ("Betaseron", "Extavia", "Betaferon", "interferon beta-1b"),
    "peginterferon_beta_1a": ("Plegridy",),
    "glatiramer_acetate": ("Copaxone", "Glatopa", "glatiramer acetate"),
    "fingolimod": ("Gilenya", "Tascenso ODT", "fingolimod"),
    "teriflunomide": ("Aubagio", "teriflunomide"),
    "dimethyl_fumarate": ("Tecfidera", "dimethyl fumarate"),
    "diroximel_fumarate": ("Vumerity",),
    "monomethyl_fumarate": ("Bafiertam",),
    "siponimod": ("Mayzent",),
    "ponesimod": ("Ponvory",),
    "ocrelizumab": ("Ocrevus", "Ocrevus Zunovo", "ocrelizumab"),
    "ublituximab": ("Briumvi", "ublituximab"),
    "ofatumumab": ("Kesimpta",),
    "cladribine": ("Mavenclad",),
}
UNIDENTIFIED = ("XR-7719 (trial drug)", "study medication", "Immunex Forte 20")
_FORMS = {
    "rrms": (("G35.A", None), ("426373005", "snomed")),
    "active_spms": (("G35.C1", None),),
    "nonactive_spms": (("G35.C2", None),),
    "ppms": (("G35.B0", None), ("G35.B1", None), ("G35.B2", None), ("428700003", "snomed")),
    "cis": (("445967004", "snomed"),),
    "other_relapsing": (("724778008", "snomed"),),
    "ms": (("G35.D", None), ("24700007", "snomed")),
    "spms": (("G35.C0", None), ("425500002", "snomed")),
}
DISPLAYS = {
    "rrms": "Relapsing-remitting multiple sclerosis",
    "active_spms": "Active secondary progressive multiple sclerosis",
    "nonactive_spms": "Non-active secondary progressive multiple sclerosis",
    "ppms": "Primary progressive multiple sclerosis",
    "cis": "Clinically isolated syndrome",
    "other_relapsing": "Progressive relapsing multiple sclerosis",
    "ms": "Multiple sclerosis",
    "spms": "Secondary progressive multiple sclerosis",
}
_SCREENS = ("56888-1", "31201-7", "80387-4", "105080-6")
_DIFFERENTIATIONS = ("80203-3", "69668-2")
_RNA = "25836-8"


class Draft:
    """A case in the making, with the random choices that shape it."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        rng = self.rng
        if rng.random() < 0.45:
            self.first = dt.date.fromisoformat(rng.choice(_EDGES))
        else:
            self.first = dt.date(2024, 3, 1) + dt.timedelta(days=rng.randrange(1200))
        self.received = self.first - dt.timedelta(days=rng.randrange(1, 30))
        self.serial = 0
        self.case: Raw = {}
        self._eligible(seed)

    # -- small makers

    def next_id(self, prefix: str) -> str:
        self.serial += 1
        return f"{prefix}{self.serial}"

    def ago(self, least: int, most: int) -> str:
        return (self.received - dt.timedelta(days=self.rng.randint(least, most))).isoformat()

    def after_first(self, days: int) -> str:
        return (self.first + dt.timedelta(days=days)).isoformat()

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def evidence(self) -> Raw:
        """Return the fields of a documented record, in one of the ways to say so."""
        source = {"document": "chart.pdf", "page": self.rng.randint(1, 9)}
        ways: list[Raw] = [{"source": source}, {"documented": True}]
        return self.rng.choice([*ways, {"documented": True, "source": source}])

    def no_evidence(self) -> Raw:
        source = {"document": "letter.pdf"}
        return self.rng.choice([{}, {"documented": False}, {"documented": False, "source": source}])

    def code_of(self, form: str, when: str) -> Raw:
        """Return a code for the form; seldom one that did not exist yet."""
        code, system = self.rng.choice(_FORMS[form])
        if system is None and when < _NEW_CODES and self.chance(0.96):
            snomed = [c for c, s in _FORMS[form] if s]
            if not snomed:
                return {"display": DISPLAYS[form]}
            code, system = snomed[0], "snomed"
        return {"code": code} if system is None else {"code": code, "system": system}

    def condition(self, form: str, **fields: object) -> Raw:
        """Add a documented active condition."""
        recorded = str(fields.pop("recorded", None) or self.ago(1, 300))
        record: Raw = {"id": self.next_id("dx"), **self.code_of(form, recorded)}
        if "code" in record and self.chance(0.25):
            record["display"] = DISPLAYS[form]
        record |= {"status": "active", "recorded": recorded, **self.evidence(), **fields}
        self.case["conditions"].append(record)
        return record

    def disease(self, code: str, **fields: object) -> Raw:
        record: Raw = {"id": self.next_id("dx"), "code": code, "status": "active"}
        record |= {"recorded": self.ago(1, 60), **self.evidence(), **fields}
        self.case["conditions"].append(record)
        return record

    def therapy(self, product: str, **fields: object) -> Raw:
        start = self.received - dt.timedelta(days=self.rng.randint(500, 3000))
        end = start + dt.timedelta(days=self.rng.randint(30, 480))
        fields = {"start": start.isoformat(), "end": end.isoformat(), **fields}
        record: Raw = {"id": self.next_id("rx"), "product": product, "taken": True}
        record |= {key: value for key, value in fields.items() if value is not None}
        record |= self.evidence()
        self.case["therapies"].append(record)
        return record

    def failure(self, product: str, **fields: object) -> Raw:
        ways = (
            {"response": "inadequate"},
            {"stopped_for": "inadequate_response"},
            {"response": "inadequate", "stopped_for": "inadequate_response"},
            {"response": "inadequate", "stopped_for": "intolerance"},
        )
        weights = (5, 2, 3, 1)
        return self.therapy(product, **{**self.rng.choices(ways, weights)[0], **fields})

    def brand(self, *, besides: tuple[str, ...] = ()) -> str:
        drugs = [drug for drug in BRANDS if drug not in besides]
        return self.rng.choice(BRANDS[self.rng.choice(drugs)])

    def test(self, kind: str, result: str, date: str | None) -> Raw:
        codes = {"screen": _SCREENS, "differentiation": _DIFFERENTIATIONS, "rna": (_RNA,)}
        record: Raw = {"id": self.next_id("t"), "code": self.rng.choice(codes[kind])}
        record |= {"system": "loinc", "result": result}
        if date is not None:
            record["date"] = date
        self.case["observations"].append(record)
        return record

    def dose(self, date: str, vials: int = 1, **fields: object) -> Raw:
        quantities = (
            {"value": vials, "unit": "vial"},
            {"value": vials * 12, "unit": "mg"},
            {"value": vials * 12, "unit": "unit"},
        )
        quantity = self.rng.choices(quantities, (6, 1, 1))[0]
        record: Raw = {"id": self.next_id("d"), "date": date, "quantity": quantity, **fields}
        self.case["doses"].append(record)
        return record

    def answer(self, question: str, answer: object, **fields: object) -> None:
        given: Raw = {"question": question, "answer": answer, "by": "reviewer"}
        given |= {"date": self.received.isoformat(), **fields}
        self.case.setdefault("answers", []).append(given)

    # -- an eligible request

    def plan_days(self, first: dt.date, days: int) -> None:
        self.first = first
        dates = [(first + dt.timedelta(days=i)).isoformat() for i in range(days)]
        self.case["request"]["service_dates"] = dates

    def ask_for(self, vials: int) -> None:
        request = self.case["request"]
        request.pop("billed_units", None)
        options: tuple[Raw, ...] = (
            {"value": vials, "unit": "vial"},
            {"value": vials * 12, "unit": "mg"},
            {"value": round(vials * 1.2, 1), "unit": "mL"},
            {"value": vials * 12, "unit": "unit"},
        )
        request["quantity"] = self.rng.choices(options, (6, 2, 2, 2))[0]
        if self.chance(0.3):
            request["billed_units"] = vials * 12

    def later_course(self) -> None:
        """Make it a second course, the first given long enough ago."""
        self.case["request"]["course"] = 2
        self.case["doses"] = []
        start = add_months(
            self.first, -self.rng.choice((12, 13, 15, 24, 40, 60, 70))
        ) - dt.timedelta(days=6)
        for i in range(5):
            self.dose((start + dt.timedelta(days=i)).isoformat())
        if self.first < start + dt.timedelta(days=365):
            self.case["doses"] = self.case["doses"][:1]
        self.ask_for(3)
        self.plan_days(self.first, 3)

    def _eligible(self, seed: int) -> None:
        rng = self.rng
        request: Raw = {
            "received": self.received.isoformat(),
            "plan": rng.choice(("MMM MA", "MMM Multihealth", "mmm ma", "MMM MULTIHEALTH")),
            "course": 1,
        }
        naming = rng.choice(("both", "both", "product", "hcpcs"))
        if naming != "hcpcs":
            request["product"] = rng.choice(("Lemtrada", "alemtuzumab", "LEMTRADA"))
        if naming != "product":
            request["hcpcs"] = "J0202"
        self.case = {
            "id": f"generated-{seed}",
            "request": request,
            "member": {"birth_date": f"{rng.randint(1950, 2000)}-07-14"},
            "conditions": [],
            "therapies": [],
            "observations": [],
            "doses": [],
            "complete": ["therapies", "doses"],
        }
        if self.first.isoformat() < _NEW_CODES:
            request["indication"] = rng.choice(
                ({"code": "G35"}, {"code": "G35", "system": "icd-10-cm"},
                 {"code": "24700007", "system": "snomed"})
            )  # fmt: skip
        else:
            request["indication"] = rng.choice(
                ({"code": "G35.A"}, {"code": "G35.D"}, {"code": "G35.A"}, {"code": "G35"})
            )
        self.ask_for(5)
        self.plan_days(self.first, 5)
        self.condition(rng.choices(("rrms", "active_spms"), (4, 1))[0])
        if rng.random() < 0.15:
            self.condition("ms")
        drugs = rng.sample(sorted(BRANDS), 2)
        for drug in drugs:
            self.failure(rng.choice(BRANDS[drug]))
        self.test("screen", "non_reactive", self.ago(1, 200))
        if rng.random() < 0.3:
            self.later_course()

    def drop_failure(self) -> None:
        """Leave one failed drug."""
        del self.case["therapies"][1:]

"""What codes and names mean: small tables, copied by hand from the project's terminology.

A *concept* is the terminology's ``maps_to`` of a condition; an *ingredient* that of a product.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = [
    "CLASS_OF",
    "EXCLUDED_PHENOTYPES",
    "INTERVALS",
    "MS_CONCEPTS",
    "MS_INGREDIENTS",
    "NAMED_IN_EXCLUSION_IV",
    "OFF_LABEL",
    "PHENOTYPES",
    "PLANS",
    "Product",
    "concept_of_code",
    "concept_of_display",
    "in_infectious_range",
    "observation_kind",
    "product_of_code",
    "product_of_name",
]

PHENOTYPES = ("rrms", "active_spms", "nonactive_spms", "ppms", "cis", "other_relapsing")
EXCLUDED_PHENOTYPES = ("cis", "ppms", "nonactive_spms")
PLANS = ("mmm ma", "mmm multihealth")

_ALL = frozenset(PHENOTYPES)
MS_CONCEPTS: dict[str, frozenset[str]] = {
    "ms_unspecified": _ALL,
    "rrms": frozenset({"rrms"}),
    "active_spms": frozenset({"active_spms"}),
    "nonactive_spms": frozenset({"nonactive_spms"}),
    "spms_activity_not_stated": frozenset({"active_spms", "nonactive_spms"}),
    "ppms": frozenset({"ppms"}),
    "cis": frozenset({"cis"}),
    "other_relapsing": frozenset({"other_relapsing"}),
}

_ICD = {
    "G35": ("ms_unspecified", "Multiple sclerosis"),
    "G35.A": ("rrms", "Relapsing-remitting multiple sclerosis"),
    "G35.B": ("ppms", "Primary progressive multiple sclerosis"),
    "G35.B0": ("ppms", "Primary progressive multiple sclerosis, unspecified"),
    "G35.B1": ("ppms", "Active primary progressive multiple sclerosis"),
    "G35.B2": ("ppms", "Non-active primary progressive multiple sclerosis"),
    "G35.C": ("spms_activity_not_stated", "Secondary progressive multiple sclerosis"),
    "G35.C0": ("spms_activity_not_stated", "Secondary progressive multiple sclerosis, unspecified"),
    "G35.C1": ("active_spms", "Active secondary progressive multiple sclerosis"),
    "G35.C2": ("nonactive_spms", "Non-active secondary progressive multiple sclerosis"),
    "G35.D": ("ms_unspecified", "Multiple sclerosis, unspecified"),
    "G37.9": (
        "cis_or_unspecified_demyelination",
        "Demyelinating disease of central nervous system, unspecified",
    ),
    "G36.0": ("other_indication", "Neuromyelitis optica [Devic]"),
    "G37.81": ("other_indication", "Myelin oligodendrocyte glycoprotein antibody disease"),
    "H46.9": ("other_indication", "Unspecified optic neuritis"),
    "C91.10": (
        "other_indication",
        "Chronic lymphocytic leukemia of B-cell type not having achieved remission",
    ),
    "B20": ("hiv_positive", "Human immunodeficiency virus [HIV] disease"),
    "Z21": ("hiv_positive", "Asymptomatic HIV infection status"),
    "B97.35": ("hiv_positive", "HIV type 2 as the cause of diseases classified elsewhere"),
    "R75": ("hiv_inconclusive", "Inconclusive laboratory evidence of HIV"),
    "Z11.4": ("none", "Encounter for screening for HIV"),
    "Z20.6": ("hiv_unknown", "Contact with and (suspected) exposure to HIV"),
    "B18.1": ("infection", "Chronic viral hepatitis B without delta-agent"),
    "B18.2": ("infection", "Chronic viral hepatitis C"),
    "A15.0": ("infection", "Tuberculosis of lung"),
    "N10": ("infection", "Acute pyelonephritis"),
    "Z22.7": ("infection_latent", "Latent tuberculosis"),
    "Z86.19": (
        "infection_history",
        "Personal history of other infectious and parasitic diseases",
    ),
}
_SNOMED = {
    "24700007": ("ms_unspecified", "Multiple sclerosis"),
    "426373005": ("rrms", "Relapsing remitting multiple sclerosis"),
    "428700003": ("ppms", "Primary progressive multiple sclerosis"),
    "425500002": ("spms_activity_not_stated", "Secondary progressive multiple sclerosis"),
    "343601000000105": ("spms_activity_not_stated", "Secondary progressive multiple sclerosis"),
    "724778008": ("other_relapsing", "Progressive relapsing multiple sclerosis"),
    "445967004": ("cis", "Clinically isolated syndrome"),
    "698626001": ("ms_unspecified", "Exacerbation of multiple sclerosis"),
    "16415361000119105": ("ris", "Radiologically isolated syndrome"),
    "92814006": ("other_indication", "Chronic lymphoid leukemia"),
    "62479008": ("hiv_positive", "Acquired immune deficiency syndrome"),
    "40780007": ("hiv_positive", "Human immunodeficiency virus I infection"),
    "165816005": ("hiv_positive", "Human immunodeficiency virus detected (finding)"),
    "86406008": ("hiv_positive", "Human immunodeficiency virus infection"),
}


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("-", " ").split())


_DISPLAYS = {
    _plain(display): concept for table in (_ICD, _SNOMED) for concept, display in table.values()
}
_SYSTEMS = {"icd-10-cm": _ICD, "snomed": _SNOMED}


def concept_of_code(code: str | None, system: str | None) -> str | None:
    """Return the concept of a condition's code; None where it is in no list."""
    table = _SYSTEMS.get(system or "icd-10-cm", {})
    found = table.get((code or "").strip().upper())
    return found[0] if found else None


def concept_of_display(display: str | None) -> str | None:
    """Return the concept whose listed display this is, whatever its case and hyphens."""
    return _DISPLAYS.get(_plain(display or ""))


def in_infectious_range(code: str) -> bool:
    """Tell whether an ICD-10-CM code lies in A00-B99, J00-J22, N10-N12, N30 or N39.0."""
    letter, number = code[:1].upper(), code[1:3]
    if letter in ("A", "B"):
        return True
    if not number.isdigit():
        return False
    if letter == "J":
        return int(number) <= 22
    if letter == "N":
        return number in ("10", "11", "12", "30") or code.upper().startswith("N39.0")
    return False


class Product(NamedTuple):
    """A medicine as a record names it; *brand* is empty where only the ingredient is named."""

    brand: str
    ingredient: str


MS_INGREDIENTS = frozenset(
    {
        "interferon_beta_1a",
        "interferon_beta_1b",
        "peginterferon_beta_1a",
        "glatiramer_acetate",
        "natalizumab",
        "mitoxantrone",
        "fingolimod",
        "teriflunomide",
        "dimethyl_fumarate",
        "diroximel_fumarate",
        "monomethyl_fumarate",
        "siponimod",
        "ozanimod",
        "ponesimod",
        "cladribine",
        "ocrelizumab",
        "ofatumumab",
        "ublituximab",
        "daclizumab",
    }
)
OFF_LABEL = frozenset({"rituximab", "cyclophosphamide", "methotrexate"})
_SYMPTOMATIC = (
    "methylprednisolone",
    "dalfampridine",
    "efgartigimod",
    "metformin",
    "isoniazid",
    "ciprofloxacin",
)

_BRANDS = {
    "Aubagio": "teriflunomide",
    "Avonex": "interferon_beta_1a",
    "Rebif": "interferon_beta_1a",
    "Plegridy": "peginterferon_beta_1a",
    "Betaseron": "interferon_beta_1b",
    "Betaferon": "interferon_beta_1b",
    "Extavia": "interferon_beta_1b",
    "Copaxone": "glatiramer_acetate",
    "Glatopa": "glatiramer_acetate",
    "Glatiramer": "glatiramer_acetate",
    "Gilenya": "fingolimod",
    "Tascenso ODT": "fingolimod",
    "Mayzent": "siponimod",
    "Zeposia": "ozanimod",
    "Ponvory": "ponesimod",
    "Tecfidera": "dimethyl_fumarate",
    "Vumerity": "diroximel_fumarate",
    "Bafiertam": "monomethyl_fumarate",
    "Mavenclad": "cladribine",
    "Kesimpta": "ofatumumab",
    "Arzerra": "ofatumumab",
    "Ocrevus": "ocrelizumab",
    "Ocrevus Zunovo": "ocrelizumab",
    "Briumvi": "ublituximab",
    "Tysabri": "natalizumab",
    "Tyruko": "natalizumab",
    "Novantrone": "mitoxantrone",
    "Zinbryta": "daclizumab",
    "Lemtrada": "alemtuzumab",
    "Campath": "alemtuzumab",
    "Rituxan": "rituximab",
    "Ampyra": "dalfampridine",
    "Endoxan": "cyclophosphamide",
}
NAMED_IN_EXCLUSION_IV = frozenset(
    {
        "Aubagio",
        "Avonex",
        "Bafiertam",
        "Betaseron",
        "Copaxone",
        "Glatiramer",
        "Glatopa",
        "Extavia",
        "Gilenya",
        "Kesimpta",
        "Mavenclad",
        "Mayzent",
        "Ocrevus",
        "Plegridy",
        "Ponvory",
        "Tecfidera",
        "Tysabri",
        "Vumerity",
        "Zeposia",
    }
)
CLASS_OF = {
    "interferon_beta_1a": "interferon",
    "interferon_beta_1b": "interferon",
    "peginterferon_beta_1a": "interferon",
    "dimethyl_fumarate": "fumarate",
    "diroximel_fumarate": "fumarate",
    "monomethyl_fumarate": "fumarate",
    "fingolimod": "s1p",
    "siponimod": "s1p",
    "ozanimod": "s1p",
    "ponesimod": "s1p",
    "ocrelizumab": "anti_cd20",
    "ofatumumab": "anti_cd20",
    "ublituximab": "anti_cd20",
    "rituximab": "anti_cd20",
}
INTERVALS = {"ocrelizumab": (6, 0), "natalizumab": (0, 28), "ublituximab": (0, 168)}
"""Months and days from one dose to the next."""

_RXNORM = {
    "117055": ("", "alemtuzumab"),
    "75917": ("", "interferon_beta_1a"),
    "72257": ("", "interferon_beta_1b"),
    "1546168": ("", "peginterferon_beta_1a"),
    "214582": ("", "glatiramer_acetate"),
    "354770": ("", "natalizumab"),
    "7005": ("", "mitoxantrone"),
    "1012892": ("", "fingolimod"),
    "1310520": ("", "teriflunomide"),
    "1373478": ("", "dimethyl_fumarate"),
    "2261783": ("", "diroximel_fumarate"),
    "1546433": ("", "monomethyl_fumarate"),
    "2121085": ("", "siponimod"),
    "2288236": ("", "ozanimod"),
    "2532300": ("", "ponesimod"),
    "44157": ("", "cladribine"),
    "1876366": ("", "ocrelizumab"),
    "712566": ("", "ofatumumab"),
    "190353": ("", "daclizumab"),
    "121191": ("", "rituximab"),
    "3002": ("", "cyclophosphamide"),
    "6851": ("", "methotrexate"),
    "6902": ("", "methylprednisolone"),
    "1310526": ("Aubagio", "teriflunomide"),
    "153326": ("Avonex", "interferon_beta_1a"),
    "228271": ("Rebif", "interferon_beta_1a"),
    "152605": ("Betaferon", "interferon_beta_1b"),
    "135779": ("Copaxone", "glatiramer_acetate"),
    "1012896": ("Gilenya", "fingolimod"),
    "1876381": ("Ocrevus", "ocrelizumab"),
    "82050": ("Novantrone", "mitoxantrone"),
    "1594659": ("Lemtrada", "alemtuzumab"),
    "284679": ("Campath", "alemtuzumab"),
    "202590": ("Endoxan", "cyclophosphamide"),
    "1594657": ("", "alemtuzumab"),
    "1594660": ("Lemtrada", "alemtuzumab"),
    "1594663": ("Lemtrada", "alemtuzumab"),
    "1656640": ("Lemtrada", "alemtuzumab"),
    "1594662": ("Lemtrada", "alemtuzumab"),
    "828267": ("Campath", "alemtuzumab"),
    "477484": ("", "natalizumab"),
}
_HCPCS = {
    "J0202": ("Lemtrada", "alemtuzumab"),
    "J2323": ("", "natalizumab"),
    "J2350": ("", "ocrelizumab"),
    "J2329": ("", "ublituximab"),
    "J1595": ("", "glatiramer_acetate"),
    "J1826": ("", "interferon_beta_1a"),
    "Q3027": ("", "interferon_beta_1a"),
    "Q3028": ("", "interferon_beta_1a"),
    "J1830": ("", "interferon_beta_1b"),
    "J9293": ("", "mitoxantrone"),
    "Q5134": ("Tyruko", "natalizumab"),
    "J2351": ("Ocrevus Zunovo", "ocrelizumab"),
    "J9332": ("", "efgartigimod"),
}
_NDC = {"58468-0200-1": ("Lemtrada", "alemtuzumab")}
_PRODUCT_CODES = {"rxnorm": _RXNORM, "hcpcs": _HCPCS, "ndc": _NDC}

_NAMES = {_plain(brand): Product(brand, ingredient) for brand, ingredient in _BRANDS.items()}
for _ingredient in (*MS_INGREDIENTS, *OFF_LABEL, *_SYMPTOMATIC, "alemtuzumab"):
    _spelt = _ingredient.replace("beta_1", "beta 1").replace("_", " ")
    _NAMES.setdefault(_plain(_spelt), Product("", _ingredient))


def product_of_name(name: str | None) -> Product | None:
    """Return the product that a brand or ingredient name means; None where nobody lists it.

    >>> product_of_name("INTERFERON beta-1a")
    Product(brand='', ingredient='interferon_beta_1a')
    """
    return _NAMES.get(_plain(name or ""))


def product_of_code(code: str | None, system: str | None) -> Product | None:
    """Return the product that a code means; None where it is in no list."""
    found = _PRODUCT_CODES.get(system or "", {}).get((code or "").strip().upper())
    return Product(*found) if found else None


_SCREENS = """56888-1 105080-6 58900-2 31201-7 5223-3 80387-4 7917-8 29893-5 68961-2
    75622-1"""
_OBSERVATIONS = {
    **dict.fromkeys(_SCREENS.split(), "screen"),
    **dict.fromkeys(("80203-3", "69668-2", "86233-4"), "differentiation"),
    **dict.fromkeys(("30361-0", "9821-0", "9661-0"), "part"),
    **dict.fromkeys(("25836-8", "9836-8", "25842-6"), "rna"),
}


def observation_kind(code: str | None, system: str | None) -> str | None:
    """Return screen, part, differentiation or rna for an HIV test; None for anything else."""
    if system not in (None, "loinc"):
        return None
    return _OBSERVATIONS.get((code or "").strip())

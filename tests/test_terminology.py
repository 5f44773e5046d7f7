"""The tables say what they should, and the loader refuses what they must not say."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoner.errors import PolicyError
from reasoner.terminology import Row, Terminology, load, normal_code, normal_display

RULES = Path(__file__).parent.parent / "rules"
FOLDER = RULES / "terminology"
HEADER = "code,display,concept,labelled_for,valid_from,valid_to,source,confidence,note"
SYSTEMS = "alias,system,source\nrxnorm,rxnorm,test\nicd10cm,icd-10-cm,test\nnames,name,test\n"
PROPERTIES = "concept,property,value,source\n"


@pytest.fixture(scope="module")
def terminology() -> Terminology:
    return load(FOLDER)


def concept(terminology: Terminology, system: str, code: str) -> str:
    (found,) = {row.concept for row in terminology.rows(system, code)}
    return found


def values(terminology: Terminology, of: str, name: str) -> set[str]:
    return {value for c, p, value in terminology.properties if (c, p) == (of, name)}


# --- what the tables hold ----------------------------------------------------------------------


def test_no_table_lost_rows(terminology: Terminology) -> None:
    """Counts of the first edition; rows may be added, and are removed on purpose only."""
    rows = Counter(row.place.partition(":")[0] for row in terminology.table)
    least = {
        "icd10cm.csv": 253,
        "snomed.csv": 71,
        "loinc.csv": 220,
        "hcpcs.csv": 20,
        "rxnorm.csv": 150,
        "ndc.csv": 2,
        "names.csv": 350,
    }
    assert {name: rows[name] >= count for name, count in least.items()} == dict.fromkeys(
        least, True
    )
    assert len(terminology.ranges) >= 5
    assert len(terminology.property_rows) >= 77


@pytest.mark.parametrize(
    ("system", "code", "expected"),
    [
        ("icd-10-cm", "G35", "ms_unspecified"),
        ("icd-10-cm", "G35.A", "rrms"),
        ("icd-10-cm", "G35.B", "ppms"),
        ("icd-10-cm", "G35.B0", "ppms"),
        ("icd-10-cm", "G35.B1", "ppms"),
        ("icd-10-cm", "G35.B2", "ppms"),
        ("icd-10-cm", "G35.C", "spms_activity_not_stated"),
        ("icd-10-cm", "G35.C0", "spms_activity_not_stated"),
        ("icd-10-cm", "G35.C1", "active_spms"),
        ("icd-10-cm", "G35.C2", "nonactive_spms"),
        ("icd-10-cm", "G35.D", "ms_unspecified"),
        ("icd-10-cm", "G37.9", "cis_or_unspecified_demyelination"),
        ("icd-10-cm", "G36.0", "other_indication"),
        ("icd-10-cm", "C91.10", "other_indication"),
        ("icd-10-cm", "B20", "hiv_positive"),
        ("icd-10-cm", "B97.35", "hiv_positive"),
        ("icd-10-cm", "R75", "hiv_inconclusive"),
        ("icd-10-cm", "Z11.4", "none"),
        ("icd-10-cm", "Z20.6", "hiv_unknown"),
        ("icd-10-cm", "B18.1", "infection_chronic"),
        ("icd-10-cm", "B18.2", "infection_chronic"),
        ("icd-10-cm", "A15.0", "infection"),
        ("icd-10-cm", "Z22.7", "infection_latent"),
        ("icd-10-cm", "Z86.19", "infection_history"),
        ("icd-10-cm", "Z86.11", "infection_history"),
        ("icd-10-cm", "B90.9", "infection_history"),
        ("icd-10-cm", "I10", "other_indication"),
        ("snomed", "24700007", "ms_unspecified"),
        ("snomed", "426373005", "rrms"),
        ("snomed", "428700003", "ppms"),
        ("snomed", "425500002", "spms_activity_not_stated"),
        ("snomed", "445967004", "cis"),
        ("snomed", "724778008", "other_relapsing"),
        ("snomed", "16415361000119105", "ris"),
        ("snomed", "11999007", "infection_latent"),
        ("snomed", "44054006", "other_indication"),
        ("snomed", "273554001", "edss"),
        ("hcpcs", "J0202", "alemtuzumab"),
        ("hcpcs", "J2350", "ocrelizumab"),
        ("hcpcs", "J9332", "efgartigimod"),
        ("ndc", "58468-0200-1", "alemtuzumab"),
        ("loinc", "56888-1", "hiv_test"),
        ("loinc", "86233-4", "hiv_differentiation"),
        ("loinc", "20447-9", "hiv_nat"),
        ("loinc", "1742-6", "other_test"),
        ("rxnorm", "117055", "alemtuzumab"),
        ("rxnorm", "1876366", "ocrelizumab"),
        ("rxnorm", "214582", "glatiramer_acetate"),
        ("rxnorm", "6902", "methylprednisolone"),
        ("rxnorm", "6809", "other_drug"),
    ],
)
def test_a_code_means(terminology: Terminology, system: str, code: str, expected: str) -> None:
    assert concept(terminology, system, code) == expected


LISTED = {
    "Aubagio": "teriflunomide",
    "Avonex": "interferon_beta_1a",
    "Bafiertam": "monomethyl_fumarate",
    "Betaseron": "interferon_beta_1b",
    "Copaxone": "glatiramer_acetate",
    "Glatiramer": "glatiramer_acetate",
    "Glatopa": "glatiramer_acetate",
    "Extavia": "interferon_beta_1b",
    "Gilenya": "fingolimod",
    "Kesimpta": "ofatumumab",
    "Mavenclad": "cladribine",
    "Mayzent": "siponimod",
    "Ocrevus": "ocrelizumab",
    "Plegridy": "peginterferon_beta_1a",
    "Ponvory": "ponesimod",
    "Tecfidera": "dimethyl_fumarate",
    "Tysabri": "natalizumab",
    "Vumerity": "diroximel_fumarate",
    "Zeposia": "ozanimod",
}


@pytest.mark.parametrize(("brand", "ingredient"), LISTED.items())
def test_a_brand_of_exclusion_iv_is_listed_under_its_ingredient(
    terminology: Terminology, brand: str, ingredient: str
) -> None:
    rows = terminology.rows("name", brand)
    assert {(row.concept, row.lists) for row in rows} == {(ingredient, ("exclusion_iv",))}
    assert "ms" in values(terminology, ingredient, "labelled_for")


def test_exclusion_iv_lists_nothing_else(terminology: Terminology) -> None:
    listed = {row for row in terminology.table if row.lists}
    names = {row.display for row in listed if row.system == "name"}
    assert names == LISTED.keys() | {"glatiramer acetate"}
    codes = {row.display for row in listed if row.system == "rxnorm"}
    assert codes == {"Aubagio", "Avonex", "Copaxone", "Gilenya", "Ocrevus", "glatiramer acetate"}


@pytest.mark.parametrize(
    ("name", "ingredient"),
    [
        ("Rebif", "interferon_beta_1a"),
        ("Betaferon", "interferon_beta_1b"),
        ("Tascenso ODT", "fingolimod"),
        ("Briumvi", "ublituximab"),
        ("ublituximab", "ublituximab"),
        ("Tyruko", "natalizumab"),
        ("natalizumab-sztn", "natalizumab"),
        ("Ocrevus Zunovo", "ocrelizumab"),
        ("ocrelizumab and hyaluronidase", "ocrelizumab"),
        ("Novantrone", "mitoxantrone"),
        ("interferon beta 1a", "interferon_beta_1a"),
        ("Interferon β-1b", "interferon_beta_1b"),
        ("peginterferon beta-1a", "peginterferon_beta_1a"),
        ("dimethyl fumarate", "dimethyl_fumarate"),
        ("dalfampridine", "dalfampridine"),
        ("Solu-Medrol", "methylprednisolone"),
        ("Tylenol", "other_drug"),
        ("vitamin D", "other_drug"),
    ],
)
def test_a_name_means(terminology: Terminology, name: str, ingredient: str) -> None:
    assert concept(terminology, "name", name) == ingredient


@pytest.mark.parametrize(
    ("name", "uses"),
    [
        ("Arzerra", ("oncology",)),
        ("Campath", ("oncology",)),
        ("Mavenclad", ("ms",)),
        ("Kesimpta", ("ms",)),
        ("Zinbryta", ("ms",)),
        ("Lemtrada", ("ms",)),
        ("Tysabri", ()),
    ],
)
def test_a_product_has_its_own_label(
    terminology: Terminology, name: str, uses: tuple[str, ...]
) -> None:
    assert {row.labelled_for for row in terminology.rows("name", name)} == {uses}


def test_properties(terminology: Terminology) -> None:
    assert values(terminology, "natalizumab", "labelled_for") == {"ms", "crohn"}
    assert values(terminology, "ozanimod", "labelled_for") == {"ms", "ulcerative_colitis"}
    assert values(terminology, "rituximab", "labelled_for") == {"oncology"}
    assert values(terminology, "rituximab", "off_label_for") == {"ms"}
    assert values(terminology, "dalfampridine", "symptomatic") == {"ms"}
    assert values(terminology, "methylprednisolone", "relapse_treatment") == {"ms"}
    assert values(terminology, "ocrelizumab", "dosing_interval_months") == {"6"}
    assert values(terminology, "natalizumab", "dosing_interval_days") == {"28"}
    assert values(terminology, "ublituximab", "dosing_interval_days") == {"168"}


def test_every_drug_for_ms_has_one_class(terminology: Terminology) -> None:
    drugs = {c for c, p, v in terminology.properties if p == "labelled_for" and v == "ms"}
    assert len(drugs) == 20
    assert {drug: len(values(terminology, drug, "class")) for drug in drugs} == dict.fromkeys(
        drugs, 1
    )


def test_every_concept_of_a_property_has_a_row(terminology: Terminology) -> None:
    assert {c for c, _, _ in terminology.properties} <= terminology.concepts


def test_a_code_has_one_concept(terminology: Terminology) -> None:
    found: dict[tuple[str, str], set[tuple[object, ...]]] = {}
    for row in terminology.table:
        key = row.system, normal_code(row.system, row.code)
        found.setdefault(key, set()).add((row.concept, row.labelled_for, row.lists))
    assert [key for key, senses in found.items() if len(senses) > 1] == []
    assert found.keys() == terminology.by_code.keys()


def test_a_display_has_one_concept(terminology: Terminology) -> None:
    """Else a display could not be checked against its code."""
    found: dict[str, set[str]] = {}
    for row in terminology.table:
        found.setdefault(normal_display(row.display), set()).add(row.concept)
    assert {text: concepts for text, concepts in found.items() if len(concepts) > 1} == {}


def test_names_are_written_as_they_are_compared(terminology: Terminology) -> None:
    names = [row.code for row in terminology.table if row.system == "name"]
    assert [name for name in names if normal_code("name", name) != name] == []


def test_every_row_has_a_display(terminology: Terminology) -> None:
    assert [row.place for row in terminology.table if not normal_display(row.display)] == []


def test_what_nobody_verified_says_so(terminology: Terminology) -> None:
    memory = [row for row in terminology.table if row.source.endswith("from memory")]
    assert {row.confidence for row in memory} <= {"unverified", "medium", "medium-high"}
    by_number = [
        row for row in memory if row.source in {"RxNorm, from memory", "HCPCS, from memory"}
    ]
    assert {row.confidence for row in by_number} == {"unverified"}
    (vial,) = terminology.rows("ndc", "58468-0200-1")
    assert vial.confidence == "unverified"


# --- days and ranges ---------------------------------------------------------------------------


def test_the_codes_of_ms_changed_on_a_day(terminology: Terminology) -> None:
    (parent,) = terminology.rows("icd-10-cm", "G35")
    assert (parent.valid_from, parent.valid_to) == (None, dt.date(2025, 9, 30))
    children = [
        row
        for row in terminology.table
        if row.system == "icd-10-cm" and row.code.startswith("G35.")
    ]
    assert len(children) == 10
    assert {(row.valid_from, row.valid_to) for row in children} == {(dt.date(2025, 10, 1), None)}


@pytest.mark.parametrize(
    ("code", "inside"),
    [
        ("A00", True),
        ("a00.0", True),
        ("B99", True),
        ("B99.9", True),
        ("C00", False),
        ("J00", True),
        ("J22", True),
        ("J22.9", True),
        ("J30.9", False),
        ("N09", False),
        ("N10", True),
        ("N12", True),
        ("N13.6", False),
        ("N30.91", True),
        ("N31.9", False),
        ("N39.0", True),
        ("N390", True),
        ("N39.1", False),
        ("N39", False),
        ("B", False),
        ("", False),
    ],
)
def test_infectious_ranges(terminology: Terminology, code: str, *, inside: bool) -> None:
    found = {row.concept for row in terminology.in_ranges("icd-10-cm", code)}
    assert ("infectious_range" in found) == inside


@pytest.mark.parametrize(
    ("code", "shaped"),
    [
        ("E11.9", True),
        ("O9A.1", True),
        ("ZZZ", False),
        ("XYZZY", False),
        ("", False),
        ("1A2", False),
    ],
)
def test_a_code_in_no_range_is_no_code_of_its_system(
    terminology: Terminology, code: str, *, shaped: bool
) -> None:
    assert bool(terminology.in_ranges("icd-10-cm", code)) == shaped


def test_ranges_are_of_one_system(terminology: Terminology) -> None:
    assert terminology.in_ranges("snomed", "B99") == ()


# --- how text is compared ----------------------------------------------------------------------


@pytest.mark.parametrize("code", ["G35.A", "G35A", "g35.a", " g35a ", "G35. A"])
def test_icd_codes_need_no_dot(terminology: Terminology, code: str) -> None:
    assert concept(terminology, "icd-10-cm", code) == "rrms"


@pytest.mark.parametrize(
    "name", ["TYSABRI", " tysabri ", "Tysabri®", "Tysabri™", "tysabri\u00a0", "Tysabri\u200b"]
)
def test_names_ignore_case_blanks_and_signs(terminology: Terminology, name: str) -> None:
    assert concept(terminology, "name", name) == "natalizumab"


def test_names_ignore_the_kind_of_hyphen(terminology: Terminology) -> None:
    name = "Interferon  beta\u20111a"
    assert concept(terminology, "name", name) == "interferon_beta_1a"


def test_other_codes_are_exact(terminology: Terminology) -> None:
    assert terminology.rows("loinc", " 56888-1 ") != ()
    assert terminology.rows("loinc", "568881") == ()
    assert terminology.rows("hcpcs", "j0202") == ()
    assert terminology.rows("rxnorm", "G35") == ()
    assert terminology.rows("no such system", "G35") == ()


@pytest.mark.parametrize(
    ("display", "code"),
    [
        ("Diabetes mellitus type 2 (disorder)", "44054006"),
        ("Multiple sclerosis (disorder)", "24700007"),
        ("RELAPSING-REMITTING multiple sclerosis", "426373005"),
        ("Alemtuzumab 10mg/ml (Lemtrada)", "1594660"),
        ("Alemtuzumab (substance)", "129472003"),
        ("HIV 1+2 Ab [Presence] in Specimen", "43010-8"),
        ("Chronic lymphoid leukemia, disease (disorder)", "92814006"),
        ("Acetaminophen 500 mg", "315266"),
    ],
)
def test_a_display_finds_its_rows(terminology: Terminology, display: str, code: str) -> None:
    assert code in {row.code for row in terminology.named(display)}


def test_a_display_of_another_code_is_found_out(terminology: Terminology) -> None:
    """A public mapping calls 426373005 primary progressive."""
    said = terminology.named("Primary progressive multiple sclerosis", "snomed")
    assert {row.concept for row in said} == {"ppms"}
    assert "ppms" not in {row.concept for row in terminology.rows("snomed", "426373005")}


def test_named_can_be_asked_of_one_system(terminology: Terminology) -> None:
    assert {row.system for row in terminology.named("Multiple sclerosis")} == {
        "icd-10-cm",
        "snomed",
    }
    uri = "http://snomed.info/sct"
    assert {row.system for row in terminology.named("Multiple sclerosis", uri)} == {"snomed"}
    assert terminology.named("multiple") == ()
    assert terminology.named("(disorder)") == ()


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("http://hl7.org/fhir/sid/icd-10-cm", "icd-10-cm"),
        ("http://snomed.info/sct", "snomed"),
        ("http://www.nlm.nih.gov/research/umls/rxnorm", "rxnorm"),
        ("http://hl7.org/fhir/sid/ndc", "ndc"),
        ("http://loinc.org", "loinc"),
        ("http://loinc.org/", "loinc"),
        ("http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", "hcpcs"),
        ("https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", "hcpcs"),
        ("urn:oid:2.16.840.1.113883.6.96", "snomed"),
        ("ICD-10-CM", "icd-10-cm"),
        ("icd10cm", "icd-10-cm"),
        ("name", "name"),
        ("http://hl7.org/fhir/sid/icd-10", "http://hl7.org/fhir/sid/icd-10"),
        ("Nonsense", "Nonsense"),
    ],
)
def test_systems_have_short_names(terminology: Terminology, text: str, short: str) -> None:
    assert terminology.system(text) == short


def test_a_uri_serves_as_the_system(terminology: Terminology) -> None:
    uri = "http://hl7.org/fhir/sid/icd-10-cm"
    assert terminology.rows(uri, "g35a") == terminology.rows("icd-10-cm", "G35.A")
    assert terminology.in_ranges(uri, "b99") == terminology.in_ranges("icd-10-cm", "B99")


@given(st.sampled_from(["icd-10-cm", "name", "snomed"]), st.text())
def test_comparing_codes_is_idempotent(system: str, text: str) -> None:
    once = normal_code(system, text)
    assert normal_code(system, once) == once


@given(st.text())
def test_comparing_displays_is_idempotent(text: str) -> None:
    once = normal_display(text)
    assert normal_display(once) == once


@given(st.text(alphabet="Mulipe scro-,(d)[]™ '/1"), st.sampled_from(["", " (disorder)", ", ®"]))
def test_case_and_punctuation_do_not_matter(text: str, tail: str) -> None:
    assert normal_display(text.upper() + tail) == normal_display(text)


# --- files -------------------------------------------------------------------------------------


def folder(path: Path, **tables: str) -> Path:
    path.mkdir(exist_ok=True)
    for name, text in {"systems": SYSTEMS, **tables}.items():
        (path / f"{name}.csv").write_text(text, encoding="utf-8")
    return path


def table(*lines: str, header: str = HEADER) -> str:
    return "\n".join([header, *lines, ""])


ROW = "1,one,other_drug,,,,test,high,"


def test_the_digest_is_over_names_and_bytes(tmp_path: Path) -> None:
    one = folder(tmp_path / "one", rxnorm=table(ROW))
    two = folder(tmp_path / "two", rxnorm=table(ROW))
    assert load(one).digest == load(two).digest
    assert load(one).digest.startswith("sha256:")
    assert len(load(one).digest) == len("sha256:") + 64
    (two / "rxnorm.csv").write_text(table(ROW) + "\n", encoding="utf-8")
    assert load(one).digest != load(two).digest
    (two / "rxnorm.csv").unlink()
    folder(two, names=table(ROW))
    assert load(one).digest != load(two).digest


def test_the_order_of_files_does_not_matter(tmp_path: Path) -> None:
    base = folder(tmp_path / "base", rxnorm=table(ROW))
    a = tmp_path / "a.csv"
    a.write_text(table("2,two,other_drug,,,,test,high,,rxnorm", header=f"{HEADER},system"))
    b = folder(tmp_path / "b", names=table("Two®,Two,other_drug,,,,test,high,"))
    (b / "systems.csv").unlink()
    one, two = load(base, a, b), load(a, b, base)
    assert one.digest == two.digest != load(base).digest
    assert one.table == two.table
    assert concept(one, "rxnorm", "2") == concept(one, "name", "two") == "other_drug"


def test_more_extends_and_may_repeat(tmp_path: Path, terminology: Terminology) -> None:
    more = folder(tmp_path, rxnorm=table("117055,Alemtuzumab IN,alemtuzumab,,,,mine,high,"))
    found = load(FOLDER, more)
    assert len(found.table) == len(terminology.table) + 1
    assert "mine" in [row.source for row in found.rows("rxnorm", "117055")]


def test_more_may_not_contradict(tmp_path: Path) -> None:
    more = folder(tmp_path, rxnorm=table("117055,alemtuzumab,other_drug,,,,mine,high,"))
    with pytest.raises(PolicyError, match="`117055` has the concept"):
        load(FOLDER, more)


def test_a_row_knows_its_place_and_days(tmp_path: Path) -> None:
    text = table(
        "",
        '"G35.A","Relapsing, remitting",rrms,"ms oncology",2025-10-01,,test,high,"a note"',
    )
    (row,) = load(folder(tmp_path, icd10cm=text)).table
    assert row == Row(
        system="icd-10-cm",
        code="G35.A",
        display="Relapsing, remitting",
        concept="rrms",
        labelled_for=("ms", "oncology"),
        valid_from=dt.date(2025, 10, 1),
        valid_to=None,
        source="test",
        confidence="high",
        note="a note",
        lists=(),
        place="icd10cm.csv:3",
    )


def test_a_byte_order_mark_and_crlf_do_no_harm(tmp_path: Path) -> None:
    base = folder(tmp_path)
    (base / "rxnorm.csv").write_bytes(b"\xef\xbb\xbf" + table(ROW).replace("\n", "\r\n").encode())
    assert concept(load(base), "rxnorm", "1") == "other_drug"


MALFORMED = [
    ("rxnorm", HEADER.replace(",source", ""), 1, "the column `source` is missing", "labelled_for"),
    ("rxnorm", f"{HEADER},labeled_for", 1, "has a column `labeled_for`", "`labelled_for`?"),
    ("rxnorm", f"{HEADER},note", 1, "two columns are called `note`", "keep one"),
    ("rxnorm", "", 1, "the table is empty", "names the columns"),
    ("rxnorm", table(",one,other_drug,,,,test,high,"), 2, "`code` is empty", "fill it in"),
    ("icd10cm", table(" . ,one,other_drug,,,,test,high,"), 2, "`code` is empty", "fill it in"),
    ("names", table("®,one,other_drug,,,,test,high,"), 2, "`code` is empty", "fill it in"),
    ("rxnorm", table("1,one,,,,,test,high,"), 2, "`concept` is empty", "fill it in"),
    ("rxnorm", table("1,one,Other Drug,,,,test,high,"), 2, "`concept` cannot be", "lower-case"),
    ("rxnorm", table("1,one,a,MS,,,test,high,"), 2, "`labelled_for` cannot be `MS`", "lower"),
    ("rxnorm", table("1,one,a,,,,,high,"), 2, "`source` is empty", "fill it in"),
    ("rxnorm", table("1,one,a,,,, ,high,"), 2, "`source` is empty", "fill it in"),
    ("rxnorm", table("1,one,a,,,,test,hihg,"), 2, "`hihg` is not a confidence", "`high`?"),
    ("rxnorm", table("1,one,a,,2025-13-01,,test,high,"), 2, "`valid_from` is not a date", "2025"),
    ("rxnorm", table("1,one,a,,,20251001,test,high,"), 2, "`valid_to` is not a date", "2025"),
    ("rxnorm", table("1,one,a,,2025-W40-3,,test,high,"), 2, "is not a date", "2025-10-01"),
    ("rxnorm", table("1,one,a,,2025-10-02,2025-10-01,test,high,"), 2, "is after", "both days"),
    ("rxnorm", table(ROW, "1,one,a,,,,test,high,"), 3, "has the concept `a` here", "one thing"),
    ("icd10cm", table("G35A,x,a,,,,t,high,", "g35.a,x,b,,,,t,high,"), 3, "icd10cm.csv:2", "one"),
    ("rxnorm", table("1,x,a,,,,t,high,", "1,x,a,ms,,,t,high,"), 3, "the labelled_for `ms`", "one"),
    (
        "rxnorm",
        table("1,x,a,,,,t,high,,", "1,x,a,,,,t,high,,ours", header=f"{HEADER},lists"),
        3,
        "the lists `ours`",
        "one",
    ),
    ("rxnorm", table("1,one,a,,,,test,high"), 2, "8 fields in a table of 9 columns", "comma"),
    ("rxnorm", table('1,"one,a,,,,test,high,'), 2, "the line is not CSV", "quote"),
    ("rxnorm", table("1,o\0ne,a,,,,test,high,"), 2, "a NUL character", "remove"),
    ("rxnorn", table(ROW), 2, "`rxnorn` is not a code system", "`rxnorm`?"),
    ("properties", f"{PROPERTIES}nothing,class,a,test\n", 2, "has the concept `nothing`", "add"),
    ("properties", f"{PROPERTIES}a,Class,a,test\n", 2, "has the concept `a`", "add"),
    ("properties", "concept,property,value\n", 1, "the column `source` is missing", "concept"),
    (
        "ranges",
        "system,first,last,concept,source,note\nicd10cm,B,A,a,t,\n",
        2,
        "comes after",
        "low",
    ),
    ("ranges", "system,first,last,concept,source,note\nicd11,A,B,a,t,\n", 2, "not a code", "icd"),
    ("systems", f"{SYSTEMS}rxnorm,ndc,test\n", 5, "names two systems", "keep one"),
    ("systems", f"{SYSTEMS},ndc,test\n", 5, "`alias` is empty", "fill it in"),
]


@pytest.mark.parametrize(("name", "text", "line", "message", "hint"), MALFORMED)
def test_a_malformed_table_is_refused(
    tmp_path: Path, name: str, text: str, line: int, message: str, hint: str
) -> None:
    folder(tmp_path, **{name: text})
    with pytest.raises(PolicyError) as refused:
        load(tmp_path)
    error = refused.value
    assert error.code == "policy.terminology"
    assert message in error.message
    assert hint in error.hint
    assert error.where == f"{tmp_path / name}.csv:{line}"
    assert "\n" not in error.message


def test_a_property_is_a_word(tmp_path: Path) -> None:
    folder(tmp_path, rxnorm=table(ROW), properties=f"{PROPERTIES}other_drug,Class,a,test\n")
    with pytest.raises(PolicyError, match="`property` cannot be `Class`"):
        load(tmp_path)


def test_a_table_in_another_encoding_is_refused(tmp_path: Path) -> None:
    folder(tmp_path)
    (tmp_path / "rxnorm.csv").write_bytes(f"{HEADER}\n".encode() + b"1,caf\xe9,a,,,,t,high,\n")
    with pytest.raises(PolicyError, match="not UTF-8") as refused:
        load(tmp_path)
    assert refused.value.where.endswith("rxnorm.csv:2")


def test_a_row_without_a_display_has_no_name(tmp_path: Path) -> None:
    found = load(folder(tmp_path, rxnorm=table("1,,other_drug,,,,test,high,")))
    assert found.named("") == found.named("--") == ()


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="no tables"):
        load(tmp_path)
    with pytest.raises(PolicyError, match="cannot be read: no such file"):
        load(tmp_path / "none.csv")

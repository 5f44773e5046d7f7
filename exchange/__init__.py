"""Cases, decisions and questions as FHIR R4 (4.0.1) resources: what goes out.

    case -> request Bundle (`request`, `records`, `restatement`)
    decision -> PAS response Bundle (`response`), CRD coverage information (`coverage`)
    questions still open -> Questionnaire (`questionnaire`)

Nothing here decides, and nothing reads the clock: dates come from the case or the decision,
identifiers from digests. The same input gives the same bytes.
"""

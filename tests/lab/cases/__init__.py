"""Tables of cases: each module here has a list CASES (casekit/case.py says what a case is)."""

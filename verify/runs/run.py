"""A run: each case filled by the subject and by its twin, every check applied, the findings diagnosed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import inf
from time import perf_counter

from ..cases.case import Case
from ..cases.draws import seeds_for
from ..cases.formats import FormatMissing
from ..cases.functions import FUNCTIONS
from ..checks import exact_checks, statistical_checks
from ..checks.bits import bits, compares_bits, same_draws, state
from ..checks.finding import Finding, Sample, Verdict, diverging, draw, filled
from ..checks.hashes import hash_findings
from ..checks.orthogonal import agreement
from ..checks.refusals import refusal, torch_outcome
from ..checks.relations import relations
from ..checks.scaling import fans, gains
from ..checks.support import returned
from ..diagnosis.hints import diagnosed
from ..diagnosis.reproduce import with_reproducer
from ..subjects import Subject, subject, twin_of
from ..subjects.base import RELATED
from ..subjects.catalogue import doubts
from ..subjects.environment import Environment, environment
from .plan import Plan

# Sees what a run is at (a function's name, or what comes before all cases) and the findings about that.
Observer = Callable[[str, list[Finding]], None]
PREFACE = "gains, fans, refusals, relations"


@dataclass(frozen=True)
class Report:
    """All findings of a run and what it was run on."""

    plan: Plan
    environment: Environment
    findings: tuple[Finding, ...]
    seconds: float

    @property
    def verdict(self) -> Verdict:
        """The worst verdict; `not run` where nothing failed and none of the plan's own cases ran."""
        if any(finding.verdict == "fail" for finding in self.findings):
            return "fail"
        own = set(self.plan.cases)
        ran = any(finding.verdict != "not run" for finding in self.findings if finding.case in own)
        return "pass" if ran else "not run"


def run(plan: Plan, observe: Observer = lambda label, findings: None) -> Report:
    """Carry the plan out; `observe` sees the findings before all cases, then each case's, as they come."""
    start = perf_counter()
    findings: list[Finding] = []
    for label, batch in _batches(plan):
        findings += batch
        observe(label, batch)
    return Report(plan, environment(), tuple(findings), perf_counter() - start)


def _batches(plan: Plan) -> Iterator[tuple[str, list[Finding]]]:
    if plan.cases:
        yield PREFACE, list(_preface(plan))
    for case in plan.cases:
        yield case.function, examine(plan, case)


def _preface(plan: Plan) -> Iterator[Finding]:
    if not plan.drawing_only:
        for check in (gains, fans):
            yield with_reproducer(check(plan.subject, _others(plan.subject)), plan.subject)
    yield from _refusals(plan)
    for case in plan.related:
        yield from related(plan, case)


def _refusals(plan: Plan) -> Iterator[Finding]:
    """The subject's known divergences from torch, on both sides."""
    functions = {case.function for case in plan.cases}
    here = environment()
    for divergence in plan.subject.divergences():
        if divergence.function not in functions or (
            plan.drawing_only and not FUNCTIONS[divergence.function].random
        ):
            continue
        yield with_reproducer(refusal(plan.subject, divergence), plan.subject)
        torch = subject("torch") if here.torch and not plan.drawing_only else None
        if torch and (finding := torch_outcome(torch, divergence)):
            changed = finding.verdict == "fail" and not here.reference
            yield _diverging(finding) if changed else with_reproducer(finding, torch, plan.subject)


def _others(tested: Subject) -> list[Subject]:
    """Torch, wherever it is installed: gains and fans are the same in every version."""
    return [subject("torch")] if environment().torch and tested.name != "torch" else []


def _raised(plan: Plan, case: Case, seed: int, error: Exception) -> Finding:
    """A subject that raises has failed, a missing format has not run; either way the run goes on."""
    name = plan.subject.name
    if isinstance(error, FormatMissing):
        return Finding("fill", name, case, "not run", str(error), seed=seed)
    text, _, _ = f"raised {type(error).__name__}: {error}".partition("\n")
    return with_reproducer(Finding("fill", name, case, "fail", text, inf, seed=seed), plan.subject)


def related(plan: Plan, case: Case) -> list[Finding]:
    """The checks of independence inside that case's fills, and between those that are related."""
    if plan.once:
        return [_unjudged(plan, case, "relations")]
    seeds = seeds_for(plan.seed, case, "relations", times=RELATED)
    try:
        sample = draw(plan.subject, case, seeds)
        fills = {
            relation: [filled(fill) for fill in fills]
            for relation, fills in plan.subject.related(case, seeds[0]).items()
        }
    except Exception as error:  # noqa: BLE001 - whatever a subject raises is its failure
        return [_raised(plan, case, seeds[0], error)]
    samples = {relation: replace(sample, draws=draws) for relation, draws in fills.items()}
    wrong = [finding for each in (sample, *samples.values()) if (finding := returned(each)).verdict == "fail"]
    if wrong:
        return [diagnosed(finding, sample, None) for finding in wrong]
    findings = relations(sample, fills, plan.budget.share)
    return [diagnosed(finding, samples.get(finding.check, sample), None) for finding in findings]


def examine(plan: Plan, case: Case) -> list[Finding]:
    """Every check of one case."""
    seeds = seeds_for(plan.seed, case)[: plan.draws(case)]
    try:
        ours = draw(plan.subject, case, seeds)
    except Exception as error:  # noqa: BLE001 - whatever a subject raises is its failure
        return [_raised(plan, case, seeds[0], error)]
    first = returned(ours)
    if first.verdict == "fail":
        return [diagnosed(first, ours, None)]
    twin = twin_of(plan.subject, case)
    if twin is None:
        return [first, *_judged(plan, ours, None), *_without_twin(plan, ours)]
    theirs = draw(twin, case, seeds)
    same = same_draws(ours, theirs)
    findings = [first, *_compared(plan, ours, theirs, same), *_judged(plan, ours, theirs)]
    # Where both have the same weights there is nothing else to look at.
    return findings if same else findings + _judged(plan, theirs, None)


def _compared(plan: Plan, ours: Sample, theirs: Sample, same: bool) -> list[Finding]:
    findings = []
    if compares_bits(ours):
        findings.append(bits(ours, theirs, plan.budget.share, same))
    elif not ours.subject.stream.factors_normals:
        findings.append(agreement(ours, theirs))
    if ours.draws[0].state is not None or theirs.draws[0].state is not None:
        findings.append(state(ours, theirs, same))
    return [diagnosed(finding, ours, theirs) for finding in findings]


def _judged(plan: Plan, ours: Sample, theirs: Sample | None) -> list[Finding]:
    """The checks of law, support and structure."""
    findings = [check(ours) for check in exact_checks(ours.case, ours.law, ours.subject.stream)]
    statistical, share = statistical_checks(ours.case, ours.law), plan.budget.share
    judged = plan.judges(ours.case)
    findings += [check(ours, share) for check in statistical if judged]
    unjudged = [_unjudged(plan, ours.case, "law")] if statistical and not judged else []
    return [diagnosed(finding, ours, theirs) for finding in findings] + unjudged


def _unjudged(plan: Plan, case: Case, check: str) -> Finding:
    slow = f"{case.function}: {plan.subject.name} is too slow to draw it as often as that takes"
    text = f"not judged in the budget {plan.budget_name}, which draws each case once" if plan.once else slow
    return Finding(check, plan.subject.name, case, "not run", text)


def _without_twin(plan: Plan, ours: Sample) -> list[Finding]:
    """No live reference: the committed hashes of the stream it promises; where torch has other bits here, its law."""
    stream = plan.subject.bits_of
    if stream is None:
        return []
    findings = [diagnosed(finding, ours, None) for finding in hash_findings(plan.subject, ours.case, stream)]
    if not doubts(stream):
        return findings
    if environment().torch is None:
        return [*findings, Finding("bits", plan.subject.name, ours.case, "not run", "torch is not installed")]
    return findings + _local_torch(plan, ours)


def _local_torch(plan: Plan, ours: Sample) -> list[Finding]:
    """The local torch judged by law; each difference is the machine's or the version's, not the subject's."""
    local = subject("torch")
    if ours.case.function not in local.functions:
        return []
    try:
        theirs = draw(local, ours.case, ours.seeds)
    except Exception as error:  # noqa: BLE001 - other versions refuse other things
        text = f"raised {type(error).__name__}: {error}"
        return [_diverging(Finding("fill", local.name, ours.case, "fail", text, seed=ours.seeds[0]))]
    findings = _compared(plan, ours, theirs, same_draws(ours, theirs)) + _judged(plan, theirs, None)
    return [_diverging(finding) if finding.verdict == "fail" else finding for finding in findings]


def _diverging(finding: Finding) -> Finding:
    """The failure of a torch that is no reference: named, and nobody's fault."""
    return diverging(finding, "; ".join(environment().doubts))

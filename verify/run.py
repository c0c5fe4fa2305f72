"""A run: each case filled by the subject and by its twin, every check applied, the findings gathered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import inf
from time import perf_counter

from .cases import Case
from .checks import exact_checks, statistical_checks
from .checks.bits import bits, compares_bits, same_draws, state
from .checks.finding import Finding, Sample, Verdict, draw, seeds_for
from .checks.refusals import refusal, torch_outcome
from .checks.scaling import fans, gains
from .diagnose import diagnosed
from .environment import Environment, environment
from .formats import FormatMissing
from .hashes import hash_findings
from .plan import Plan
from .subjects import Subject, subject

Observer = Callable[[Case, list[Finding]], None]


@dataclass(frozen=True)
class Report:
    """All findings of a run and what it was run on."""

    plan: Plan
    environment: Environment
    findings: tuple[Finding, ...]
    seconds: float

    @property
    def verdict(self) -> Verdict:
        """The worst verdict; `not run` only where nothing ran at all."""
        verdicts = {finding.verdict for finding in self.findings}
        if "fail" in verdicts:
            return "fail"
        return "pass" if verdicts & {"pass", "divergence"} else "not run"


def run(plan: Plan, observe: Observer = lambda case, findings: None) -> Report:
    """Carry the plan out; `observe` sees each case's findings as they come."""
    start = perf_counter()
    findings: list[Finding] = []
    for batch_case, batch in _batches(plan):
        findings += batch
        observe(batch_case, batch)
    return Report(plan, environment(), tuple(findings), perf_counter() - start)


def _batches(plan: Plan) -> Iterator[tuple[Case, list[Finding]]]:
    if plan.cases:
        for check in (gains, fans):
            finding = check(plan.subject, _others(plan.subject))
            yield finding.case, [finding]
        for finding in _refusals(plan):
            yield finding.case, [finding]
    for case in plan.cases:
        yield case, examine(plan, case)


def _refusals(plan: Plan) -> Iterator[Finding]:
    """The subject's known divergences from torch, on both sides."""
    functions = {case.function for case in plan.cases}
    here = environment()
    for known in plan.subject.divergences():
        if known.function not in functions:
            continue
        yield refusal(plan.subject, known)
        if here.torch and (finding := torch_outcome(subject("torch"), known)):
            changed = finding.verdict == "fail" and not here.reference
            yield _diverging(finding) if changed else finding


def _others(tried: Subject) -> list[Subject]:
    """Torch, wherever it is installed: gains and fans are the same in every version."""
    return [subject("torch")] if environment().torch and tried.name != "torch" else []


def examine(plan: Plan, case: Case) -> list[Finding]:
    """Every check of one case; a subject that raises has failed, a missing format has not run."""
    seeds = seeds_for(plan.seed, case)
    try:
        ours = draw(plan.subject, case, seeds)
    except FormatMissing as error:
        return [Finding("fill", plan.subject.name, case, "not run", str(error), seed=seeds[0])]
    except Exception as error:  # noqa: BLE001 - whatever a subject raises is its failure, and the run goes on
        text = f"raised {type(error).__name__}: {error}"
        lines = tuple(plan.subject.recipe(case, seeds[0]))
        return [Finding("fill", plan.subject.name, case, "fail", text, inf, seed=seeds[0], reproducer=lines)]
    twin = plan.subject.twin(case)
    if twin is None:
        return _judged(plan, ours, None) + _without_twin(plan, ours)
    theirs = draw(twin, case, seeds)
    judged = _judged(plan, ours, theirs)
    return _compared(plan, ours, theirs) + judged + _twin_judged(plan, ours, theirs, judged)


def _compared(plan: Plan, ours: Sample, theirs: Sample) -> list[Finding]:
    found = []
    if compares_bits(ours):
        found.append(bits(ours, theirs, plan.budget.share))
    if ours.draws[0].state is not None or theirs.draws[0].state is not None:
        found.append(state(ours, theirs, same_draws(ours, theirs)))
    return [diagnosed(finding, ours, theirs) for finding in found]


def _judged(plan: Plan, ours: Sample, theirs: Sample | None) -> list[Finding]:
    """The checks of law, support and structure."""
    found = [check(ours) for check in exact_checks(ours.case, ours.law)]
    share = plan.budget.share
    found += [check(ours, share) for check in statistical_checks(ours.case, ours.law)]
    return [diagnosed(finding, ours, theirs) for finding in found]


def _twin_judged(plan: Plan, ours: Sample, theirs: Sample, judged: list[Finding]) -> list[Finding]:
    """The same checks on the twin; where both made the same weights one look serves for both."""
    if same_draws(ours, theirs):
        return [replace(finding, subject=theirs.subject.name) for finding in judged]
    return _judged(plan, theirs, None)


def _without_twin(plan: Plan, ours: Sample) -> list[Finding]:
    """No live reference: committed hashes, and whatever the local torch is, by law."""
    here = environment()
    if here.reference or plan.subject.name == "torch":
        return []
    found = hash_findings(plan.subject, ours.case)
    if here.torch is None:
        return [*found, Finding("bits", plan.subject.name, ours.case, "not run", "torch is not installed")]
    return found + _local_torch(plan, ours)


def _local_torch(plan: Plan, ours: Sample) -> list[Finding]:
    """The local torch judged by law; each difference is the machine's or the version's, not the subject's."""
    local = subject("torch")
    try:
        theirs = draw(local, ours.case, ours.seeds)
    except Exception as error:  # noqa: BLE001 - other versions refuse other things
        text = f"raised {type(error).__name__}: {error}"
        return [_diverging(Finding("fill", local.name, ours.case, "fail", text, seed=ours.seeds[0]))]
    found = _compared(plan, ours, theirs) + _judged(plan, theirs, None)
    return [_diverging(finding) if finding.verdict == "fail" else finding for finding in found]


def _diverging(finding: Finding) -> Finding:
    """The failure of a torch that is no reference: named, and nobody's fault."""
    why = "known divergence of " + "; ".join(environment().doubts)
    return replace(
        finding, verdict="divergence", figure=f"{finding.figure} ({why})", diagnosis="", reproducer=()
    )

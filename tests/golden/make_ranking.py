"""Goldens of eval/metrics/ranking-metrics.ts: trec_eval by way of pytrec_eval (PyPI pytrec-eval-terrier 0.5.10) on made-up rankings.

Scores are distinct, since trec_eval orders ties by its own rule. Random numbers come from a linear congruential generator and the
rankings are written out with the results.
"""

import json
import pathlib

import pytrec_eval

state = 1


def draw(below):
    global state
    state = (state * 1103515245 + 12345) % 2**31
    return state // 65536 % below


def cut(measure, k, qrel, run):
    evaluator = pytrec_eval.RelevanceEvaluator({"q": qrel}, {f"{measure}.{k}"})
    return evaluator.evaluate({"q": run})["q"][f"{measure}_{k}"]


def reciprocal_rank(k, qrel, run):
    """trec_eval's recip_rank has no cut-off: it is given the first k places."""
    first = dict(sorted(run.items(), key=lambda item: -item[1])[:k])
    evaluator = pytrec_eval.RelevanceEvaluator({"q": qrel}, {"recip_rank"})
    return evaluator.evaluate({"q": first})["q"]["recip_rank"]


cases = []
for _ in range(40):
    relevance = {f"d{draw(30)}": 1 + draw(3) for _ in range(1 + draw(6))}
    ranking = list(dict.fromkeys(f"d{draw(30)}" for _ in range(1 + draw(25))))
    run = {item: float(100 - place) for place, item in enumerate(ranking)}
    metrics = {
        f"{name}{k}": cut(measure, k, relevance, run)
        for k in (1, 5, 10)
        for name, measure in (("p", "P"), ("r", "recall"), ("hit", "success"), ("ndcg", "ndcg_cut"))
    }
    metrics |= {f"mrr{k}": reciprocal_rank(k, relevance, run) for k in (1, 5, 10)}
    cases.append({"relevance": relevance, "ranking": ranking, "metrics": {key: round(value, 9) for key, value in metrics.items()}})

pathlib.Path(__file__).with_name("ranking.json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")

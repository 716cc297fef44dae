"""Checks printed evidence tables without driftwarden: Python's standard library only.

    driftwarden baseline show ID --tables --json > tables.json
    python3 docs/validation/check_tables.py tables.json

For every table of every column it recomputes, from q, limit, x and the two multipliers alone,
- the ratios r = mu + lambda f'(x) with f(x) = (x - 1) ln x, which must not be negative,
- the certificate mu + lambda (limit + sum q (x - 1 + ln x)), which bounds sum P r over every P whose PSI from q is within the limit,
- that the printed ln r is no larger than ln of the ratio less ln of the certificate.
Then it looks for a counterexample: random P within the limit with sum P exp(ln r) above 1.
"""

import json
import math
import random
import sys


def psi(p, q):
    return sum((a - b) * math.log(a / b) for a, b in zip(p, q))


def within(q, limit, draw):
    """A random distribution at PSI `limit` from q: from q straight towards a random point, by halving."""
    weights = [share * math.exp(draw.gauss(0, 2)) for share in q]
    total = sum(weights)
    target = [weight / total for weight in weights]
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        point = [(1 - middle) * a + middle * b for a, b in zip(q, target)]
        low, high = (middle, high) if psi(point, q) <= limit else (low, middle)
    return [(1 - low) * a + low * b for a, b in zip(q, target)]


def check(content, draw):
    """Number of tables of one column, the certificate farthest from 1, and the largest sum P r found."""
    q, limit = content["set"]["q"], content["set"]["limit"]
    farthest, largest = 0.0, 0.0
    points = [within(q, limit, draw) for _ in range(200)]
    for table in content["tables"]:
        mu, lam, x = table["multipliers"]["mu"], table["multipliers"]["lambda"], table["x"]
        assert lam >= 0 and all(value > 0 for value in x), table["name"]
        ratio = [mu + lam * (math.log(value) + 1 - 1 / value) for value in x]
        assert min(ratio) >= 0, table["name"]
        dual = mu + lam * (limit + sum(share * (value - 1 + math.log(value)) for share, value in zip(q, x)))
        for printed, value in zip(table["logRatio"], ratio):
            assert printed <= math.log(value) - math.log(dual) + 1e-11, table["name"]
        farthest = max(farthest, abs(dual - 1))
        payoff = [math.exp(value) for value in table["logRatio"]]
        largest = max(largest, *(sum(a * b for a, b in zip(point, payoff)) for point in points))
    return len(content["tables"]), farthest, largest


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        tables = json.load(file)["tables"]
    draw = random.Random(1)
    for column in tables:
        count, farthest, largest = check(column["content"], draw)
        print(f"{column['subject']}: {count} tables, certificates within {farthest:.1e} of 1, largest sum P r found {largest:.12f}")
        assert largest <= 1


if __name__ == "__main__":
    main()

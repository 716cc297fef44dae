"""whylogs: one profile per window, drift scores against the reference's profile as they come; a column has drifted when its category is DRIFT."""

import whylogs as why
from common import main
from whylogs.viz.drift.column_drift_algorithms import calculate_drift_scores


def flags_of(data, days, notes):
    names = [column["name"] for column in data.columns]
    reference = why.log(data.reference()).view()
    notes["possible"] = 0
    notes["methods"] = set()
    for day in range(days):
        target = why.log(data.window(day)).view()
        scores = calculate_drift_scores(target_view=target, reference_view=reference, with_thresholds=True)
        notes["possible"] += sum(scores[name]["drift_category"] == "POSSIBLE_DRIFT" for name in names)
        notes["methods"] = sorted({*notes["methods"], *(scores[name]["algorithm"] for name in names)})
        yield [index for index, name in enumerate(names) if scores[name]["drift_category"] == "DRIFT"]


main("whylogs", flags_of)

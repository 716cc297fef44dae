"""Evidently: DataDriftPreset as it comes; a column has drifted when the preset's own test of it fails."""

from common import main
from evidently import Report
from evidently.presets import DataDriftPreset


def flags_of(data, days, notes):
    reference = data.reference()
    position = {column["name"]: index for index, column in enumerate(data.columns)}
    notes["whole"] = 0
    for day in range(days):
        result = Report([DataDriftPreset()], include_tests=True).run(data.window(day), reference).dict()
        flagged = []
        for test in result["tests"]:
            failed = test["status"].value == "FAIL"
            params = test["metric_config"]["params"]
            if "column" not in params:
                notes["whole"] += failed  # the preset's verdict on the whole table: half of its columns
            elif failed:
                flagged.append(position[params["column"]])
        counted = next(metric["value"]["count"] for metric in result["metrics"] if "DriftedColumnsCount" in metric["metric_name"])
        if counted != len(flagged):
            raise AssertionError(f"the preset counts {counted} drifted columns, its tests {len(flagged)}")
        notes["methods"] = sorted({m["config"]["method"] for m in result["metrics"] if "method" in m["config"]})
        yield flagged


main("evidently", flags_of)

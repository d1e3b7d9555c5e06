"""A demonstration county's statistics bureau: its tasks stand in a spreadsheet beside this file."""

from pathlib import Path

from burdenlib.plugins.spreadsheet import SpreadsheetPlugin

plugin = SpreadsheetPlugin(
    department="示范县统计局(演示)",
    path=Path(__file__).with_name("statistics.csv"),
    columns={"任务名称": "title", "村庄代码": "target"},
    defaults={"level": "县", "target_kind": "村", "kind": "报表台账", "channels": "通知"},
)

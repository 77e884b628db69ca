"""The pages of the Test Suite (EXPERIENCE b.3)."""

from testbench.views.compare import suite_compare
from testbench.views.copies import suite_case_curl, suite_case_pytest, suite_case_resend
from testbench.views.home import suite_home
from testbench.views.report import suite_report, suite_report_json
from testbench.views.run import suite_cancel, suite_live, suite_rerun, suite_run, suite_screenshot
from testbench.views.single import suite_single
from testbench.views.trying import suite_case_log, suite_try

__all__ = [
    "suite_cancel",
    "suite_case_curl",
    "suite_case_log",
    "suite_case_pytest",
    "suite_case_resend",
    "suite_compare",
    "suite_home",
    "suite_live",
    "suite_report",
    "suite_report_json",
    "suite_rerun",
    "suite_run",
    "suite_screenshot",
    "suite_single",
    "suite_try",
]

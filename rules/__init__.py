"""What is right: rules in Rego, the engines that evaluate them, and the verdicts that follow."""

from rules.assess import check, exit_status
from rules.rule import load_policy

__all__ = ["check", "exit_status", "load_policy"]

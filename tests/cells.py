"""A valid cell, as a deployment of the sandbox would write it; each test changes the one thing that it is about."""

from typing import Any

from handlers.domain.cell import Cell

ACCOUNT, HUB, REGION, PARTNER = "222222222222", "111111111111", "us-east-1", "us-west-2"


def a_cell(**changed: Any) -> Cell:
    """The sandbox's cell, with *changed* fields."""
    hub_role = f"arn:aws:iam::{HUB}:role/stackmend/stackmend-sandbox-lease"
    given: dict[str, Any] = {
        "environment": "sandbox",
        "account": ACCOUNT,
        "region": REGION,
        "partner": PARTNER,
        "patterns": [{"pattern": "app-*", "mode": "act"}, {"pattern": "shadow-*", "mode": "observe"}],
        "tiers": {"standard": {"max_attempts": 3, "backoff_seconds": 2}},
        "ledger_table": f"stackmend-sandbox-ledger-{REGION}",
        "vault_bucket": "stackmend-sandbox-vault",
        "lease": {
            "table": "stackmend-sandbox-leases",
            "hub_account": HUB,
            "regions": ["us-east-1", "us-east-2", "us-west-2"],
            "read_role_arn": f"{hub_role}-read",
            "renew_role_arn": f"{hub_role}-renew",
            "external_id": "stackmend-sandbox",
        },
        "machine_arn": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:stackmend-sandbox-recovery",
        "intake_queue": "stackmend-sandbox-intake",
        "notice_queue": "stackmend-sandbox-notice",
        "capture_queue": "stackmend-sandbox-capture",
        "escalation_queue": "stackmend-sandbox-escalation",
        "alert_topic_arn": f"arn:aws:sns:{REGION}:{ACCOUNT}:stackmend-sandbox-alerts",
        "escalate_function": "stackmend-sandbox-escalate",
        "runbook_url": "https://runbooks.example.com/stackmend",
        "timings": {"act_timeout_seconds": 120, "machine_timeout_seconds": 3600},
    }
    return Cell.model_validate(given | changed)

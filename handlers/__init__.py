"""What runs in Lambda: entries, the AWS calls behind them, and the pure decisions in `domain`."""

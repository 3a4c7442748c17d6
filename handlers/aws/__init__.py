"""boto3 behind small classes, one per thing that a cell talks to."""

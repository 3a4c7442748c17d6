"""What is deployed: component resources and the typed settings; no boto3, no network."""

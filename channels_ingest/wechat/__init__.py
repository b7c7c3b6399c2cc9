"""What the connector of WeChat Official Accounts is made of."""

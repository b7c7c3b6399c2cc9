"""What the connector of WeCom customer service is made of."""

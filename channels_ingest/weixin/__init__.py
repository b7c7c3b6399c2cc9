"""What WeChat Official Accounts and WeCom have in common: cipher, pushes, calls, error codes."""

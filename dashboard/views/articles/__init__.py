"""The help centre as agents write it: articles, their versions, service notices."""

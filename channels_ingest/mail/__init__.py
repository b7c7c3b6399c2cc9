"""What the e-mail connector knows about mail: charsets, headers, MIME, IMAP and SMTP."""

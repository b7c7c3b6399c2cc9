"""What the QQ connector is made of. No Django here."""

"""Emulators of vendors: they keep the vendors' rules over a real socket. No Django."""

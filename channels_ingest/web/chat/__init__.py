"""The live chat: its frame, what the frame fetches and sends, and the socket that hints."""

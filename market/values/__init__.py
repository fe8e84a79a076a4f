"""Values without I/O: money, dates, parties, texts, ids. Standard library only; imports nothing of ours."""

"""The rules, one module each: from candidates to violations."""

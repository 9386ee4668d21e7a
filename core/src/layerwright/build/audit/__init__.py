"""The audit: what of an application is known to be vulnerable or malicious, by the advisories of a database."""

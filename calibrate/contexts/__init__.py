"""Logs of tasks that differ: what each context tells, what it borrows from the others, and what to do in each."""

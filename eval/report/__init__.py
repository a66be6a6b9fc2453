"""Reports: what a bench or a run has left on disk, read, charted and written as pages and text."""

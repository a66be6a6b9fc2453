"""A calibration and the advice that follows, as text, as charts and as a page."""

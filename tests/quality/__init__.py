"""Measurements with floors: run by hand and by the quality gate, on data that stays outside the project."""

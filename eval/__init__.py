"""How learned policies are judged, drawn and reported."""

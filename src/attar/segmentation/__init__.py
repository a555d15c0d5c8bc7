"""Where characters as readers see them, and sentences, end (Unicode text segmentation, UAX #29)."""

"""Linking: arrays in, arrays out. It knows no file, no table, no networkx."""

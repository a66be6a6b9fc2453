"""Other libraries' ways of taking `routing_v0`: a module for each that needs more than an option.

Each imports its library, which is no dependency of the project, and nothing imports it by itself.
"""

"""Plugins that come along: five departments of a demonstration county, and the reader of documents.

Each is written as an outsider would write it: it imports nothing but `burdenlib`.
"""

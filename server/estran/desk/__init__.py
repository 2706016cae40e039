"""The officer's desk: server-rendered pages. Owns no table; calls the rooms' services and shows what they answer.

Every page works without a script, at 320 pixels and at twice the text size. A form that cannot be used comes back with all
that was typed (422); one that can ends in a redirect (303), so that going back or sending twice does no harm.
"""

"""Receipts: which messages reached a phone, which were seen, and whom a receipt proves to have been accepted."""
